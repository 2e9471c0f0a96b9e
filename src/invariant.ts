/**
 * Invariants: what the reasons of the protocol rest on, checked where it must hold.
 *
 * @module
 */

/** Something holds that cannot be: there is a fault in this program, or in the memory that it runs in. */
export class InvariantError extends Error {
  override name = "InvariantError";
}

/**
 * Checks an invariant.
 *
 * @param holds whether it holds.
 * @param text the invariant as a statement, for the person who reads the failure.
 * @throws {InvariantError} if it does not hold: the process must stop.
 */
export function invariant(holds: boolean, text: string): asserts holds {
  if (!holds) throw new InvariantError(`The invariant is broken: ${text}`);
}
