/** Replicas that seal their history while everything fails that may fail. */

import { assert, assertEquals } from "@std/assert";
import { runSealing } from "./sealing.ts";

const schedules = 90;

/** These happen seldom, and those in so few schedules perhaps not at all. */
const rare = ["healed", "ended", "unreadable", "forced", "flipped"];
const rarest = ["cut", "lost", "mended", "renewed", "refused"];

Deno.test(`history is sealed, named, kept and read in ${schedules} schedules`, () => {
  const sums = new Map<string, number>();
  for (let seed = 1; seed <= schedules; seed++) {
    try {
      const { sealing } = runSealing(seed).world;
      for (const [key, count] of Object.entries(sealing)) sums.set(key, (sums.get(key) ?? 0) + count);
    } catch (error) {
      throw new Error(`With seed ${seed}`, { cause: error });
    }
  }
  for (const [key, sum] of sums) {
    assert(sum >= (rarest.includes(key) ? 0 : rare.includes(key) ? 1 : 4), `${key}: ${sum}`);
  }
});

Deno.test("a trace changes nothing, also where a damaged disk keeps a replica from starting", () => {
  for (const seed of [80_291_711, 80_207_629]) {
    const lines: string[] = [];
    const [plain, traced] = [runSealing(seed), runSealing(seed, (line) => lines.push(line))];
    assertEquals(traced.result, plain.result, `seed ${seed}`);
    assert(lines.some((line) => /^r\d+ cannot start: .* is damaged/.test(line)), `seed ${seed}`);
  }
});

Deno.test("a batch of entries may need a document beside eight reports", () => {
  runSealing(80_303_492);
});
