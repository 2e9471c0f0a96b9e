import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../src/bytes.ts";
import { noSite, SiteTable } from "../../src/database/site_table.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

Deno.test("SiteTable finds what was added, as a Map would, while it grows", () => {
  const names = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }), {
    maxLength: 1_500,
    size: "max",
  });
  fc.assert(
    fc.property(names, fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 50 }), (names, others) => {
      const table = new SiteTable();
      const places = new Map<string, number>();
      for (const [at, name] of names.entries()) {
        const bytes = encoder.encode(name);
        assertEquals(table.find(bytes, 0, bytes.length), noSite);
        places.set(name, table.add(bytes, 0, bytes.length, at, 2 * at));
      }
      assertEquals(table.size, names.length);
      assertEquals(new Set(places.values()).size, names.length);
      for (const [at, name] of names.entries()) {
        // Surrounded by other bytes, as in a batch.
        const bytes = encoder.encode(`<${name}>`);
        const place = table.find(bytes, 1, bytes.length - 1);
        assertEquals(place, places.get(name));
        assertEquals(decoder.decode(table.name(place)), name);
        assertEquals([table.zip(place), table.availability(place)], [at, 2 * at]);
      }
      for (const name of others) {
        const bytes = encoder.encode(name);
        assertEquals(table.find(bytes, 0, bytes.length), places.get(name) ?? noSite);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("SiteTable tells names of the same hash apart", () => {
  // Two pairs that FNV-1a of 32 bits cannot tell apart.
  const table = new SiteTable();
  for (const name of ["costarring", "liquid", "declinate", "macallums"]) {
    const bytes = encoder.encode(name);
    assertEquals(table.find(bytes, 0, bytes.length), noSite);
    const place = table.add(bytes, 0, bytes.length, 1, 0);
    assertNotEquals(place, noSite);
    assertEquals(table.find(bytes, 0, bytes.length), place);
  }
});

Deno.test("SiteTable.setAvailability() changes that site and no other", () => {
  const table = new SiteTable();
  const bytes = encoder.encode("ABC");
  const a = table.add(bytes, 0, 1, 101, 5);
  const b = table.add(bytes, 1, 2, 102, Number.MAX_SAFE_INTEGER);
  const c = table.add(bytes, 2, 3, 103, -1);
  table.setAvailability(b, -2);
  assertEquals([a, b, c].map((place) => table.availability(place)), [5, -2, -1]);
  assertEquals([a, b, c].map((place) => table.zip(place)), [101, 102, 103]);
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
    const table = new SiteTable();
    const [left, right] = [a, b].map((name) => encoder.encode(name));
    const leftPlace = table.add(left, 0, left.length, 1, 0);
    const rightPlace = table.add(right, 0, right.length, 1, 0);
    assertEquals(Math.sign(table.compare(leftPlace, rightPlace)), Math.sign(naive(a, b)));
    assertEquals(Math.sign(table.compareTo(leftPlace, right, 0, right.length)), Math.sign(naive(a, b)));
  }));
});

Deno.test("SiteTable.of() gives the table whose records() it is given, with the same places, and one that can grow", () => {
  const names = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }), { maxLength: 500 });
  fc.assert(
    fc.property(names, names, (names, more) => {
      const table = new SiteTable();
      const places = names.map((name, at) => {
        const bytes = encoder.encode(name);
        return table.add(bytes, 0, bytes.length, at, 2 * at);
      });
      const records = table.records();
      const copy = SiteTable.of(records);
      records.fill(0xff);
      assertEquals([copy.size, copy.records()], [table.size, table.records()]);
      for (const [at, name] of names.entries()) {
        const bytes = encoder.encode(name);
        const place = copy.find(bytes, 0, bytes.length);
        assertEquals([place, copy.isPlace(place)], [places[at], true]);
        assertEquals([decoder.decode(copy.name(place)), copy.zip(place), copy.availability(place)], [name, at, 2 * at]);
      }
      for (const name of more) {
        const bytes = encoder.encode(name);
        const isNew = copy.find(bytes, 0, bytes.length) === noSite;
        assertEquals(isNew, table.find(bytes, 0, bytes.length) === noSite);
        if (!isNew) continue;
        assertEquals(copy.add(bytes, 0, bytes.length, 1, 0), table.add(bytes, 0, bytes.length, 1, 0));
      }
      assertEquals(copy.records(), table.records());
    }),
    { numRuns: 30 },
  );
});

Deno.test("SiteTable.of() of records that are cut short throws DecodeError, unless it is between two of them", () => {
  const table = new SiteTable();
  const bytes = encoder.encode("ABCDE");
  table.add(bytes, 0, 2, 101, 5);
  const first = table.records().length;
  table.add(bytes, 2, 5, 102, 6);
  const records = table.records();
  const sizes = Array.from({ length: records.length + 1 }, (_, length) => {
    try {
      return SiteTable.of(records.slice(0, length)).size;
    } catch (error) {
      assert(error instanceof DecodeError);
      return undefined;
    }
  });
  const whole = sizes.flatMap((size, length) => size === undefined ? [] : [[length, size]]);
  assertEquals(whole, [[0, 0], [first, 1], [records.length, 2]]);
  assertThrows(() => SiteTable.of(records.slice(1)), DecodeError, "the records of the sites are cut short");
});

Deno.test("SiteTable.isPlace() is true where a site's record begins, and for no other number", () => {
  const table = new SiteTable();
  const names = ["A", "BC", "costarring", "liquid"].map((name) => encoder.encode(name));
  const places = names.map((name) => table.add(name, 0, name.length, 1, 0));
  const found = Array.from({ length: 300 }, (_, at) => at - 50).filter((place) => table.isPlace(place));
  assertEquals(found, places);
  for (const place of [2 ** 31, 2 ** 32, 2 ** 53, -1, NaN]) assertEquals(table.isPlace(place), false);
});
