/**
 * The errors of command lines.
 *
 * @module
 */

import { printable } from "../quoted.ts";

/** An argument that makes no sense; the message quotes it and says what to do, in one sentence. */
export class UsageError extends Error {
  /** The name of the class. */
  override name = "UsageError";
}

/**
 * The error for a value that cannot be read.
 *
 * @param name what the value belongs to: `--http`.
 * @param why what it must be.
 */
export function wrongValue(name: string, typed: string, why: string): UsageError {
  return new UsageError(`${name} is "${printable(typed)}": ${why}`);
}
