/** How long a newcomer still fetches. */

import { assertEquals } from "@std/assert";
import { Pace } from "../../src/cluster/pace.ts";

/** What a pace says after these words at these moments. */
function leftMs(nowMs: number, ...heard: readonly (readonly [percent: number | undefined, atMs: number])[]) {
  const pace = new Pace();
  for (const [percent, atMs] of heard) pace.heard(percent, atMs);
  return pace.leftMs(nowMs);
}

Deno.test("Pace knows nothing before it has seen two rises: what a folder has is there at once", () => {
  assertEquals(leftMs(0), undefined);
  assertEquals(leftMs(9_000, [0, 1_000], [0, 2_000], [60, 3_000], [60, 4_000]), undefined);
});

Deno.test("Pace goes by the pace since the first rise, and time that passes without one counts", () => {
  // 1 % takes 2 s.
  const heard = [[0, 1_000], [60, 3_000], [60, 4_000], [61, 5_000], [61, 6_000], [62, 7_000]] as const;
  assertEquals(leftMs(7_000, ...heard), 76_000);
  assertEquals(leftMs(8_000, ...heard), 75_000);
  assertEquals(leftMs(500_000, ...heard), 0);
});

Deno.test("Pace forgets what was slower long ago", () => {
  const slow = Array.from({ length: 5 }, (_, at) => [at, at * 10_000] as const);
  const fast = Array.from({ length: 10 }, (_, at) => [5 + at, 50_000 + at * 1_000] as const);
  assertEquals(leftMs(59_000, ...slow, ...fast), 86_000);
});

Deno.test("Pace begins again when another fetch begins, or none is under way", () => {
  const before = [[0, 0], [10, 1_000], [20, 2_000]] as const;
  assertEquals(leftMs(2_000, ...before), 8_000);
  assertEquals(leftMs(3_000, ...before, [undefined, 3_000]), undefined);
  assertEquals(leftMs(3_000, ...before, [5, 3_000]), undefined);
});
