import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter, DecodeError } from "../../src/bytes.ts";
import { packZip, readAvailability, readZip, writeAvailability } from "../../src/database/packed.ts";
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
        return table.add(bytes, 0, bytes.length, packZip(`${at}`), at - 2);
      });
      const records = table.records().slice();
      const copy = SiteTable.of(records);
      records.fill(0xff);
      assertEquals([copy.size, copy.records()], [table.size, table.records()]);
      assertEquals([copy.areAll(Uint32Array.from(places)), copy.areAll(Uint32Array.from(places).reverse())], [
        true,
        true,
      ]);
      for (const [at, name] of names.entries()) {
        const bytes = encoder.encode(name);
        const place = copy.find(bytes, 0, bytes.length);
        assertEquals([place, decoder.decode(copy.name(place))], [places[at], name]);
        assertEquals([copy.zip(place), copy.availability(place)], [packZip(`${at}`), at - 2]);
      }
      for (const name of more) {
        const bytes = encoder.encode(name);
        const isNew = copy.find(bytes, 0, bytes.length) === noSite;
        assertEquals(isNew, table.find(bytes, 0, bytes.length) === noSite);
        if (!isNew) continue;
        assertEquals(copy.add(bytes, 0, bytes.length, 10, 0), table.add(bytes, 0, bytes.length, 10, 0));
      }
      assertEquals([copy.size, copy.records()], [table.size, table.records()]);
    }),
    { numRuns: 30 },
  );
});

/** The records of two sites, "AB" with 5 and "CDE" with 6. */
function twoRecords(): Uint8Array {
  const table = new SiteTable();
  const bytes = encoder.encode("ABCDE");
  table.add(bytes, 0, 2, packZip("02139"), 5);
  table.add(bytes, 2, 5, packZip("1"), 6);
  return table.records().slice();
}

Deno.test("SiteTable.of() of records that are cut short throws DecodeError, unless it is between two of them", () => {
  const records = twoRecords();
  const sizes = Array.from({ length: records.length + 1 }, (_, length) => {
    try {
      return SiteTable.of(records.slice(0, length)).size;
    } catch (error) {
      assert(error instanceof DecodeError);
      assertEquals(error.message, "the records of the sites are cut short");
      return undefined;
    }
  });
  const whole = sizes.flatMap((size, length) => size === undefined ? [] : [[length, size]]);
  assertEquals(whole, [[0, 0], [records.length - 18 - 3, 1], [records.length, 2]]);
});

Deno.test("SiteTable.of() refuses numbers that no site can have, and takes all others", () => {
  const max = Number.MAX_SAFE_INTEGER;
  const withNumbers = (at: number, value: number) => {
    const records = twoRecords();
    new DataView(records.buffer).setFloat64(at, value);
    return records;
  };
  for (const value of [0, 5, -1, -2, max]) assertEquals(SiteTable.of(withNumbers(0, value)).availability(8), value);
  for (const value of [-3, 0.5, -0, max + 1, -max, NaN, Infinity, -Infinity]) {
    const text = "the availability of a site is";
    assertThrows(() => SiteTable.of(withNumbers(0, value)), DecodeError, text);
    assertThrows(() => SiteTable.of(withNumbers(20, value)), DecodeError, text);
  }
  for (const zip of ["0", "9", "02139", "9999999999"]) {
    const packed = packZip(zip);
    assertEquals(SiteTable.of(withNumbers(8, packed)).zip(8), packed);
  }
  for (const value of [0, 1, 9, 20, 29, 200, 10.5, -10, 2 * 10 ** 10, 10 ** 11, NaN, Infinity]) {
    const text = "the ZIP code of a site is";
    assertThrows(() => SiteTable.of(withNumbers(8, value)), DecodeError, text);
  }
});

Deno.test("SiteTable.of() refuses most flips of a bit in a number, and what it takes can be answered", () => {
  const records = twoRecords();
  let refused = 0;
  for (let bit = 0; bit < 8 * 16; bit++) {
    const bytes = records.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    try {
      const table = SiteTable.of(bytes);
      const writer = new ByteWriter();
      writeAvailability(writer, table.availability(8));
      writer.varint(table.zip(8));
      const reader = new ByteReader(writer.view());
      assertEquals([readAvailability(reader), readZip(reader)], [table.availability(8), table.zip(8)]);
    } catch (error) {
      assert(error instanceof DecodeError, `bit ${bit}: ${error}`);
      refused++;
    }
  }
  assertEquals(refused > 100, true, `${refused} are refused`);
});

Deno.test("SiteTable.areAll() is true for the places of all sites, each once, and for nothing else", () => {
  const table = new SiteTable();
  assertEquals([[], [8], [0]].map((places) => table.areAll(Uint32Array.from(places))), [true, false, false]);
  const names = ["A", "BC", "costarring", "liquid"].map((name) => encoder.encode(name));
  const places = names.map((name) => table.add(name, 0, name.length, 10, 0));
  const areAll = (...places: number[]) => table.areAll(Uint32Array.from(places));
  const [a, b, c, d] = places;
  assertEquals([areAll(a, b, c, d), areAll(c, a, d, b), areAll(d, c, b, a)], [true, true, true]);
  for (
    const wrong of [[a, b, c], [a, b, c, c], [a, b, c, d, d], [a, b, c, d + 1], [0, b, c, d], [a, b, c, 2 ** 32 - 1]]
  ) {
    assertEquals([wrong, areAll(...wrong)], [wrong, false]);
  }
});
