import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
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
