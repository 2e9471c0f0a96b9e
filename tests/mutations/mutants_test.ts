/**
 * Every broken rule is caught: by the scenario that is named for it, by the seed that is, or by both.
 *
 * What catches a mutant is a claim that does not hold, an `expect` of a scenario that does not hold, or an invariant of
 * the code itself. That a trace differs is not enough.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { scenarios } from "../scenarios/all.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { mutated, type MutatedSimulator, simulatorWith, unchanged, withSmallLimits } from "./mutate.ts";

// How far to search where schedules have changed since a seed was noted.
const seedsMax = 1_500;

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";
const needs = "(needs --allow-read)";

/** Why the scenario fails, or undefined. */
function failureOf({ runScenario }: MutatedSimulator, scenario: string): string | undefined {
  try {
    runScenario(scenarios[scenario]);
    return undefined;
  } catch (error) {
    assert(error instanceof Error);
    // The script itself may not fit what the mutant does, such as a line that delivers a frame that does not exist.
    if (error.name === "ScenarioError" && !error.message.includes('"expect ')) return undefined;
    return error.message;
  }
}

/** Whether the seed finds it: of a flood, or of a schedule of that kind. */
function isCaughtBySeed(
  { runSchedule, runFlood }: MutatedSimulator,
  seed: number,
  { flood = false, profile }: Pick<Mutant, "flood" | "profile"> = {},
): boolean {
  try {
    if (flood) runFlood(seed);
    else runSchedule(seed, { profile });
    return false;
  } catch {
    return true;
  }
}

/** The same with every rule as it is, by whether the limits are small. */
const sound = new Map<boolean, MutatedSimulator>();

/** The seed shows a broken rule only if it shows nothing where no rule is broken. */
function assertIsSound(seed: number, mutant: Mutant): void {
  const small = mutant.small === true || mutant.flood === true;
  let simulator = sound.get(small);
  if (simulator === undefined) sound.set(small, simulator = simulatorWith({ ...unchanged, small }));
  assert(!isCaughtBySeed(simulator, seed, mutant), `seed ${seed} fails though no rule is broken`);
}

for (const mutant of mutants) {
  Deno.test({
    name: `mutant "${mutant.name}" is caught ${needs}`,
    ignore,
    fn: () => {
      const simulator = simulatorWith(mutant);
      if (mutant.scenario !== undefined) {
        assert(failureOf(simulator, mutant.scenario) !== undefined, `scenario ${mutant.scenario} does not catch it`);
      }
      if (mutant.seed === undefined) return;
      let { seed } = mutant;
      if (!isCaughtBySeed(simulator, seed, mutant)) {
        seed = 1;
        while (seed <= seedsMax && !isCaughtBySeed(simulator, seed, mutant)) seed++;
        assert(seed <= seedsMax, `no seed from 1 to ${seedsMax} catches it; deno task seeds searches in all profiles`);
      }
      assertIsSound(seed, mutant);
    },
  });
}

Deno.test({
  name: `no scenario catches what is not mutated ${needs}`,
  ignore,
  fn: () => {
    const simulator = simulatorWith(unchanged);
    for (const name of Object.keys(scenarios)) assertEquals([name, failureOf(simulator, name)], [name, undefined]);
  },
});

Deno.test({
  name: `what has only small limits is not caught ${needs}`,
  ignore,
  fn: () => {
    const simulator = simulatorWith({ ...unchanged, small: true });
    for (let seed = 1; seed <= 300; seed++) assertEquals([seed, isCaughtBySeed(simulator, seed)], [seed, false]);
    for (let seed = 1; seed <= 100; seed++) {
      assertEquals([seed, isCaughtBySeed(simulator, seed, { flood: true })], [seed, false]);
    }
  },
});

Deno.test("every mutant has another name, and a seed that finds it or a reason why only its scenario does", () => {
  assertEquals(new Set(mutants.map(({ name }) => name)).size, mutants.length);
  for (const { name, scenario, seed, onlyScenario } of mutants) {
    assert((seed === undefined) !== (onlyScenario === undefined), `${name}: it has no seed and no reason, or both`);
    assert(seed !== undefined || scenario !== undefined, `${name}: nothing finds it`);
    assert(scenario === undefined || scenario in scenarios, `${name}: there is no scenario ${scenario}`);
  }
});

Deno.test("mutated() insists that the text to replace occurs once", () => {
  const mutant = { name: "m", file: "f", from: "a", to: "b" };
  assertEquals(mutated("1a2", mutant), "1b2");
  assertThrows(() => mutated("1a2a", mutant), Error, 'Cannot make the mutant "m": its text occurs 2 times');
  assertEquals(mutated("1a2", { ...mutant, also: [["2", "3"]] }), "1b3");
  assertThrows(() => mutated("1a22", { ...mutant, also: [["2", "3"]] }), Error, "its text occurs 2 times");
  assertEquals(mutated("1a2", { ...mutant, also: [["2", "3", "g"]] }), "1b2");
  assertEquals(mutated("1a2", { ...mutant, also: [["2", "3", "g"]] }, "g"), "1a3");
  assertThrows(() => mutated("12", mutant), Error, "its text occurs 0 times");
});

Deno.test("withSmallLimits() insists that every limit is there", () => {
  assertThrows(() => withSmallLimits("export const other = 1;\n"), Error, 'There is no limit "snapshotPieceBytes"');
});
