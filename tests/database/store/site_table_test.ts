import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { stateBits } from "../../../src/database/wire/output_layout.ts";
import { packZip } from "../../../src/database/wire/packed.ts";
import { noSite, type SitePlace } from "../../../src/database/store/site_record.ts";
import { ReadStrand } from "../../../src/database/store/strands.ts";
import { SiteTable } from "../../../src/database/store/site_table.ts";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { hashOfName } from "../../../src/database/store/hash.ts";
import { textMarks } from "../../../src/database/wire/entry_fields.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";
import { collidingNames } from "./collisions.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function add(table: SiteTable, name: string, zip = "1", head = 5): SitePlace {
  const bytes = encoder.encode(name);
  const entry = new LogEntry();
  entry.name.set(bytes, 0, bytes.length);
  entry.zip = packZip(zip);
  const site = table.add(entry);
  table.beginChain(site, 1, head);
  return site;
}

/** A report with these fields. */
function report(fields: Partial<LogEntry>): LogEntry {
  return Object.assign(new LogEntry(), fields);
}

function textOf(text: string): TextRange {
  const bytes = encoder.encode(text);
  const range = new TextRange();
  range.set(bytes, 0, bytes.length);
  return range;
}

function find(table: SiteTable, name: string): SitePlace {
  const bytes = encoder.encode(name);
  return table.find(bytes, 0, bytes.length);
}

Deno.test("SiteTable finds what was added, as a Map would, while it grows", () => {
  const names = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }), {
    maxLength: 1_500,
    size: "max",
  });
  fc.assert(
    fc.property(names, fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 50 }), (names, others) => {
      const table = new SiteTable();
      const places = new Map<string, number>();
      for (const [at, name] of names.entries()) {
        assertEquals(find(table, name), noSite);
        assertEquals(table.isSite(table.next), false);
        const place = add(table, name, String(at), at + 1);
        places.set(name, place);
        const [availability, unit, observedAt, recordedAt] = [2 * at, at % 3, 3 * at, 3 * at + at % 2];
        table.show(report({ site: place, availability, unit, observedAt, recordedAt, index: at + 8 }));
      }
      assertEquals(table.size, names.length);
      assertEquals(new Set(places.values()).size, names.length);
      for (const [at, name] of names.entries()) {
        // Surrounded by other bytes, as in a batch.
        const bytes = encoder.encode(`<${name}>`);
        const place = table.find(bytes, 1, bytes.length - 1);
        assertEquals(place, places.get(name));
        assert(table.isSite(place));
        assertEquals(decoder.decode(table.name(place)), name);
        assertEquals(
          [table.zip(place), table.availability(place), table.observedAt(place), table.bits(place)],
          [packZip(String(at)), 2 * at, 3 * at, (at % 3) << 2],
        );
        assertEquals(
          [table.head(place), table.lastSegment(place), table.shownIndex(place)],
          [at + 1, 1, at + 8],
        );
        assertEquals(table.isShownPlain(place), at % 2 === 0);
      }
      for (const name of others) assertEquals(find(table, name), places.get(name) ?? noSite);
    }),
    { numRuns: 20 },
  );
});

Deno.test("SiteTable tells names of the same hash apart", () => {
  // Two pairs that FNV-1a of 32 bits cannot tell apart.
  const table = new SiteTable();
  for (const name of ["costarring", "liquid", "declinate", "macallums"]) {
    assertEquals(find(table, name), noSite);
    const place = add(table, name);
    assertNotEquals(place, noSite);
    assertEquals(find(table, name), place);
  }
});

Deno.test("SiteTable finds sites of one hash, however many there are", () => {
  const names = collidingNames(200);
  const table = new SiteTable();
  const places = names.slice(1).map((name) => add(table, name));
  assertEquals(names.slice(1).map((name) => find(table, name)), places);
  assertEquals(find(table, names[0]), noSite);
});

Deno.test("SiteTable changes one site and no other", () => {
  const table = new SiteTable();
  const long = "é".repeat(200);
  const [a, b, c] = ["A", long, "C"].map((name) => add(table, name, "9999999999"));
  const first = { site: b, availability: Number.MAX_SAFE_INTEGER, unit: 2, observedAt: 77, recordedAt: 77, index: 9 };
  table.show(report(first));
  table.setHead(b, 20);
  table.setSkip(b, 20);
  table.setDocument(b, 21);
  table.retire(report({ site: b, note: textOf("closed"), index: 22 }));
  assertEquals([a, b, c].map((site) => table.availability(site)), [0, Number.MAX_SAFE_INTEGER, 0]);
  assertEquals([a, b, c].map((site) => table.observedAt(site)), [0, 77, 0]);
  assertEquals([a, b, c].map((site) => table.bits(site)), [0, 2 << 2 | stateBits.retired | stateBits.document, 0]);
  assertEquals([a, b, c].map((site) => table.isShownPlain(site)), [false, true, false]);
  assertEquals([a, b, c].map((site) => [table.head(site), table.count(site)]), [[5, 1], [20, 2], [5, 1]]);
  assertEquals([a, b, c].map((site) => [table.lastSegment(site), table.skip(site)]), [[1, 0], [1, 20], [1, 0]]);
  table.beginChain(b, 3, 7);
  const chains = [a, b, c].map((site) => [table.lastSegment(site), table.head(site), table.count(site)]);
  assertEquals(chains, [[1, 5, 1], [3, 7, 1], [1, 5, 1]]);
  assertEquals([a, b, c].map((site) => table.document(site)), [0, 21, 0]);
  const { own } = table.origins;
  assertEquals([a, b, c].map((site) => table.retirement(site) !== 0), [false, true, false]);
  assertEquals(own.index(table.retirement(b)), 22);
  assertEquals([a, b, c].map((site) => table.isRetired(site)), [false, true, false]);
  assertEquals([a, b, c].map((site) => decoder.decode(table.name(site))), ["A", long, "C"]);
  assertEquals([table.retiredSize, table.zip(b)], [1, packZip("9999999999")]);
  table.reopen(b);
  assertEquals([table.retiredSize, table.bits(b), table.retirement(b)], [0, 2 << 2 | stateBits.document, 0]);
  table.show(report({ site: b, availability: -1, observedAt: 78, recordedAt: 78, index: 9, marked: 8 }));
  assertEquals([table.bits(b), table.isShownPlain(b)], [stateBits.document, false]);
});

Deno.test("SiteTable.changedAt() is that of the first of the last reports that say the same, however long ago", () => {
  const day = 24 * 3_600_000;
  const step = fc.record({
    value: fc.constantFrom(0, 1, -1),
    unit: fc.constantFrom(0, 1),
    later: fc.constantFrom(0, 1, day, 49 * day, 2 ** 32 - 1, 2 ** 32, 400 * day),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
    const table = new SiteTable();
    const [, site] = ["other", "site"].map((name) => add(table, name));
    let [observedAt, changedAt, said] = [1_000, 0, ""];
    assertEquals(table.changedAt(site), 0);
    for (const [at, { value, unit, later }] of steps.entries()) {
      observedAt += later;
      if (said !== `${value} ${unit}`) changedAt = observedAt;
      said = `${value} ${unit}`;
      table.show(report({ site, availability: value, unit, observedAt, recordedAt: observedAt, index: at + 1 }));
      assertEquals(table.changedAt(site), changedAt);
    }
  }));
});

Deno.test("SiteTable gives up the origin of a report when a plain one is shown", () => {
  const table = new SiteTable();
  const site = add(table, "site");
  const plain = { site, observedAt: 1, recordedAt: 1, index: 3 };
  for (let left = 3; left > 0; left--) {
    table.show(report({ ...plain, marked: textMarks.note, note: textOf("come in") }));
    assertEquals([table.origin(site), table.origins.own.taken, table.isShownPlain(site)], [1, 1, false]);
    table.show(report(plain));
    assertEquals([table.origin(site), table.origins.own.taken, table.isShownPlain(site)], [0, 0, true]);
  }
});

Deno.test("SiteTable finds a site by its id, and by no other number, while places of names lie between", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 200, size: "max" }), (gaps) => {
    const table = new SiteTable();
    const sites = new Map<number, SitePlace>();
    let id = 0;
    for (const [at, gap] of gaps.entries()) {
      id += gap;
      const entry = report({ name: textOf(`site ${at}`), zip: packZip("1"), index: id });
      sites.set(id, table.add(entry));
      if (gap === 9) table.rename(sites.get(id)!, textOf(`renamed ${at}`));
    }
    for (let wanted = 0; wanted <= id + 2; wanted++) assertEquals(table.withId(wanted), sites.get(wanted) ?? noSite);
    assertEquals([...table.byId()], [...sites.values()]);
  }));
});

Deno.test("SiteTable keeps the number of the only source of a site, small or large, and its ZIP code beside it", () => {
  const table = new SiteTable();
  const sources = [0, 1, 30, 31, 32, 65_535];
  const sites = sources.map((source) => {
    const site = add(table, `source ${source}`, "9999999999");
    assertEquals([table.onlySource(site), table.isSimpleAndOpen(site)], [0, true]);
    table.setOnlySource(site, source);
    return site;
  });
  assertEquals(sites.map((site) => table.onlySource(site)), sources);
  assertEquals(sites.map((site) => table.isSimpleAndOpen(site)), sources.map((source) => source === 0));
  for (const site of sites) assertEquals(table.zip(site), packZip("9999999999"));
  sites.forEach((site) => table.setZip(site, packZip("1")));
  assertEquals(sites.map((site) => table.onlySource(site)), sources);
});

Deno.test("SiteTable knows the segment of a site's last entry, whether or not that is shown", () => {
  const table = new SiteTable(undefined, 4);
  const [a, b] = ["A", "B"].map((name) => add(table, name));
  const said = { availability: 1, observedAt: 77, recordedAt: 77, index: 9 };
  for (const site of [a, b]) {
    table.beginShown(site, 6);
    table.show(report({ site, ...said }));
  }
  const segments = () => [a, b].map((site) => table.lastSegment(site));
  const areIn = (segment: number) => [a, b].map((site) => table.hasEntryIn(site, segment, 4 * (segment - 1)));
  assertEquals(segments(), [3, 3]);
  assertEquals([3, 4].map(areIn), [[true, true], [false, false]]);
  // An entry that shows nothing, and strands that show an older report.
  table.beginChain(a, 5, 7);
  table.setStrands(b, 1);
  const older = new ReadStrand();
  older.index = 2;
  table.showSaid(b, older);
  assertEquals(segments(), [5, 3]);
  assertEquals([3, 5].map(areIn), [[false, true], [true, false]]);
});

Deno.test("SiteTable.isSite() is true for the places of sites, and for nothing in or between or after them", () => {
  const table = new SiteTable();
  const places = ["a", "b".repeat(800), "c"].map((name) => add(table, name));
  const all = Array.from({ length: 100 }, (_, place) => place).filter((place) => table.isSite(place));
  assertEquals(all, places);
  assertEquals([2 ** 30, 2 ** 32 - 1].map((place) => table.isSite(place)), [false, false]);
});

Deno.test("SiteTable.touch() changes nothing, and looks at nothing that is not there", () => {
  const table = new SiteTable();
  const places = ["a", "b"].map((name) => add(table, name));
  const hashes = ["a", "x", "b"].map((name) => hashOfName(encoder.encode(name), 0, 1));
  const found = new Int32Array(3);
  // There is nothing at 0, so no bit is common to all.
  assertEquals(table.touch(Int32Array.from(hashes), found, 3), 0);
  assertEquals([...found], [places[0], 0, places[1]]);
  // `touched` combines the slots.
  assertEquals(table.touched, places[0] ^ places[1]);
});

Deno.test("SiteTable.compare() orders by code point, not by UTF-16 unit", () => {
  const naive = (a: string, b: string) => {
    const [left, right] = [[...a], [...b]].map((chars) => chars.map((char) => char.codePointAt(0)!));
    for (let at = 0; at < Math.min(left.length, right.length); at++) {
      if (left[at] !== right[at]) return left[at] - right[at];
    }
    return left.length - right.length;
  };
  assert("\uffee" > "💉", "JavaScript orders these the other way");
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "é", "\uffee", "💉", "😀", "薬"),
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(fc.property(text, text, (a, b) => {
    fc.pre(a !== b);
    const table = new SiteTable();
    const [left, right] = [a, b].map((name) => add(table, name));
    const bytes = encoder.encode(b);
    assertEquals(Math.sign(table.compare(left, right)), Math.sign(naive(a, b)));
    assertEquals(Math.sign(table.compareTo(left, bytes, 0, bytes.length)), Math.sign(naive(a, b)));
  }));
});
