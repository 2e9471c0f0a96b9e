import { assert, assertEquals } from "@std/assert";
import { checkGoals, type Goal } from "../../bench/goals.ts";
import type { Results } from "../../bench/results.ts";
import { resultsOf } from "./samples.ts";

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
    "1 × 256: 43 % missed",
    "1 × 256: 260,000/s reached",
  ]);
});

Deno.test("checkGoals() compares four sessions with one by what the limit does", () => {
  // A third less than one session has, where the limit loses a quarter.
  const rows = { "t3-1x256-beside": [300_000, 600_000], "t3-4x64": [200_000, 450_000] } as const;
  assertEquals(found(resultsOf(rows)), ["4 × 64 against 1 × 256: 89 % reached"]);
});

Deno.test("checkGoals() takes the worst window of more replicas", () => {
  const rows = {
    "t3-1x1": [400, 1000],
    "t3-1x16": [500, 1000],
    "t5-1x1": [360, 1000],
    "t5-1x16": [350, 1000],
  } as const;
  assert(found(resultsOf(rows)).includes("t = 5, worst window: 70 % missed"));
});

Deno.test("checkGoals() looks at the median gap, and at the worst", () => {
  const results = resultsOf({});
  results.addFact("kill-all", "gap", "ms", [12, 20, 160]);
  assertEquals(found(results), [
    "gap, kill -9 under load, median: 20 ms reached",
    "gap, kill -9 under load, worst: 160 ms missed",
  ]);
});
