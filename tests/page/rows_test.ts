/** What changes make of the rows that the page shows. */

import { noFilter } from "../../src/http/page/filters.ts";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as fc from "fast-check";
import type { Entry } from "../../src/database/entries.ts";
import { siteAfter } from "../../src/database/site_rules.ts";
import type { Site } from "../../src/database/values.ts";
import {
  drawnOf,
  type List,
  listAfter,
  listWith,
  mayComeNear,
  placeOf,
  siteNamed,
  windowOf,
} from "../../src/http/page/rows.ts";

const site = (name: string, availability = 0): Site => ({
  id: 1,
  name,
  zip: "02138",
  availability,
  observedAt: 1,
});
const all = noFilter;
const report = (name: string, availability: number, more = {}): Entry => ({
  kind: "report",
  index: 9,
  site: name,
  siteId: 1,
  recordedAt: 5,
  observedAt: 5,
  outOfDate: false,
  availability,
  ...more,
});
const list: List = { sites: [site("a"), site("c", 3)], next: undefined, loaded: 2 };
const retired = (site: string): Entry => ({
  kind: "retired",
  index: 9,
  site,
  siteId: 1,
  reason: "closed",
  recordedAt: 5,
});
const added = (site: string): Entry => ({ kind: "added", index: 9, site, siteId: 9, zip: "08332", recordedAt: 5 });
const names = (list: List) => list.sites.map(({ name }) => name).join("");

Deno.test("listAfter() shows a report where the site stands, and leaves one alone that came late", () => {
  const after = listAfter(list, [report("c", 40, { unit: "doses" })], all);
  assertEquals(after.sites[1], { id: 1, name: "c", zip: "02138", availability: 40, observedAt: 5, unit: "doses" });
  assertStrictEquals(listAfter(list, [report("c", 40, { outOfDate: true, observedAt: 0 })], all), list);
  assertStrictEquals(listAfter(list, [report("x", 40)], all), list);
});

Deno.test("listAfter() puts a new site in its place, unless that was not loaded yet", () => {
  assertEquals(names(listAfter(list, [added("b")], all)), "abc");
  assertEquals(names(listAfter(list, [added("d")], all)), "acd");
  const more = { ...list, next: "c" };
  assertStrictEquals(listAfter(more, [added("d")], all), more);
  assertStrictEquals(listAfter(list, [added("b")], { ...all, zip: "02" }), list);
});

Deno.test("listAfter() takes a site out that matches no more, and in when it is known and matches", () => {
  const available = { ...all, available: true };
  const some = { ...list, sites: [site("c", 3)] };
  assertEquals(names(listAfter(some, [report("c", 0)], available)), "");
  assertEquals(names(listAfter(some, [report("b", 5)], available, new Map([["b", site("b")]]))), "bc");
  assertEquals(names(listAfter(list, [retired("a")], all)), "c");
});

Deno.test("listAfter() adds what comes before what is loaded next, also when the last row has gone", () => {
  assertEquals(names(listAfter({ ...list, next: "c" }, [retired("c"), added("b")], all)), "ab");
});

Deno.test("listAfter() leaves alone what comes before the first row, where more are there to be loaded", () => {
  const tail = { ...list, previous: "b" };
  assertStrictEquals(listAfter(tail, [added("a")], all), tail);
  assertEquals(names(listAfter(tail, [added("d")], all)), "acd");
});

Deno.test("listWith() puts a page after the rows, before them, in their place, or nowhere if it does not fit", () => {
  const [b, d] = [{ sites: [site("b")], previous: "b" }, { sites: [site("d")], next: "d" }];
  const whole = listWith(list, {}, { ...d, next: undefined, previous: "d" });
  assertEquals([names(whole), whole.next, whole.previous, whole.loaded], ["d", undefined, "d", 1]);
  const above = listWith(whole, { before: "d" }, b);
  assertEquals([names(above), above.next, above.previous, above.loaded], ["bd", undefined, "b", 2]);
  assertEquals(above.above, { rows: 1 });
  assertEquals(names(listWith(above, { before: "d" }, b)), "bd");
  const below = listWith({ ...list, next: "c" }, { after: "c" }, d);
  assertEquals([names(below), below.next, below.loaded], ["acd", "d", 3]);
  assertEquals(names(listWith(below, { after: "c" }, d)), "acd");
});

Deno.test("listAfter() makes of many entries at once what they make one by one", () => {
  const kinds = fc.oneof(
    fc.nat(3).map((availability) => ({ kind: "report", availability, observedAt: 5, outOfDate: availability === 3 })),
    fc.constantFrom({ kind: "added", zip: "08332" }, { kind: "retired", reason: "" }, { kind: "reopened" }),
  );
  const entry = fc.record({ site: fc.constantFrom(..."abcdef"), what: kinds });
  const next = fc.constantFrom(undefined, "c");
  const property = fc.property(fc.array(entry), next, fc.boolean(), (drawn, next, available) => {
    const [begin, filter] = [{ ...list, next }, { ...all, available }];
    const entries = drawn.map(({ site, what }) => ({ index: 9, recordedAt: 5, site, ...what }) as Entry);
    // One by one, nobody remembers a site that does not match.
    const known = new Map<string, Site>();
    const one = (list: List, entry: Entry) => {
      const before = siteNamed(list.sites, entry.site) ?? known.get(entry.site);
      if ((before === undefined) === (entry.kind === "added")) known.set(entry.site, siteAfter(before, entry));
      return listAfter(list, [entry], filter, before === undefined ? undefined : new Map([[entry.site, before]]));
    };
    assertEquals(listAfter(begin, entries, filter), entries.reduce(one, begin));
  });
  fc.assert(property);
});

Deno.test("listAfter() keeps few more rows than were loaded, and reads few of them for each entry", () => {
  const name = (number: number) => String(number).padStart(6, "0");
  let list: List = { sites: [site(name(0))], next: undefined, loaded: 1 };
  let reads = 0;
  for (let first = 1; first < 100_000; first += 1_000) {
    const sites = new Proxy(list.sites, {
      get(sites, key) {
        reads++;
        return Reflect.get(sites, key);
      },
    });
    // From the last one to the first, so that each stands before those that are there.
    const entries = Array.from({ length: 1_000 }, (_, at) => added(name(100_000 - first - at)));
    list = listAfter({ ...list, sites }, entries, all);
    assert(list.sites.length <= 501, `${list.sites.length} sites`);
  }
  assertEquals([list.sites[0].name, list.sites[1].name, list.next], [name(0), name(1), name(500)]);
  // A place among 501 rows is found with 10 of them.
  assert(reads < 25 * 100_000, `${reads} reads`);
});

Deno.test("placeOf() finds where a name stands, or would stand", () => {
  assertEquals(["", "a", "b", "c", "d"].map((name) => placeOf(list.sites, name)), [0, 0, 1, 1, 2]);
});

Deno.test("windowOf() draws what is seen and a little around it, of however many", () => {
  const seen = (top: number, count: number) => windowOf({ top, height: 440 }, 44, count);
  assertEquals(seen(0, 100_000), { first: 0, last: 18 });
  assertEquals(seen(44 * 50_000, 100_000), { first: 49_992, last: 50_018 });
  assertEquals(seen(44 * 99_990, 100_000), { first: 99_982, last: 100_000 });
  assertEquals(seen(9_999, 3), { first: 2, last: 3 });
  assertEquals(seen(0, 0), { first: 0, last: 0 });
});

Deno.test("drawnOf() has the window, and the rows that are kept where they stand", () => {
  assertEquals(drawnOf(2, 5, [], 9), [2, 3, 4]);
  assertEquals(drawnOf(2, 5, [8, 0, 3, 0], 9), [0, 2, 3, 4, 8]);
  assertEquals(drawnOf(0, 0, [0], 0), []);
});

Deno.test("a list by distance keeps its order and its distances, whatever changes", () => {
  const near = { ...noFilter, near: "02138", available: true };
  const sites = [["z", 1.5], ["a", 2], ["m", 7]].map(([name, miles], at) => (
    { id: at + 1, name: String(name), zip: "1", availability: 1, observedAt: 1, miles: Number(miles) }
  ));
  const list = { sites, loaded: 3 };
  const change = { index: 9, site: "a", siteId: 2, recordedAt: 5, kind: "report", outOfDate: false } as const;
  const more = listAfter(list, [{ ...change, availability: 40, observedAt: 5 }], near);
  assertEquals(more.sites.map(({ name, miles, availability }) => [name, miles, availability]), [
    ["z", 1.5, 1],
    ["a", 2, 40],
    ["m", 7, 1],
  ]);
  assertEquals(["z", "a", "m", "x"].map((name) => placeOf(sites, name)), [0, 1, 2, 0]);
  const fewer = listAfter(list, [{ ...change, availability: 0, observedAt: 5 }], near);
  assertEquals(fewer.sites.map(({ name }) => name), ["z", "m"]);
  const elsewhere = { ...change, site: "x", siteId: 7, availability: 1, observedAt: 5 };
  assertStrictEquals(listAfter(list, [elsewhere], near), list);
  // Such entries may bring another site into it.
  assertEquals(mayComeNear(elsewhere, list, near), true);
  assertEquals(mayComeNear({ ...change, availability: 1, observedAt: 5 }, list, near), false);
  assertEquals(mayComeNear(elsewhere, list, { ...near, available: false }), false);
  const base = { index: 9, site: "x", siteId: 7, recordedAt: 5 };
  assertEquals(mayComeNear({ ...base, kind: "added", zip: "1" }, list, near), true);
  assertEquals(mayComeNear({ ...base, kind: "retired", reason: "r" }, list, near), false);
});
