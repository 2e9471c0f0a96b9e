import { assert, assertEquals, assertMatch } from "@std/assert";
import { fullnessOf, largestLog } from "../../src/database/fullness.ts";

const bytesMax = 2 ** 30 - 2 ** 16;

Deno.test("fullnessOf() says how full a log is, and from 80 % on what to do", () => {
  assertEquals(fullnessOf({ bytes: 0, bytesMax })?.text, "The log is 0 % full (0 of 1024 MiB)");
  assertEquals(fullnessOf({ bytes: 2 ** 20 * 1.25, bytesMax })?.text, "The log is 0 % full (1.3 of 1024 MiB)");
  const below = fullnessOf({ bytes: Math.floor(0.8 * bytesMax) - 1, bytesMax })!;
  assertEquals([below.percent, below.isWarning, below.isFull], [79, false, false]);
  const above = fullnessOf({ bytes: Math.ceil(0.8 * bytesMax), bytesMax })!;
  assertEquals([above.percent, above.isWarning, above.isFull], [80, true, false]);
  assertMatch(
    above.text,
    /^The log is 80 % full \(819 of 1024 MiB\); before it is full, keep a backup, and continue with more /,
  );
});

Deno.test("fullnessOf() says 100 % where changes are refused, and only there", () => {
  const almost = fullnessOf({ bytes: bytesMax, bytesMax })!;
  assertEquals([almost.percent, almost.isFull], [99, false]);
  const full = fullnessOf({ bytes: bytesMax + 1, bytesMax })!;
  assertEquals([full.percent, full.isFull, full.isWarning], [100, true, true]);
  assertMatch(full.text, /^The log is full \(1024 of 1024 MiB\), and every change is refused: keep a backup/);
  assertEquals(fullnessOf({ bytes: 5, bytesMax: 0 }), undefined);
});

Deno.test("largestLog() is that of the replica that is furthest", () => {
  const sizes = [[1, 10], [7, 10], [3, 10]].map(([logBytes, logBytesMax]) => ({ logBytes, logBytesMax }));
  assertEquals(largestLog(sizes), { bytes: 7, bytesMax: 10 });
  assertEquals(largestLog([]), { bytes: 0, bytesMax: 0 });
  assert(fullnessOf(largestLog([])) === undefined);
});
