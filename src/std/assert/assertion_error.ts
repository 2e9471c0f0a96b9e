/**
 * What a failed assertion throws.
 *
 * @module
 */

/** Something that should hold does not; the message says what. */
export class AssertionError extends Error {
  /** @param message What should have held, and what was there instead. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** The end of a sentence: the caller's own words where there are any. */
export function ending(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}
