/**
 * Makes a copy of the protocol and the simulator in which one rule is broken.
 *
 * @module
 */

import type { ScheduleOptions, ScheduleResult } from "../simulator/schedule.ts";
import type { Mutant } from "./mutants.ts";

/** The part of the mutated simulator that tests use. */
export interface MutatedSimulator {
  runSchedule(seed: number, options?: ScheduleOptions): ScheduleResult;
}

const root = new URL("../../", import.meta.url);
const folders = ["src/", "src/protocol/", "tests/simulator/"];

/**
 * Copies what the simulator needs to a folder of its own, changes it, and imports it from there.
 *
 * @throws {Error} if the text that the mutant replaces does not occur exactly once: the mutant must be brought up to date.
 */
export async function simulatorWith(mutant: Mutant, folder: string): Promise<MutatedSimulator> {
  const target = new URL(`file://${folder}/`);
  for (const path of folders) {
    await Deno.mkdir(new URL(path, target), { recursive: true });
    for await (const entry of Deno.readDir(new URL(path, root))) {
      // The simulator's command line is not needed, and has imports that only the project's configuration resolves.
      if (!entry.isFile || !entry.name.endsWith(".ts") || entry.name === "main.ts" || entry.name.endsWith("_test.ts")) {
        continue;
      }
      let text = await Deno.readTextFile(new URL(path + entry.name, root));
      if (path + entry.name === `src/${mutant.file}`) {
        const parts = text.split(mutant.from);
        if (parts.length !== 2) {
          throw new Error(`Cannot make the mutant "${mutant.name}": its text occurs ${parts.length - 1} times`);
        }
        text = parts.join(mutant.to);
      }
      await Deno.writeTextFile(new URL(path + entry.name, target), text);
    }
  }
  return await import(new URL("tests/simulator/schedule.ts", target).href);
}
