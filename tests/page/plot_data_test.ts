/** A site's history as a line. */

import { assertEquals } from "@std/assert";
import type { Entry } from "../../src/database/entries.ts";
import type { Availability, Unit } from "../../src/database/values.ts";
import { plotDataOf } from "../../src/http/page/plot_data.ts";

const report = (index: number, at: number, availability: Availability, outOfDate?: boolean, unit?: Unit): Entry => ({
  unit,
  kind: "report",
  index,
  site: "a",
  siteId: 1,
  recordedAt: at * 1_000,
  observedAt: at * 1_000,
  availability,
  outOfDate: outOfDate === true,
});

Deno.test("plotDataOf() is a line of steps up to now, in the order of the observations", () => {
  const data = plotDataOf([report(3, 20, 7), report(2, 10, 5), {
    kind: "added",
    index: 1,
    site: "a",
    siteId: 1,
    zip: "1",
    recordedAt: 0,
  }], 30_000);
  assertEquals([data.times, data.lines[0].values], [[10, 20, 30], [5, 7, 7]]);
  assertEquals([data.yes, data.late, data.top], [[null, null, null], [null, null, null], 7]);
});

Deno.test("plotDataOf() has a gap where nothing is known, and the line continues until there", () => {
  const data = plotDataOf([report(1, 10, 5), report(2, 20, "unknown"), report(3, 30, 2)], 30_000);
  assertEquals([data.times, data.lines[0].values], [[10, 20, 20, 30], [5, 5, null, 2]]);
});

Deno.test("plotDataOf() marks a report that came late, and does not bend the line for it", () => {
  const data = plotDataOf([report(1, 10, 5), report(2, 30, 6), report(3, 20, 99, true)], 30_000);
  assertEquals([data.times, data.lines[0].values, data.late], [[10, 20, 30], [5, 5, 6], [null, 99, null]]);
});

Deno.test("plotDataOf() draws True above all counts, and False as none", () => {
  const data = plotDataOf([report(1, 10, 10), report(2, 20, true), report(3, 30, false)], 30_000);
  assertEquals(data.top, 12);
  assertEquals([data.lines[0].values, data.yes], [[10, 10, null, null, 0], [null, null, 12, 12, null]]);
  assertEquals(plotDataOf([], 30_000).times, []);
  assertEquals(plotDataOf([report(1, 10, 0)], 10_000).top, 1);
});

Deno.test("plotDataOf() has a line for each unit, and the lines do not run into one another", () => {
  const entries = [
    report(1, 10, 100, false, "doses"),
    report(2, 20, 7, false, "appointments"),
    report(3, 30, false),
    report(4, 40, 5),
    report(5, 50, 90, false, "doses"),
    report(6, 25, 3, true, "none of those" as Unit),
  ];
  const { times, lines, late } = plotDataOf(entries, 50_000);
  assertEquals(times, [10, 20, 20, 25, 30, 40, 40, 50, 50]);
  assertEquals(lines, [
    { unit: "doses", values: [100, 100, null, null, null, null, null, null, 90] },
    { unit: "appointments", values: [null, null, 7, 7, 0, 0, null, null, null] },
    { unit: "", values: [null, null, null, null, null, null, 5, 5, null] },
  ]);
  assertEquals(late[3], 3);
});

Deno.test("plotDataOf() draws False on the line of what is counted, also before anything is", () => {
  const { lines } = plotDataOf([report(1, 10, false), report(2, 20, 40, false, "doses")], 20_000);
  assertEquals(lines, [{ unit: "doses", values: [0, 40] }]);
});
