/**
 * Runs the schedules of many seeds.
 *
 * @module
 */

import { runSeed } from "./schedule.ts";

/** Faults, refusals and ways out, each of which a thousand schedules reach at least once. */
export const reachable = [
  "loseAppend",
  "loseAnswer",
  "lateAppend",
  "refuse",
  "loseBarrier",
  "loseEvent",
  "doubleEvent",
  "reorder",
  "back",
  "cut",
  "stall",
  "loseSnapshot",
  "cutLink",
  "muteLink",
  "crash",
  "hour",
  "moved",
  "there already",
  "compacted",
  "reread",
  "epoch",
  "snapshot",
  "trim",
  "event of an old stream",
  "output",
  "read",
  "read refused",
  "unknown",
  "refused: clock",
  "refused: engine",
  "refused: expired",
  "refused: gap",
  "refused: late",
  "sent again",
  "seq used again",
  "told: not done",
  "told: not read",
  "told: unknown",
  "output that nobody waits for",
  "aborted",
  "abandoned",
  "session",
  "expired",
  "ended",
  "reached",
  "left",
  "left: silence",
  "unreachable",
] as const;

/** What many schedules were like. */
export interface Summary {
  readonly schedules: number;
  readonly commands: number;
  readonly counts: ReadonlyMap<string, number>;
  /** A line for each schedule that has failed, with the command that repeats it. */
  readonly failures: readonly string[];
}

/** Runs the schedules from a seed to another one; ends after `failuresMax` have failed. */
export function runSeeds(from: number, to: number, failuresMax = 5): Summary {
  const counts = new Map<string, number>();
  const failures: string[] = [];
  let [schedules, commands] = [0, 0];
  for (let seed = from; seed <= to && failures.length < failuresMax; seed++) {
    schedules++;
    try {
      const outcome = runSeed(seed);
      commands += outcome.commands;
      for (const [what, count] of outcome.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    } catch (error) {
      failures.push(`seed ${seed}: ${error}\n  deno task sim:engine --seed ${seed}`);
    }
  }
  return { schedules, commands, counts, failures };
}
