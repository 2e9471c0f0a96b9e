import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter, DecodeError, putVarint } from "../src/bytes.ts";
import { text as anyText } from "./protocol/wire/messages_of.ts";

const safeInteger = fc.oneof(fc.nat(300), fc.maxSafeNat());

function written(write: (writer: ByteWriter) => void, capacity?: number): Uint8Array {
  const writer = new ByteWriter(capacity);
  write(writer);
  return writer.copy();
}

Deno.test("ByteWriter.varint() writes seven bits a byte, the lowest first", () => {
  const cases: [number, number[]][] = [
    [0, [0]],
    [1, [1]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [300, [0xac, 0x02]],
    [16_384, [0x80, 0x80, 0x01]],
    [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
    [Number.MAX_SAFE_INTEGER, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ];
  for (const [value, bytes] of cases) assertEquals([value, [...written((w) => w.varint(value))]], [value, bytes]);
});

Deno.test("ByteWriter.varint() refuses any value except an integer from 0 to 2^53 - 1", () => {
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => new ByteWriter().varint(value), RangeError, `Cannot write a varint: "${value}"`);
  }
});

Deno.test("ByteReader.varint() reads what was written", () => {
  fc.assert(fc.property(fc.array(safeInteger), fc.nat(20), (values, capacity) => {
    const reader = new ByteReader(written((w) => values.forEach((value) => w.varint(value)), capacity));
    assertEquals(values.map(() => reader.varint()), values);
    reader.end();
  }));
});

Deno.test("ByteReader.varint() takes the shortest form only, so that a value has one form", () => {
  const refused: [number[], string][] = [
    [[0x80, 0x00], "longer than it needs to be"],
    [[0xff, 0x80, 0x00], "longer than it needs to be"],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10], "over 2^53 - 1"],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], "over 2^53 - 1"],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "over 2^53 - 1"],
    [[0x80], "end too early"],
    [[], "end too early"],
  ];
  for (const [bytes, message] of refused) {
    assertThrows(() => new ByteReader(new Uint8Array(bytes)).varint(), DecodeError, message);
  }
});

Deno.test("ByteReader.varint() gives an integer that is written as the same bytes, or throws DecodeError", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
    const reader = new ByteReader(bytes);
    let value: number;
    try {
      value = reader.varint();
    } catch (error) {
      assertEquals(error instanceof DecodeError, true);
      return;
    }
    assertEquals(written((w) => w.varint(value)), bytes.slice(0, reader.position));
  }));
});

Deno.test("ByteWriter.text() and ByteReader.text() keep all text, long and short", () => {
  const value = fc.oneof(
    anyText,
    fc.constantFrom(
      "",
      "\ufeffwith a mark",
      "with \ufffd",
      "x".repeat(41),
      "x".repeat(42),
      "x".repeat(43),
      "ü".repeat(42),
      "漢".repeat(42),
    ),
    fc.integer({ min: 100, max: 700 }).map((length) => "é".repeat(length)),
  );
  fc.assert(fc.property(value, fc.nat(10), (value, capacity) => {
    const reader = new ByteReader(written((w) => w.text(value), capacity));
    assertEquals(reader.text(), value);
    reader.end();
  }));
});

Deno.test("ByteReader.text() refuses what is not UTF-8", () => {
  for (const bytes of [[1, 0xff], [2, 0xc3, 0x28], [3, 0xed, 0xa0, 0x80], [1, 0xc3]]) {
    assertThrows(() => new ByteReader(new Uint8Array(bytes)).text(), DecodeError, "text is not UTF-8");
  }
});

Deno.test("ByteWriter.blob() and ByteReader.blob() keep bytes, and the reader's copy is its own", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (blobs) => {
    const bytes = written((w) => blobs.forEach((blob) => w.blob(blob)), 1);
    const reader = new ByteReader(bytes);
    const read = blobs.map(() => reader.blob());
    bytes.fill(0xee);
    assertEquals(read, blobs);
    reader.end();
  }));
});

Deno.test("ByteReader never reads past its end, whatever length is announced", () => {
  const lying = new Uint8Array([5, 1, 2]);
  assertThrows(() => new ByteReader(lying).blob(), DecodeError, "5 bytes are announced and 2 are left");
  assertThrows(() => new ByteReader(lying).text(), DecodeError, "5 bytes are announced and 2 are left");
  assertThrows(() => new ByteReader(lying).view(4), DecodeError, "4 bytes are announced and 3 are left");
  assertThrows(() => new ByteReader(lying).skip(4), DecodeError, "4 bytes are announced and 3 are left");
  assertThrows(() => new ByteReader(lying, 0, 1).blob(), DecodeError, "5 bytes are announced and 0 are left");
  const huge = written((w) => w.varint(Number.MAX_SAFE_INTEGER));
  assertThrows(() => new ByteReader(huge).blob(), DecodeError, "are announced and 0 are left");
});

Deno.test("ByteReader reads its range only, and says where it is", () => {
  const reader = new ByteReader(new Uint8Array([9, 1, 2, 3, 9]), 1, 4);
  assertEquals([reader.position, reader.remaining, reader.byte()], [1, 3, 1]);
  reader.skip(1);
  assertThrows(() => reader.end(), DecodeError, "1 bytes are left over");
  assertEquals([...reader.view(1)], [3]);
  reader.end();
  assertThrows(() => reader.byte(), DecodeError, "the bytes end too early");
});

Deno.test("ByteWriter.uint32() writes the highest byte first, and setUint32() overwrites it", () => {
  const writer = new ByteWriter(0);
  writer.uint32(0xfedcba98);
  writer.byte(7);
  assertEquals([...writer.view()], [0xfe, 0xdc, 0xba, 0x98, 7]);
  writer.setUint32(0, 5);
  assertEquals([...writer.view()], [0, 0, 0, 5, 7]);
});

Deno.test("ByteWriter.clear() and truncate() forget, copy() keeps what was there", () => {
  const writer = new ByteWriter(1);
  writer.raw(new Uint8Array([1, 2, 3]));
  const copy = writer.copy();
  const tail = writer.copy(1);
  writer.truncate(1);
  writer.byte(9);
  assertEquals([[...writer.view()], writer.length], [[1, 9], 2]);
  writer.clear();
  writer.byte(8);
  assertEquals([[...writer.view()], [...copy], [...tail]], [[8], [1, 2, 3], [2, 3]]);
  assertEquals(writer.capacity >= 3, true);
});

Deno.test("ByteWriter.room() is filled by others, as far as they say", () => {
  const writer = new ByteWriter(1);
  writer.byte(7);
  for (const value of [0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 35, 2 ** 35 + 2 ** 27, Number.MAX_SAFE_INTEGER]) {
    const expected = new ByteWriter();
    expected.byte(7);
    expected.varint(value);
    const bytes = writer.room(8);
    writer.advance(putVarint(bytes, writer.length, value));
    assertEquals(writer.view(), expected.view());
    assertEquals(new ByteReader(writer.view(), 1).varint(), value);
    writer.truncate(1);
  }
  writer.setByte(0, 9);
  assertEquals(writer.copy(), new Uint8Array([9]));
});

Deno.test("ByteReader.begin() reads another range", () => {
  const reader = new ByteReader(new Uint8Array([1, 2, 3]));
  reader.begin(new Uint8Array([4, 5, 6, 7]), 1, 3);
  assertEquals([reader.byte(), reader.byte(), reader.remaining], [5, 6, 0]);
});
