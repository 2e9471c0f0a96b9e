import { assertEquals } from "@std/assert";
import { atOnce } from "../../src/steps.ts";
import { inSlices } from "../../src/storage/slices.ts";

function* steps(log: string[]): Generator<number, string> {
  for (let k = 0; k < 3; k++) {
    log.push(`step ${k}`);
    yield k;
  }
  return "done";
}

Deno.test("inSlices() gives others their turn after a slice, and returns what the steps return", async () => {
  const log: string[] = [];
  const work = inSlices(steps(log), 0);
  log.push("others");
  assertEquals([await work, log], ["done", ["step 0", "others", "step 1", "step 2"]]);
  assertEquals(await inSlices(steps([]), Infinity), "done");
});

Deno.test("inSlices() sets the timer for the turn after a slice before it, so it waits for none", async () => {
  const log: string[] = [];
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => {
    log.push("timer");
    return setTimeout(...args);
  }) as typeof setTimeout;
  try {
    await inSlices(steps(log), 0);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEquals(log, ["timer", "step 0", "timer", "step 1", "timer", "step 2", "timer"]);
});

Deno.test("atOnce() does all steps in one turn", () => {
  const log: string[] = [];
  assertEquals([atOnce(steps(log)), log.length], ["done", 3]);
});
