import { decodeHex, encodeHex } from "@std/encoding/hex";
import { decodeHex as decodeHexOfAll, encodeHex as encodeHexOfAll } from "@std/encoding";
import { assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";

Deno.test("@std/encoding is the same from both entries", () => {
  assertStrictEquals(decodeHexOfAll, decodeHex);
  assertStrictEquals(encodeHexOfAll, encodeHex);
});

Deno.test("encodeHex() writes two lower-case digits a byte", () => {
  assertEquals(encodeHex(Uint8Array.of(0, 1, 0x7f, 0x80, 0xab, 0xff)), "00017f80abff");
  assertEquals(encodeHex(new Uint8Array()), "");
});

Deno.test("encodeHex() takes text and buffers, and leaves them as they are", () => {
  assertEquals(encodeHex("aé"), "61c3a9");
  const bytes = Uint8Array.of(1, 2, 3);
  assertEquals(encodeHex(bytes.buffer), "010203");
  assertEquals(encodeHex(bytes.subarray(1)), "0203");
  assertEquals(bytes, Uint8Array.of(1, 2, 3));
});

Deno.test("decodeHex() reads digits of either case", () => {
  assertEquals(decodeHex("00fFAb"), Uint8Array.of(0, 0xff, 0xab));
  assertEquals(decodeHex(""), new Uint8Array());
  const [one, other] = [decodeHex("00"), decodeHex("00")];
  one[0] = 1;
  assertNotEquals(one, other);
});

Deno.test("decodeHex() refuses what is not hexadecimal", () => {
  assertThrows(() => decodeHex("abc"), RangeError, "Cannot decode input as hex: Length (3) must be divisible by 2");
  assertThrows(() => decodeHex("0g"), TypeError, "Cannot decode input as hex: Invalid character (g)");
  assertThrows(() => decodeHex(" 1"), TypeError, "Cannot decode input as hex: Invalid character ( )");
  assertThrows(() => decodeHex("é"), TypeError, "Cannot decode input as hex: Invalid character (Ã)");
});
