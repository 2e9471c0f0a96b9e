/**
 * The kinds of schedules: the seed decides of which kind its schedule is.
 *
 * @module
 */

import { simulatorWith, unchanged } from "../mutations/mutate.ts";
import { runSealing, sealingIn, type SealingSimulator, usual } from "./sealing.ts";
import type { ProfileName } from "./profiles.ts";
import type { ScheduleResult } from "./schedule.ts";

/** A kind of schedule. */
export interface Kind {
  readonly profile: ProfileName;
  /** Whether limits are so small that what depends on them happens. */
  readonly small?: boolean;
}

/** The kinds in turn: what is slow or seldom of use comes less often. */
const turns: readonly Kind[] = [
  { profile: "troubled" },
  { profile: "slow" },
  { profile: "disks" },
  { profile: "sessions" },
  { profile: "troubled", small: true },
  { profile: "slow" },
  { profile: "disks", small: true },
  { profile: "troubled" },
  { profile: "busy" },
  { profile: "slow", small: true },
  { profile: "lone" },
  { profile: "lone", small: true },
  { profile: "liars" },
  { profile: "liars", small: true },
  { profile: "sealing" },
  { profile: "sealing", small: true },
  { profile: "full" },
];

/** The kind of a seed's schedule, unless only one kind is wanted. */
export function kindOf(seed: number, only?: Kind): Kind {
  return only ?? turns[seed % turns.length];
}

/** A kind as people read it. */
export function kindText({ profile, small }: Kind): string {
  return small ? `${profile} with small limits` : profile;
}

/** The command that repeats the schedule of a seed. */
export function repeatText(seed: number, { profile, small }: Kind, isMonitored: boolean): string {
  return `deno task sim ${isMonitored ? "--monitor " : ""}--profile ${profile}${small ? " --small" : ""} ` +
    `--seed ${seed} --trace`;
}

/** Runs the schedule of a seed; a violation is thrown. */
export type Run = (seed: number, kind: Kind, trace?: (line: string) => void) => ScheduleResult;

/**
 * Loads what runs schedules.
 *
 * @param isMonitored whether every message is checked, too, except where limits are small.
 * @param isCounted whether branches are counted by their text: then all that runs must come from the same source.
 */
export async function loadRun(isMonitored: boolean, isCounted = false): Promise<Run> {
  const checked = isMonitored ? (await import("../monitor/monitored_world.ts")).MonitoredWorld.checked : undefined;
  const plain = isCounted ? { ...sealingIn(simulatorWith(unchanged)), isSound: true } : usual;
  const usualRun = runIn(checked === undefined ? plain : { ...plain, world: checked });
  // Those with small limits have worlds of their own.
  const small = runIn(sealingIn(simulatorWith({ ...unchanged, small: true })));
  const smallSealing = runIn({
    ...sealingIn(simulatorWith({ ...unchanged, small: "sites" })),
    isSound: isCounted,
  });
  return (seed, kind, trace) => {
    const run = !kind.small ? usualRun : kind.profile === "sealing" ? smallSealing : small;
    return run(seed, kind, trace);
  };
}

function runIn(simulator: SealingSimulator): Run {
  const { runSchedule, world } = simulator;
  return (seed, { profile }, trace) => {
    if (profile === "sealing") return runSealing(seed, trace, simulator).result;
    return runSchedule(seed, { profile, trace, world });
  };
}
