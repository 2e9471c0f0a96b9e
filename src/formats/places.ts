/**
 * Where in an input something stands, and problems told of that place.
 *
 * @module
 */

import { effectOf, type ProblemKind } from "./problem_kinds.ts";
import type { OnProblem } from "./records.ts";

/** A line of an input. */
export interface Place {
  /** The file, where there are several. */
  readonly file?: string;
  /** The line, from 1. */
  readonly line: number;
}

/** Tells problems of one place. */
export type Tell = (kind: ProblemKind, what: string) => void;

/** Tells a problem of a place; whether it is certain follows from its kind. */
export function tellAt(onProblem: OnProblem, { file, line }: Place, kind: ProblemKind, what: string): void {
  const certain = effectOf(kind) !== "refused";
  onProblem(file === undefined ? { line, what, kind, certain } : { file, line, what, kind, certain });
}
