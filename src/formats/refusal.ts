/**
 * Why something of an input cannot be taken.
 *
 * @module
 */

import type { ProblemKind } from "./problem_kinds.ts";

/** Thrown where a record is read, and told as a problem of its line: it never leaves the formats. */
export class InputRefusal extends Error {
  /** The name of the class. */
  override name = "Refusal";
  /** What sort of problem it is. */
  readonly kind: ProblemKind;

  /** @param what one line: what is wrong, with the value in quotes, and what to do. */
  constructor(kind: ProblemKind, what: string) {
    super(what);
    this.kind = kind;
  }
}

/** What `make` gives, or, if it refuses, what `otherwise` gives. */
export function orElse<T>(make: () => T, otherwise: (refusal: InputRefusal) => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof InputRefusal)) throw error;
    return otherwise(error);
  }
}
