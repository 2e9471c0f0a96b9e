/**
 * Schedules in which replicas seal.
 *
 * @module
 */

import { Random } from "../../src/simulator/random.ts";
import type { ProfileName } from "./profiles.ts";
import { runSchedule } from "./schedule.ts";
import { World } from "./world.ts";

const names: readonly ProfileName[] = ["disks", "busy", "troubled", "slow"];

/** Runs the schedule of a seed, has all survivors seal what they can, and returns the world. */
export function sealingSchedule(seed: number, trace?: (line: string) => void): World {
  let world: World | undefined;
  runSchedule(seed, {
    profile: names[seed % names.length],
    trace,
    world: (options) => world = new World({ ...options, sealing: new Random(seed + 0x5ea1) }),
  });
  world!.sealAll();
  return world!;
}
