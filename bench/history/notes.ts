/**
 * What a replica that is measured says of its work.
 *
 * @module
 */

/** The lines that it writes to its standard error. */
export const notes = { sealed: "sealed a segment", checkpointed: "wrote a checkpoint" } as const;
