import { assertEquals, assertThrows } from "@std/assert";
import { quantile, ratioOf, scatterOf, spreadOf } from "../../bench/statistics.ts";

Deno.test("quantile() takes values between neighbours in proportion", () => {
  assertEquals(quantile([10], 0.99), 10);
  assertEquals(quantile([10, 20], 0.5), 15);
  assertEquals(quantile([0, 1, 2, 3, 4], 0.25), 1);
  assertEquals(quantile([0, 100], 0.99), 99);
  assertEquals(quantile([1, 2, 3], 0), 1);
  assertEquals(quantile([1, 2, 3], 1), 3);
});

Deno.test("quantile() of nothing is an error", () => {
  assertThrows(() => quantile([], 0.5), RangeError, "there is no value");
});

Deno.test("spreadOf() sorts by size and not by digits", () => {
  assertEquals(spreadOf([100, 9, 20]), { median: 20, min: 9, max: 100, count: 3 });
  assertEquals(spreadOf([4, 1, 3, 2]).median, 2.5);
});

Deno.test("ratioOf() compares each run with the one beside it", () => {
  // The machine was ten times slower in the second turn, for both.
  assertEquals(ratioOf([50, 5], [100, 10]), { median: 0.5, min: 0.5, max: 0.5, count: 2 });
});

Deno.test("scatterOf() looks at the middle half, so that one bad run of many does not count", () => {
  assertEquals(scatterOf([10, 10, 10, 10, 10, 10, 90]), 0);
  assertEquals(scatterOf([8, 9, 10, 11, 12]), 0.2);
});
