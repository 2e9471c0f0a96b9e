import { assertEquals, assertMatch } from "@std/assert";
import type { Entry } from "../../src/library/client.ts";
import { csvRow } from "../../src/cli/listing.ts";
import { entryJson, entryLine, entryListing } from "../../src/cli/render_entries.ts";
import { Table } from "../../src/cli/table.ts";

const base = { index: 12, site: "Rite Aid, Millville", siteId: 3, recordedAt: Date.UTC(2026, 10, 24, 12, 0, 0, 5) };
const entries: readonly Entry[] = [
  { ...base, kind: "added", zip: "08332", note: "new" },
  { ...base, kind: "report", availability: "unknown", observedAt: base.recordedAt, outOfDate: false },
  {
    ...base,
    kind: "report",
    availability: 40,
    unit: "doses",
    observedAt: base.recordedAt - 1_000,
    outOfDate: true,
    who: "Ann",
    source: "a feed",
    note: "a, b",
  },
  { ...base, kind: "retired", reason: "closed" },
  { ...base, kind: "reopened" },
  { ...base, kind: "documented", document: '{"a":\n1}', source: "\u001b[2J" },
];

Deno.test("entryLine() puts index, time and what has happened into columns, and all else behind the site", () => {
  const start = "     12  2026-11-24T12:00:00Z  ";
  assertEquals(entries.map((entry) => entryLine(entry)), [
    `${start}added             Rite Aid, Millville  (ZIP 08332, note: new)`,
    `${start}Unknown           Rite Aid, Millville`,
    `${start}40 doses (out of date)  Rite Aid, Millville  ` +
    "(observed 2026-11-24T11:59:59Z, by Ann, from a feed, note: a, b)",
    `${start}retired: closed   Rite Aid, Millville`,
    `${start}reopened          Rite Aid, Millville`,
    `${start}documented        Rite Aid, Millville  (from \\u001b[2J)`,
  ]);
});

Deno.test("entryJson() is one line, with exact times, and a document as it is", () => {
  assertEquals(
    entries.map((entry) => JSON.parse(entryJson(entry)).recordedAt),
    entries.map(() => "2026-11-24T12:00:00.005Z"),
  );
  assertEquals(
    entryJson(entries[5]),
    '{"index":12,"site":"Rite Aid, Millville","siteId":3,"recordedAt":"2026-11-24T12:00:00.005Z","kind":"documented",' +
      '"source":"\\u001b[2J","document":{"a": 1}}',
  );
  const { availability, unit, observedAt, outOfDate } = JSON.parse(entryJson(entries[2]));
  assertEquals([availability, unit, observedAt, outOfDate], [40, "doses", "2026-11-24T11:59:59.005Z", true]);
});

Deno.test("A history in a narrow window cuts a time after its minutes, if at all", () => {
  const rows = [entries[2]];
  for (const [width, times] of [[120, 2], [80, 2], [60, 2], [40, 1]] as const) {
    const table = new Table(entryListing.columns, width).rows(rows);
    const found = table.match(/2026-11-24T\S+/g) ?? [];
    assertEquals(found.length, times, table);
    for (const time of found) assertMatch(time, /^2026-11-24T\d\d:\d\d(:|…)/);
    assertEquals(table.split("\n").filter((line) => line.length > width), []);
  }
});

Deno.test("A history as CSV has the reason of a retirement as its note", () => {
  assertEquals(csvRow(entryListing.csv, entries[3]), "12,retired,2026-11-24T12:00:00.005Z,,,,,,,closed,,\n");
  assertEquals(
    csvRow(entryListing.csv, entries[2]),
    '12,report,2026-11-24T12:00:00.005Z,40,doses,2026-11-24T11:59:59.005Z,True,Ann,a feed,"a, b",,\n',
  );
});

Deno.test("whose token was used shows only where one was", () => {
  const said = { ...entries[2], by: "laptop" };
  const heads = (...shown: Entry[]) => new Table(entryListing.columns).rows(shown).split("\n")[0];
  assertEquals([heads(entries[2]).includes("Token"), heads(entries[2], said).includes("Token")], [false, true]);
  assertMatch(entryLine(said), /by Ann, token laptop, from a feed/);
  assertEquals(JSON.parse(entryJson(said)).by, "laptop");
  assertMatch(csvRow(entryListing.csv, said), /,laptop\n$/);
});
