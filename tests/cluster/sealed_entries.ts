/**
 * How real processes seal in tests.
 *
 * @module
 */

/** Entries of a segment. */
export const sealedEntries = 4;
