/** The sums by which replicas compare requests. */

import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { Summer } from "../../../src/protocol/replica/sum.ts";
import { key } from "./stage.ts";

const request = { seq: 7, ts: 2 ** 40 + 3, end: false, commands: new Uint8Array([4, 1, 2, 3, 4]) };

/**
 * HalfSipHash-2-4 with an output of 64 bits, of words of 32 bits, as the paper has it, with numbers of any size and in
 * no hurry.
 */
function halfSipHash(key: readonly [bigint, bigint], words: readonly bigint[]): [bigint, bigint] {
  const mask = 0xffffffffn;
  const rotate = (word: bigint, by: bigint) => (word << by | word >> (32n - by)) & mask;
  let [a, b, c, d] = [key[0], key[1] ^ 0xeen, key[0] ^ 0x6c796765n, key[1] ^ 0x74656462n];
  const rounds = (count: number) => {
    for (; count > 0; count--) {
      a = (a + b) & mask;
      b = rotate(b, 5n) ^ a;
      a = rotate(a, 16n);
      c = (c + d) & mask;
      d = rotate(d, 8n) ^ c;
      a = (a + d) & mask;
      d = rotate(d, 7n) ^ a;
      c = (c + b) & mask;
      b = rotate(b, 13n) ^ c;
      c = rotate(c, 16n);
    }
  };
  for (const word of words) {
    d ^= word;
    rounds(2);
    a ^= word;
  }
  c ^= 0xeen;
  rounds(4);
  const first = b ^ d;
  b ^= 0xddn;
  rounds(4);
  return [first, b ^ d];
}

/** The words that docs/reference/wire.md names. */
function wordsOf({ seq, ts, end, commands }: typeof request): bigint[] {
  const halves = (value: number) => [BigInt(value) & 0xffffffffn, BigInt(value) >> 32n];
  const padded = [...commands, 0, 0, 0, 0].map(BigInt);
  const words = Array.from({ length: Math.floor(commands.length / 4) + 1 }, (_, at) => {
    const [first, second, third, fourth] = padded.slice(4 * at, 4 * at + 4);
    return first | second << 8n | third << 16n | fourth << 24n;
  });
  return [...halves(seq), ...halves(ts), 2n * BigInt(commands.length) + (end ? 1n : 0n), ...words];
}

Deno.test("the test's own HalfSipHash gives a test vector of the authors", () => {
  // Their key is the bytes 0 to 7, and the message of no bytes is the word of its length alone.
  const [first, second] = halfSipHash([0x03020100n, 0x07060504n], [0n]);
  assertEquals([first.toString(16), second.toString(16)], ["591f8d21", "c83cb8b9"]);
});

Deno.test("Summer.of() is HalfSipHash-2-4 of the words of a request, shortened to 53 bits", () => {
  const summed = fc.record({
    seq: fc.maxSafeNat(),
    ts: fc.maxSafeNat(),
    end: fc.boolean(),
    commands: fc.uint8Array({ maxLength: 40 }),
  });
  const half = fc.nat(2 ** 31 - 1).map((value) => 2 * value + 1);
  fc.assert(fc.property(half, half, summed, (k0, k1, summed) => {
    const digits = [k0, k1].map((half) => half.toString(16).padStart(8, "0")).join("");
    const [low, high] = halfSipHash([BigInt(k0), BigInt(k1)], wordsOf(summed));
    assertEquals(new Summer(digits + "9".repeat(48)).of(summed), Number((high >> 11n) << 32n | low));
  }));
});

Deno.test("Summer.of() differs where anything differs that decides what is executed, and when", () => {
  const summer = new Summer(key);
  const others = [
    { ...request, seq: 8 },
    { ...request, seq: 7 + 2 ** 32 },
    { ...request, ts: 2 ** 40 + 4 },
    { ...request, ts: 3 },
    { ...request, end: true },
    { ...request, commands: new Uint8Array([4, 1, 2, 3, 5]) },
    { ...request, commands: new Uint8Array([4, 1, 2, 3, 4, 0]) },
    { ...request, commands: new Uint8Array([4, 1, 2, 3]) },
    { ...request, commands: new Uint8Array(0) },
  ];
  const sums = [request, ...others].map((each) => summer.of(each));
  assertEquals(new Set(sums).size, sums.length);
  assertEquals(summer.of({ ...request }), sums[0]);
});

Deno.test("Summer.of() differs with each half of the key", () => {
  const keys = [key, "0" + key.slice(1), key.slice(0, 15) + "0" + key.slice(16)];
  const sums = keys.map((key) => new Summer(key).of(request));
  assertEquals(new Set(sums).size, keys.length);
});

Deno.test("Summer.sumOf() makes the sum of a request once", () => {
  const summer = new Summer(key);
  const remembering = { ...request, sum: undefined };
  assertEquals([summer.sumOf(remembering), remembering.sum], [summer.of(request), summer.of(request)]);
  assertNotEquals(summer.of({ ...request, seq: 9 }), remembering.sum);
  assertEquals(summer.sumOf({ ...request, seq: 9, sum: 5 }), 5);
});
