/** The texts beside the axes of a plot. */

import { assertEquals } from "@std/assert";
import { countTexts, roomFor, timeTexts } from "../../src/http/page/plot_axes.ts";

const at = (...local: [number, number, number, number?, number?, number?]) => new Date(...local).getTime() / 1_000;

Deno.test("timeTexts() are days in ISO 8601 where the ticks are days apart", () => {
  assertEquals(timeTexts([at(2026, 10, 24), at(2026, 11, 1)], 7 * 86_400), ["2026-11-24", "2026-12-01"]);
});

Deno.test("timeTexts() are times of the day, with the day below the first one of each", () => {
  const ticks = [at(2026, 10, 24, 12), at(2026, 10, 24, 18), at(2026, 10, 25), at(2026, 10, 25, 6)];
  assertEquals(timeTexts(ticks, 6 * 3_600), ["12:00\n2026-11-24", "18:00", "00:00\n2026-11-25", "06:00"]);
  assertEquals(timeTexts([at(2026, 10, 24, 12, 0, 5)], 5), ["12:00:05\n2026-11-24"]);
});

Deno.test("countTexts() are whole numbers, and True where nothing was counted", () => {
  const plain = { top: 2_000_000, hasYes: false };
  assertEquals(countTexts([0, 1_000_000, 2_000_000], plain), ["0", "1,000,000", "2,000,000"]);
  assertEquals(countTexts([0, 0.5, 1], plain), ["0", "", "1"]);
  assertEquals(countTexts([0, 0.5, 1], { top: 1, hasYes: true }), ["0", "", "True"]);
});

Deno.test("roomFor() is that of the widest text, and never less than is needed anyway", () => {
  const widthOf = (text: string) => text.length * 7;
  assertEquals(roomFor(["0", "1,000,000"], widthOf, 9, 40), 72);
  assertEquals(roomFor(["0"], widthOf, 9, 40), 40);
  assertEquals(roomFor([], widthOf, 9, 40), 40);
});
