/**
 * Makes a world of the protocol, the simulator and the scenarios in which one rule is broken.
 *
 * @module
 */

import type { ScheduleOptions, ScheduleResult } from "../simulator/schedule.ts";
import type { explore } from "../exploration/explore.ts";
import type { Sites } from "../../src/database/store/sites.ts";
import type { World } from "../simulator/world.ts";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";

/** The parts of that world that tests use. */
export interface MutatedSimulator {
  /** Runs the schedule of a seed. */
  runSchedule(seed: number, options?: ScheduleOptions): ScheduleResult;
  /** Runs the flood of a seed. */
  runFlood(seed: number): number;
  /** Runs a scenario, for what it expects; its trace may differ. */
  runScenario(text: string): string;
  /** Looks at every state of a small world. */
  readonly explore: typeof explore;
  /** What schedules run in. */
  readonly World: typeof World;
  /** The database, and how many blocks a request of it may read. */
  readonly Sites: typeof Sites;
  readonly blocksPerRequestMax: number;
}

/** What breaks nothing. */
export const unchanged: Mutant = { name: "none", file: "clock.ts", from: "++this.#time", to: "++this.#time" };

/**
 * Limits so small that what depends on them happens in a short schedule: checkpoints in the middle of a view, snapshots
 * in several pieces, newcomers that have missed more than is kept.
 */
const smallLimits: Readonly<Record<string, number>> = {
  snapshotPieceBytes: 200,
  followLagMax: 3,
  followLagBytesMax: 600,
  recentBytesMax: 300,
  followedBytesMax: 300,
  followBytesMax: 200,
  checkpointAfterBytes: 400,
  pendingBytesMax: 800,
  sessionShareBytes: 300,
  retainedBytesMax: 1_000,
};

/** The same where commands are those of the database, which are longer: clients have the room that they need. */
const smallLimitsOfSites: Readonly<Record<string, number>> = {
  ...smallLimits,
  pendingBytesMax: 1 << 20,
  sessionShareBytes: 1 << 18,
  retainedBytesMax: 1 << 20,
  blocksPerRequestMax: 8,
  blocksPerPageMax: 3,
};

/**
 * The simulator, with a change of what it runs.
 *
 * @param isOpen whether private fields become fields that everybody can read, as the exploration needs it.
 * @throws {Error} if the text that the mutant replaces does not occur exactly once: the mutant must be brought up to
 * date.
 */
export function simulatorWith(mutant: Mutant, isOpen = false): MutatedSimulator {
  const exportsOf = changedModules((text, file) => {
    if (file === "src/limits.ts" && (mutant.small || mutant.flood)) text = withSmallLimits(text, mutant.small);
    if (file.startsWith("src/")) text = mutated(text, mutant, file.slice("src/".length));
    return isOpen ? opened(text) : text;
  });
  return {
    ...exportsOf("tests/simulator/schedule.ts"),
    ...exportsOf("tests/simulator/flood.ts"),
    ...exportsOf("tests/simulator/world.ts"),
    ...exportsOf("tests/scenarios/runner.ts"),
    ...exportsOf("tests/exploration/explore.ts"),
    // Few need it.
    get Sites() {
      return exportsOf("src/database/store/sites.ts").Sites;
    },
    get blocksPerRequestMax() {
      return exportsOf("src/limits.ts").blocksPerRequestMax;
    },
  } as unknown as MutatedSimulator;
}

/** A source text whose private fields everybody can read. */
function opened(text: string): string {
  return text.replace(/(?<![\w"'`$])#(?=[a-zA-Z])/g, "_");
}

/**
 * The text of `limits.ts` with small limits.
 *
 * @throws {Error} if one of them is not there.
 */
export function withSmallLimits(text: string, small: Mutant["small"] = true): string {
  return Object.entries(small === "sites" ? smallLimitsOfSites : smallLimits).reduce((text, [name, value]) => {
    const parts = text.split(new RegExp(`(?<=export const ${name} = )[^;]*(?=;)`));
    if (parts.length !== 2) throw new Error(`There is no limit "${name}"`);
    return parts.join(String(value));
  }, text);
}

/**
 * The text of a file below `src/` with the mutant's changes of it.
 *
 * @throws {Error} if a text that it replaces does not occur exactly once.
 */
export function mutated(text: string, { name, file: first, from, to, also = [] }: Mutant, file = first): string {
  let result = text;
  for (const [before, after, changed = first] of [[from, to] as const, ...also]) {
    if (changed !== file) continue;
    const parts = result.split(before);
    if (parts.length !== 2) {
      throw new Error(`Cannot make the mutant "${name}": its text occurs ${parts.length - 1} times`);
    }
    result = parts.join(after);
  }
  return result;
}
