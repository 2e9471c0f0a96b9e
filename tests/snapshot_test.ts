import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../src/bytes.ts";
import { allOf, Gathering, type Part, Parts, Reading, restoreAll, Sequence } from "../src/snapshot.ts";

const bytes = fc.uint8Array({ maxLength: 20 });
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 200, maxLength: 200 });

/** All of a snapshot, taken in pieces of these sizes. */
function taken({ length, take }: { length: number; take(bytesMax: number): Uint8Array }, sizes: readonly number[]) {
  const all: number[] = [];
  for (let at = 0; all.length < length; at++) all.push(...take(sizes[at % sizes.length]));
  return all;
}

Deno.test("Parts and Sequence give all bytes in their order, in pieces of any size", () => {
  fc.assert(fc.property(fc.array(bytes), fc.array(bytes), sizes, (first, second, sizes) => {
    const lazy = (part: Uint8Array): Part => ({ length: part.length, bytes: () => part });
    const snapshot = new Sequence([new Parts(first.map(lazy)), new Parts(second)]);
    const expected = [...first, ...second].flatMap((part) => [...part]);
    assertEquals([snapshot.length, snapshot.available], [expected.length, expected.length]);
    assertEquals(taken({ length: snapshot.length, take: (max) => snapshot.take(max) }, sizes), expected);
    assertEquals([snapshot.available, snapshot.take(9).length], [0, 0]);
  }));
});

Deno.test("Parts ask for the bytes of a part when they are taken, and once", () => {
  const asked: number[] = [];
  const part = (number: number): Part => ({
    length: 3,
    bytes: () => {
      asked.push(number);
      return Uint8Array.of(number, number, number);
    },
  });
  const parts = new Parts([part(1), part(2)]);
  assertEquals([[...parts.take(1)], [...parts.take(1)], asked], [[1], [1], [1]]);
  assertEquals([[...allOf(parts)], asked], [[1, 2, 2, 2], [1, 2]]);
});

Deno.test("Parts gives what was put in, and says how much that is", () => {
  const passing = new Parts([], 6);
  const snapshot = new Sequence([new Parts([Uint8Array.of(9)]), passing]);
  assertEquals([snapshot.length, snapshot.available, [...snapshot.take(5)]], [7, 1, [9]]);
  assertEquals([...snapshot.take(5)], []);
  passing.put(Uint8Array.of(1, 2));
  passing.put(Uint8Array.of(3, 4));
  assertEquals([[...snapshot.take(3)], snapshot.available], [[1, 2, 3], 1]);
  passing.put(Uint8Array.of(5, 6));
  assertEquals([[...allOf(snapshot)], snapshot.available], [[4, 5, 6], 0]);
});

Deno.test("Reading reads in pieces what it reads in one, and replaces nothing before it is finished", () => {
  fc.assert(fc.property(fc.array(bytes), sizes, (blobs, sizes) => {
    const head = Uint8Array.of(blobs.length);
    const all = allOf(new Parts([head, ...blobs.flatMap((blob) => [Uint8Array.of(blob.length), blob])]));
    let read: number[][] | undefined;
    const begin = () =>
      new Reading(function* (feed) {
        const found: number[][] = [];
        let left = yield* feed.attempt((reader) => reader.byte());
        for (; left > 0; left--) {
          yield* feed.need(1);
          const blob: number[] = [];
          for (const length = feed.reader.byte(); blob.length < length;) {
            blob.push(...yield* feed.some(length - blob.length));
          }
          found.push(blob);
        }
        return found;
      }, (found) => read = found);
    const reading = begin();
    for (let at = 0, k = 0; at < all.length; k++) {
      reading.push(all.slice(at, at + sizes[k % sizes.length]));
      at += sizes[k % sizes.length];
      assertEquals(read, undefined);
    }
    reading.finish();
    assertEquals(read, blobs.map((blob) => [...blob]));
    assertThrows(() => restoreAll(begin(), all.subarray(0, all.length - 1)), DecodeError, "the bytes end too early");
    assertThrows(() => restoreAll(begin(), new Uint8Array([...all, 0])), DecodeError, "1 bytes are left over");
  }));
});

Deno.test("Feed.attempt() is tried again when more has come, and at the end for the last time", () => {
  let tries = 0;
  const reading = new Reading((feed) =>
    feed.attempt((reader) => {
      tries++;
      return reader.view(8).length;
    }), () => {});
  for (let at = 0; at < 7; at++) reading.push(Uint8Array.of(0));
  assertEquals(tries, 3);
  assertThrows(() => reading.finish(), DecodeError, "8 bytes are announced and 7 are left");
});

Deno.test("Gathering reads all at the end, of copies", () => {
  let read: Uint8Array | undefined;
  const gathering = new Gathering((bytes) => read = bytes);
  const piece = Uint8Array.of(1, 2);
  gathering.push(piece);
  piece.fill(0);
  gathering.push(piece);
  assertEquals(read, undefined);
  gathering.finish();
  assertEquals([...read!], [1, 2, 0, 0]);
});
