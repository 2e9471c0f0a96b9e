import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareNames, countBefore } from "../../src/database/name_order.ts";

Deno.test("compareNames() orders as UTF-8 does", () => {
  const encoder = new TextEncoder();
  const byBytes = (a: string, b: string) => {
    const [x, y] = [encoder.encode(a), encoder.encode(b)];
    const at = x.findIndex((byte, at) => byte !== y[at]);
    return at < 0 ? x.length - y.length : x[at] - (y[at] ?? -1);
  };
  const unicode = fc.string({ unit: fc.constantFrom("a", "b", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}") });
  fc.assert(fc.property(unicode, unicode, (a, b) => {
    assertEquals(Math.sign(compareNames(a, b)), Math.sign(byBytes(a, b)));
  }));
});

Deno.test("countBefore() finds the point in a sorted array, also at its ends", () => {
  const items = [1, 3, 3, 7];
  assertEquals([0, 1, 3, 4, 9].map((value) => countBefore(items, (item) => item < value)), [0, 0, 1, 3, 4]);
  assertEquals(countBefore([], () => true), 0);
});
