import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter, DecodeError } from "../../src/bytes.ts";
import {
  availabilityBytes,
  isPackedAvailability,
  isPackedZip,
  packAvailability,
  packZip,
  readAvailability,
  readZip,
  unpackAvailability,
  unpackZip,
  varintBytes,
  writeAvailability,
} from "../../src/database/packed.ts";

const zips = fc.stringMatching(/^[0-9]{1,10}$/);
const availabilities = fc.oneof(fc.maxSafeNat(), fc.boolean(), fc.constantFrom(0, 127, 128, Number.MAX_SAFE_INTEGER));

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
});

Deno.test("isPackedZip() and isPackedAvailability() take nothing but integers that are not too large, and no -0", () => {
  for (const value of [10.5, 100.25, 1.5, NaN, Infinity, -10]) {
    assertEquals([value, isPackedZip(value)], [value, false]);
  }
  const max = Number.MAX_SAFE_INTEGER;
  for (const value of [-3, -0, -1.5, 0.5, max + 1, NaN, Infinity]) {
    assertEquals([value, isPackedAvailability(value)], [value, false]);
  }
  fc.assert(fc.property(availabilities, (value) => assert(isPackedAvailability(packAvailability(value)))));
});

Deno.test("An availability comes back from the wire, in as many bytes as announced", () => {
  fc.assert(fc.property(availabilities, (value) => {
    const writer = new ByteWriter();
    writeAvailability(writer, packAvailability(value));
    assertEquals(writer.length, availabilityBytes(packAvailability(value)));
    const reader = new ByteReader(writer.view());
    assertEquals(unpackAvailability(readAvailability(reader)), value);
    reader.end();
  }));
});

Deno.test("varintBytes() says how long a varint is", () => {
  for (const value of [0, 127, 128, 16_383, 16_384, 2 ** 35 - 1, 2 ** 35, Number.MAX_SAFE_INTEGER]) {
    const writer = new ByteWriter();
    writer.varint(value);
    assertEquals(varintBytes(value), writer.length);
  }
});

Deno.test("readAvailability() and readZip() refuse what nobody writes", () => {
  for (const bytes of [[], [3], [2], [2, 0x80], [2, 0x80, 0]]) {
    assertThrows(() => readAvailability(new ByteReader(new Uint8Array(bytes))), DecodeError);
  }
  for (const bytes of [[], [0], [1], [9], [20], [0x80]]) {
    assertThrows(() => readZip(new ByteReader(new Uint8Array(bytes))), DecodeError);
  }
});
