/**
 * Counts of what happened in many schedules, by their kind.
 *
 * @module
 */

import type { ScheduleResult } from "./schedule.ts";

/** Counts of what happened in some schedules. */
export interface Tally {
  schedules: number;
  failed: number;
  steps: number;
  requests: number;
  answered: number;
  /** View changes. */
  views: number;
  /** What sealing came to, by what it is; none where nothing is sealed. */
  readonly sealing: Map<string, number>;
}

/** The counts of each kind, by its text. */
export type Tallies = Map<string, Tally>;

function tallyOf(tallies: Tallies, kind: string): Tally {
  let tally = tallies.get(kind);
  if (tally === undefined) {
    const none = { schedules: 0, failed: 0, steps: 0, requests: 0, answered: 0, views: 0 };
    tallies.set(kind, tally = { ...none, sealing: new Map() });
  }
  return tally;
}

/** Counts a schedule; without a result, it has failed. */
export function count(tallies: Tallies, kind: string, result: ScheduleResult | undefined): void {
  const { steps, requests, answered, views } = result ?? { steps: 0, requests: 0, answered: 0, views: 1 };
  const failed = result === undefined ? 1 : 0;
  const sealing = new Map(Object.entries(result?.sealing ?? {}));
  add(tallies, new Map([[kind, { schedules: 1, failed, steps, requests, answered, views: views - 1, sealing }]]));
}

/** Adds what was counted elsewhere. */
export function add(tallies: Tallies, others: Tallies): void {
  for (const [kind, { sealing, ...other }] of others) {
    const tally = tallyOf(tallies, kind);
    for (const key of Object.keys(other) as (keyof typeof other)[]) tally[key] += other[key];
    for (const [what, count] of sealing) tally.sealing.set(what, (tally.sealing.get(what) ?? 0) + count);
  }
}

/** Everything, whatever the kind. */
export function sumOf(tallies: Tallies): Tally {
  const sum: Tallies = new Map();
  for (const tally of tallies.values()) add(sum, new Map([["", tally]]));
  return tallyOf(sum, "");
}

/** A line for each kind. */
export function linesOf(tallies: Tallies): string[] {
  return [...tallies].sort(([a], [b]) => a < b ? -1 : 1).map(([kind, { schedules, failed, steps, views }]) => {
    const verdict = failed === 0 ? "no violation" : `${failed} FAILED`;
    return `${kind.padEnd(26)} ${String(schedules).padStart(9)} schedules, ${steps} steps, ${views} view changes: ` +
      verdict;
  });
}
