/**
 * What is wrong with a command line.
 *
 * @module
 */

/** An argument that makes no sense; the message quotes it and says what is wanted, in one sentence. */
export class UsageError extends Error {
  /** The name of the class. */
  override name = "UsageError";
}
