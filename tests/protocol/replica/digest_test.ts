/** The running digest. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { ByteReader, ByteWriter } from "../../../src/bytes.ts";
import { Digest, digestText } from "../../../src/protocol/replica/digest.ts";

function of(...parts: (number | string | Uint8Array)[]): number {
  const digest = new Digest();
  for (const part of parts) {
    if (typeof part === "number") digest.number(part);
    else if (typeof part === "string") digest.text(part);
    else digest.bytes(part);
  }
  return digest.value;
}

Deno.test("Digest.value is the same for the same input, and another one for any change of it", () => {
  const bytes = Uint8Array.from({ length: 21 }, (_, at) => at);
  const values = new Set([of(), of(0), of(1), of(2 ** 32), of(2 ** 52), of("a"), of("b"), of(new Uint8Array(0))]);
  assertEquals(values.size, 8);
  assertEquals(of(bytes, 7), of(bytes.slice(), 7));
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = bytes.slice();
      flipped[at] ^= 1 << bit;
      assertNotEquals(of(flipped), of(bytes), `byte ${at}, bit ${bit}`);
    }
  }
});

Deno.test("Digest.value tells order and borders apart", () => {
  assertNotEquals(of(1, 2), of(2, 1));
  assertNotEquals(of(Uint8Array.of(1, 2), Uint8Array.of(3)), of(Uint8Array.of(1), Uint8Array.of(2, 3)));
  assertNotEquals(of(new Uint8Array(3)), of(new Uint8Array(4)));
});

Deno.test("Digest has no two values alike among 100,000", () => {
  const digest = new Digest();
  const values = new Set<number>();
  for (let at = 0; at < 100_000; at++) {
    digest.number(at % 3);
    values.add(digest.value);
  }
  assertEquals(values.size, 100_000);
});

Deno.test("Digest continues where another one was, and is read as 14 digits", () => {
  const first = new Digest();
  first.number(12345);
  const writer = new ByteWriter();
  first.write(writer);
  const second = new Digest();
  second.read(new ByteReader(writer.view()));
  for (const digest of [first, second]) digest.text("more");
  assertEquals(second.value, first.value);
  assertEquals(digestText(second.value).length, 14);
  assertEquals(digestText(1), "00000000000001");
  assertEquals(Number.isSafeInteger(first.value), true);
});
