/**
 * What a broken rule is.
 *
 * A mutant is a change of the source text, so the code that runs has no switch for it. Where a scenario is named, it
 * must fail; where a seed is named, its schedule must, or, if schedules have changed since, that of another one. Each
 * mutant has a seed, or says why random schedules do not catch it: `deno task seeds` searches for seeds.
 *
 * @module
 */

import type { ProfileName } from "../simulator/profiles.ts";

/** Why random schedules do not catch a mutant, where several have the same reason. */
export const reasons = {
  cost: "it breaks no claim, and costs messages, memory or a view change",
  liar: "the rule is about a client that lies in just this way, and that of random schedules seldom does",
  damage: "only a disk that is wrong and passes its checksums leads there",
  rare: "several rare events must meet: none of the first seeds of each profile catches it",
  defence: "by T2 nobody comes to where it counts: the rule is a second line of defence",
} as const;

/** One broken rule. */
export interface Mutant {
  /** The rule, and what is wrong with it. */
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Text that occurs there once. */
  readonly from: string;
  readonly to: string;
  /** More changes, as `from` and `to`: in the same file, or in another one below `src/`. */
  readonly also?: readonly (readonly [from: string, to: string, file?: string])[];
  /** The scenario that finds it. */
  readonly scenario?: string;
  /** A seed that finds it. */
  readonly seed?: number;
  /** The kind of schedules that the seed is for; `troubled` if absent. */
  readonly profile?: ProfileName;
  /** Whether the seed is that of a flood, see `simulator/flood.ts`, which has small limits. */
  readonly flood?: boolean;
  /** Why only a scenario finds it; absent where there is a seed. */
  readonly onlyScenario?: string;
  /**
   * Whether the limits are so small for the seed that everything that depends on them happens, see `mutate.ts`;
   * "sites": where the commands are those of the database.
   */
  readonly small?: boolean | "sites";
}
