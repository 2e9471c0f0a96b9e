import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../src/bytes.ts";
import { decodeRecord, encodeRecord, type RecordBody, recordBytesMax } from "../../src/engine/core/record.ts";

const body: RecordBody = {
  atMs: 300,
  entries: [
    {
      kind: "request",
      client: "0123456789abcdef".repeat(2),
      born: 5,
      seq: 2,
      done: 1,
      end: false,
      commands: Uint8Array.of(1, 7),
    },
    { kind: "expiry", client: "f".repeat(32), executed: 3, upTo: 9 },
  ],
};
const hex = "01" + "ac02" + "02" +
  "01" + "0123456789abcdef".repeat(2) + "05" + "02" + "01" + "00" + "020107" +
  "02" + "f".repeat(32) + "03" + "09";

Deno.test("a record has the bytes that were written by hand", () => {
  assertEquals(encodeRecord(body).toHex(), hex);
  assertEquals(decodeRecord(Uint8Array.fromHex(hex)), body);
});

Deno.test("decodeRecord() refuses whatever is not a whole record", () => {
  const bytes = Uint8Array.fromHex(hex);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => decodeRecord(bytes.subarray(0, length)), DecodeError);
  }
  const wrong: [hex: string, message: string][] = [
    [hex + "00", "left over"],
    ["02" + hex.slice(2), "version 2"],
    ["01" + "00" + "8020", "4096 entries are announced"],
    ["01" + "00" + "01" + "03", "kind 3"],
    [hex.replace("0502010002", "0502020002"), "done 2 cannot be"],
    [hex.replace("0502010002", "0502010102"), "the end of a session has no commands"],
    [hex.replace("020107", "020207"), ""],
  ];
  for (const [hex, message] of wrong) assertThrows(() => decodeRecord(Uint8Array.fromHex(hex)), DecodeError, message);
  assertThrows(() => decodeRecord(new Uint8Array(recordBytesMax + 1)), DecodeError, `${recordBytesMax}`);
});

Deno.test("decodeRecord() gives a record or a DecodeError, whatever the bytes are", () => {
  const flipped = fc.tuple(fc.nat(hex.length / 2 - 1), fc.nat(7)).map(([at, bit]) => {
    const bytes = Uint8Array.fromHex(hex);
    bytes[at] ^= 1 << bit;
    return bytes;
  });
  fc.assert(fc.property(fc.oneof(fc.uint8Array(), flipped), (bytes) => {
    try {
      assertEquals(encodeRecord(decodeRecord(bytes)), bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }));
});
