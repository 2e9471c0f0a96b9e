import { assertEquals } from "@std/assert";
import { reachable, runSeeds } from "./campaign.ts";

Deno.test("nodes on an engine that does everything wrong keep one order, and nothing is lost, doubled or stale", () => {
  const { failures, counts } = runSeeds(1, 1_000);
  assertEquals(failures, []);
  assertEquals(reachable.filter((what) => !counts.has(what)), [], "never reached");
});
