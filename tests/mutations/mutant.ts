/**
 * What a broken rule is.
 *
 * A mutant is a change of the source text, so the code that runs has no switch for it. Where a scenario is named, it
 * must fail; where a seed is named, its schedule must, or, if schedules have changed since, that of a seed near it.
 *
 * @module
 */

/** One broken rule. */
export interface Mutant {
  /** The rule, and what is wrong with it. */
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Text that occurs there once. */
  readonly from: string;
  readonly to: string;
  /** More changes in the same file, as `from` and `to`. */
  readonly also?: readonly (readonly [from: string, to: string])[];
  /** The scenario that finds it. */
  readonly scenario?: string;
  /** A seed that finds it. */
  readonly seed?: number;
  /** Whether the seed is that of a flood, see `simulator/flood.ts`, which has small limits. */
  readonly flood?: boolean;
  /** Whether the limits are so small for the seed that everything that depends on them happens, see `mutate.ts`. */
  readonly small?: boolean;
}
