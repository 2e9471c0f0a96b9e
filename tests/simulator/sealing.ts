/**
 * Schedules in which replicas seal.
 *
 * @module
 */

import { Random } from "../../src/simulator/random.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import type { ProfileName } from "./profiles.ts";
import { runSchedule } from "./schedule.ts";
import type { SealingOptions } from "./durable_world.ts";
import { World } from "./world.ts";

const names: readonly ProfileName[] = ["disks", "busy", "troubled", "slow"];

/** How the replicas of a seed seal. */
export function sealingOf(seed: number): SealingOptions {
  return { random: new Random(seed + 0x5ea1), packing: zstdPacking };
}

/** Runs the schedule of a seed, has all survivors seal what they can, and returns the world. */
export function sealingSchedule(seed: number, trace?: (line: string) => void): World {
  return sealedScheduleIn({ runSchedule, World }, seed, trace);
}

/** The same, in a simulator that may have a broken rule. */
export function sealedScheduleIn(
  simulator: { readonly runSchedule: typeof runSchedule; readonly World: typeof World },
  seed: number,
  trace?: (line: string) => void,
): World {
  let world: World | undefined;
  simulator.runSchedule(seed, {
    profile: names[seed % names.length],
    trace,
    world: (options) => world = new simulator.World({ ...options, sealing: sealingOf(seed) }),
  });
  world!.sealAll();
  return world!;
}
