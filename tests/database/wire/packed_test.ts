import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter, DecodeError } from "../../../src/bytes.ts";
import {
  checkUnit,
  isPackedAvailable,
  isPackedZip,
  packAvailability,
  packUnit,
  packZip,
  readAvailability,
  readTagged,
  readZip,
  tagOf,
  unpackAvailability,
  unpackUnit,
  unpackZip,
  writeAvailability,
  zipBeginsWith,
} from "../../../src/database/wire/packed.ts";
import { isAvailable } from "../../../src/database/values.ts";
import { availabilities } from "../arbitraries.ts";

const zips = fc.stringMatching(/^[0-9]{1,10}$/);

Deno.test("packZip() keeps every digit, leading zeros included", () => {
  for (const zip of ["0", "00", "02138", "0000000000", "9999999999"]) assertEquals(unpackZip(packZip(zip)), zip);
  fc.assert(fc.property(zips, (zip) => {
    assert(isPackedZip(packZip(zip)));
    assertEquals(unpackZip(packZip(zip)), zip);
  }));
});

Deno.test("isPackedZip() takes a number exactly if it is a 1 followed by 1 to 10 digits", () => {
  const edges = [0, 1, 9, 10, 19, 20, 99, 100, 199, 200, 102_138, 10 ** 10, 2 * 10 ** 10 - 1, 2 * 10 ** 10, 10 ** 11];
  for (const value of edges) assertEquals(isPackedZip(value), /^1[0-9]{1,10}$/.test(String(value)), String(value));
  fc.assert(fc.property(fc.nat(), (value) => assertEquals(isPackedZip(value), /^1[0-9]{1,10}$/.test(String(value)))));
  for (const value of [10.5, 100.25, 1.5, NaN, Infinity, -10]) {
    assertEquals([value, isPackedZip(value)], [value, false]);
  }
});

Deno.test("zipBeginsWith() compares digits, not numbers", () => {
  fc.assert(fc.property(zips, fc.oneof(zips, fc.constantFrom("0", "00", "1")), fc.nat(10), (zip, other, length) => {
    for (const prefix of [other, zip.slice(0, length)].filter((each) => each !== "")) {
      assertEquals(zipBeginsWith(packZip(zip), packZip(prefix)), zip.startsWith(prefix), `${zip} ${prefix}`);
    }
    assert(zipBeginsWith(packZip(zip), 0));
  }));
});

Deno.test("An availability comes back from the wire, by itself and beside other bits", () => {
  fc.assert(fc.property(availabilities, (value) => {
    const writer = new ByteWriter();
    const packed = packAvailability(value);
    writeAvailability(writer, packed);
    if (packed >= 0) writer.varint(packed);
    const reader = new ByteReader(writer.view());
    assertEquals(unpackAvailability(readAvailability(reader)), value);
    assertEquals(unpackAvailability(readTagged(reader, tagOf(packed))), value);
    reader.end();
    assertEquals(isPackedAvailable(packed), isAvailable(value));
  }));
});

Deno.test("A unit comes back from its two bits, and the fourth value is refused", () => {
  for (const unit of [undefined, "doses", "appointments"] as const) {
    assertEquals(unpackUnit(packUnit(unit)), unit);
    checkUnit(packUnit(unit));
  }
  assertThrows(() => checkUnit(3), DecodeError, "a unit is of kind 3");
});

Deno.test("readAvailability() and readZip() refuse what nobody writes", () => {
  for (const bytes of [[], [4], [2], [2, 0x80], [2, 0x80, 0]]) {
    assertThrows(() => readAvailability(new ByteReader(new Uint8Array(bytes))), DecodeError);
  }
  for (const bytes of [[], [0], [1], [9], [20], [0x80]]) {
    assertThrows(() => readZip(new ByteReader(new Uint8Array(bytes))), DecodeError);
  }
});
