/**
 * Where in an input something stands, and problems told of that place.
 *
 * @module
 */

import { effectOf, type ProblemKind } from "./problem_kinds.ts";
import type { OnProblem } from "./records.ts";
import { orElse } from "./refusal.ts";

/** A line of an input. */
export interface InputPlace {
  /** The file, where there are several. */
  readonly file?: string;
  /** The line, from 1. */
  readonly line: number;
}

/** Tells problems of one place. */
export type TellProblem = (kind: ProblemKind, what: string) => void;

/** Tells a problem of a place; whether it is certain follows from its kind. */
export function tellAt(onProblem: OnProblem, { file, line }: InputPlace, kind: ProblemKind, what: string): void {
  const certain = effectOf(kind) !== "refused";
  onProblem(file === undefined ? { line, what, kind, certain } : { file, line, what, kind, certain });
}

/**
 * Makes something of a line, and tells what was wrong with it. Repairs of what is refused in the end are nobody's
 * concern: then the refusal alone is told.
 *
 * @param make throws a {@link InputRefusal} if nothing certain can be made of it.
 * @returns undefined if it was refused.
 */
export function madeOf<T>(place: InputPlace, onProblem: OnProblem, make: (tell: TellProblem) => T): T | undefined {
  const told: [ProblemKind, string][] = [];
  return orElse(() => {
    const made = make((kind, what) => told.push([kind, what]));
    for (const [kind, what] of told) tellAt(onProblem, place, kind, what);
    return made;
  }, ({ kind, message }) => {
    tellAt(onProblem, place, kind, message);
    return undefined;
  });
}
