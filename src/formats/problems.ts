/**
 * The problems of an input: where they are, what becomes of them, and how a reader tells them.
 *
 * @module
 */

import { ValueError } from "../database/values.ts";
import type { ProblemKind } from "./problem_kinds.ts";

/** A line of an input. */
export interface InputPlace {
  /** The file, where there are several: its URL as the manifest writes it. */
  readonly file?: string;
  /** The line, from 1. */
  readonly line: number;
}

/** Something in an input that was not as it should be, with the line at which it begins. */
export interface ImportProblem extends InputPlace {
  /** One line: what is wrong, with the value in quotes, and what was done or what to do. */
  readonly what: string;
  /** A stable word for problems of this sort; what becomes of them follows from it. */
  readonly kind: ProblemKind;
}

/** Is told each problem at once. */
export type OnProblem = (problem: ImportProblem) => void;

/** Tells problems of one place. */
export type TellProblem = (kind: ProblemKind, what: string) => void;

/** Tells a problem of a place. */
export function tellAt(onProblem: OnProblem, { file, line }: InputPlace, kind: ProblemKind, what: string): void {
  onProblem({ ...file !== undefined && { file }, line, kind, what });
}

/** Thrown where a record cannot be taken, and told as a problem of its line. */
export class InputRefusal extends Error {
  /** The name of the class. */
  override name = "Refusal";

  /**
   * @param kind what sort of problem it is.
   * @param what one line: what is wrong, with the value in quotes, and what to do.
   */
  constructor(readonly kind: ProblemKind, what: string) {
    super(what);
  }
}

/** Refuses what is read. */
export function refuse(kind: ProblemKind, what: string): never {
  throw new InputRefusal(kind, what);
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

/** What the rules of the database make of a value; what they refuse is refused as of that kind. */
export function checkedBy<T>(kind: ProblemKind, parse: () => T, whatWasDone = ""): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    refuse(kind, error.message + whatWasDone);
  }
}

/**
 * Makes something of a line, and tells what was wrong with it. Where the line is refused in the end, its repairs matter
 * to nobody: then only the refusal is told.
 *
 * @param make throws an {@link InputRefusal} if nothing certain can be made of it.
 * @returns undefined if it was refused.
 */
export function madeOf<T>(place: InputPlace, onProblem: OnProblem, make: (tell: TellProblem) => T): T | undefined {
  const told: [ProblemKind, string][] = [];
  return orElse<T | undefined>(() => {
    const made = make((kind, what) => told.push([kind, what]));
    for (const [kind, what] of told) tellAt(onProblem, place, kind, what);
    return made;
  }, ({ kind, message }) => void tellAt(onProblem, place, kind, message));
}
