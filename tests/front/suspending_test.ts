import { assertEquals } from "@std/assert";
import { oncePerPress } from "../../src/front/suspending.ts";

Deno.test("oncePerPress() takes two signals of one press for one, and two presses for two", () => {
  let at = 0;
  let presses = 0;
  const signal = oncePerPress(() => presses++, () => at);
  for (at of [1_000, 1_020, 2_600, 2_601, 9_000]) signal();
  assertEquals(presses, 3);
});
