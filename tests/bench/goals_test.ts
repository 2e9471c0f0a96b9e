import { assert, assertEquals } from "@std/assert";
import { checkGoals, type Goal } from "../../bench/goals.ts";
import type { Results } from "../../bench/results.ts";
import { resultsOf, sample } from "./samples.ts";

/** The values found for the goals that were measured. */
function found(results: Results): string[] {
  const say = ({ name, found, isReached }: Goal) => `${name}: ${found} ${isReached ? "reached" : "missed"}`;
  return checkGoals(results).filter(({ isReached }) => isReached !== undefined).map(say);
}

Deno.test("checkGoals() takes nothing for reached that was not measured", () => {
  assertEquals(found(resultsOf({})), []);
});

Deno.test("checkGoals() compares with the limit, and with what must be reached here", () => {
  assertEquals(found(resultsOf({ "t3-1x256": [260_000, 600_000] })), [
    "commands/s, 1 × 256: 0.43 times (0.43 to 0.43, 3 runs) missed",
    "commands/s, 1 × 256: 260,000/s reached",
  ]);
});

Deno.test("checkGoals() says how far the runs of a ratio lie apart", () => {
  const results = resultsOf({});
  results.addRow("t3-64x1", "64 × 1", [900, 1500, 2400].map(sample), [1000, 1000, 1000].map(sample));
  assertEquals(found(results), [
    "p50, 64 × 1: 0.67 times (0.42 to 1.11, 3 runs) reached",
    "commands/s, 64 × 1: 1.50 times (0.90 to 2.40, 3 runs) reached",
  ]);
});

Deno.test("checkGoals() takes reads from rows of their own", () => {
  const rows = { "t3-1x1-reads": [1_000, 1_000], "t3-1x256-reads": [1_400, 1_000] } as const;
  assertEquals(found(resultsOf(rows)), [
    "reads: p50, 1 × 1: 1.00 times (1.00 to 1.00, 3 runs) missed",
    "reads: commands/s, 1 × 256: 1.40 times (1.40 to 1.40, 3 runs) reached",
  ]);
});

Deno.test("checkGoals() compares four sessions with one by what the limit does", () => {
  // A third less than one session has, where the limit loses a quarter.
  const rows = { "t3-1x256-beside": [300_000, 600_000], "t3-4x64": [200_000, 450_000] } as const;
  assertEquals(found(resultsOf(rows)), ["4 × 64 against 1 × 256: 0.89 times reached"]);
});

Deno.test("checkGoals() takes the worst window of more replicas", () => {
  const rows = {
    "t3-1x1": [400, 1000],
    "t3-1x16": [500, 1000],
    "t5-1x1": [360, 1000],
    "t5-1x16": [350, 1000],
  } as const;
  assert(found(resultsOf(rows)).includes("t = 5, worst window: 0.70 times missed"));
});

Deno.test("checkGoals() looks at the median gap, and at the worst", () => {
  const results = resultsOf({});
  results.addFact("kill-all", "gap", "ms", [12, 20, 60]);
  assertEquals(found(results), [
    "gap, kill -9 under load, median: 20 ms reached",
    "gap, kill -9 under load, worst: 60 ms missed",
  ]);
});
