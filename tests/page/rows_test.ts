/** What changes make of the rows that the page shows. */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { byCodePoints } from "../../src/http/mirror.ts";
import { compareNames, drawnOf, listAfter, matches, placeOf, rowAfter, windowOf } from "../../src/http/page/rows.js";

const site = (name: string, availability: number | boolean | "unknown" = 0) => ({
  name,
  zip: "02138",
  availability,
  observedAt: 1,
});
const all = { q: "", zip: "", available: false, retired: false };
const report = (name: string, availability: number, more = {}) => ({
  kind: "report",
  index: 9,
  site: name,
  recordedAt: 5,
  observedAt: 5,
  outOfDate: false,
  availability,
  ...more,
});
const list = { rows: [site("a"), site("c", 3)], next: undefined };
const names = (list: { rows: readonly { name: string }[] }) => list.rows.map(({ name }) => name).join("");

Deno.test("listAfter() shows a report where the site stands, and leaves one alone that came late", () => {
  const after = listAfter(list, report("c", 40, { unit: "doses" }), all);
  assertEquals(after.rows[1], { name: "c", zip: "02138", availability: 40, observedAt: 5, unit: "doses" });
  assertStrictEquals(listAfter(list, report("c", 40, { outOfDate: true }), all), list);
  assertStrictEquals(listAfter(list, report("x", 40), all), list);
});

Deno.test("listAfter() puts a new site in its place, unless that was not loaded yet", () => {
  const added = (site: string) => ({ kind: "added", index: 9, site, zip: "08332", recordedAt: 5 });
  assertEquals(names(listAfter(list, added("b"), all)), "abc");
  assertEquals(names(listAfter(list, added("d"), all)), "acd");
  const more = { ...list, next: "c" };
  assertStrictEquals(listAfter(more, added("d"), all), more);
  assertStrictEquals(listAfter(list, added("b"), { ...all, zip: "02" }), list);
});

Deno.test("listAfter() takes a site out that matches no more, and in when it is known and matches", () => {
  const available = { ...all, available: true };
  assertEquals(names(listAfter({ rows: [site("c", 3)], next: undefined }, report("c", 0), available)), "");
  assertEquals(names(listAfter({ rows: [site("c", 3)], next: undefined }, report("b", 5), available, site("b"))), "bc");
  assertEquals(names(listAfter(list, { kind: "retired", site: "a", reason: "closed" }, all)), "c");
});

Deno.test("rowAfter() keeps a site's reason while it is retired, and drops it when it is reopened", () => {
  const retired = rowAfter(site("a"), { kind: "retired", reason: "closed" });
  assertEquals(retired.retired, "closed");
  assertEquals("retired" in rowAfter(retired, { kind: "reopened" }), false);
  assertEquals([matches(retired, all), matches(retired, { ...all, retired: true })], [false, true]);
});

Deno.test("compareNames() has the order of the database", () => {
  const some = ["", "A", "a", "ab", "\uffee", "\u{1f489}", "é"];
  for (const a of some) {
    for (const b of some) assertEquals(Math.sign(compareNames(a, b)), Math.sign(byCodePoints(a, b)), `${a} ${b}`);
  }
  assertEquals(["", "a", "b", "c", "d"].map((name) => placeOf(list.rows, name)), [0, 0, 1, 1, 2]);
});

Deno.test("windowOf() draws what is seen and a little around it, of however many", () => {
  const seen = (top: number, count: number) => windowOf({ top, height: 440, rowHeight: 44, count, around: 2 });
  assertEquals(seen(0, 100_000), { first: 0, last: 12 });
  assertEquals(seen(44 * 50_000, 100_000), { first: 49_998, last: 50_012 });
  assertEquals(seen(44 * 99_990, 100_000), { first: 99_988, last: 100_000 });
  assertEquals(seen(9_999, 3), { first: 2, last: 3 });
  assertEquals(seen(0, 0), { first: 0, last: 0 });
});

Deno.test("drawnOf() has the window, and the rows that are kept where they stand", () => {
  assertEquals(drawnOf({ first: 2, last: 5, kept: [], count: 9 }), [2, 3, 4]);
  assertEquals(drawnOf({ first: 2, last: 5, kept: [8, 0, 3, 0], count: 9 }), [0, 2, 3, 4, 8]);
  assertEquals(drawnOf({ first: 0, last: 0, kept: [0], count: 0 }), []);
});
