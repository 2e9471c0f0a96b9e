import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../src/bytes.ts";
import {
  allOf,
  type Feed,
  Gathering,
  Made,
  type Part,
  Parts,
  Reading,
  restoreAll,
  Sequence,
  type Snapshot,
  toTheEnd,
} from "../src/snapshot.ts";

const bytes = fc.uint8Array({ maxLength: 20 });
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 200, maxLength: 200 });

/** All of a snapshot, taken in pieces of these sizes. */
function taken(snapshot: Snapshot, sizes: readonly number[]) {
  const all: number[] = [];
  for (let at = 0; snapshot.next === "ready"; at++) {
    const bytes = snapshot.take(sizes[at % sizes.length]);
    assert(bytes.length <= sizes[at % sizes.length]);
    all.push(...bytes);
  }
  return all;
}

Deno.test("Parts and Sequence give all bytes in their order, in pieces of any size", () => {
  fc.assert(fc.property(fc.array(bytes), fc.array(bytes), sizes, (first, second, sizes) => {
    const lazy = (part: Uint8Array): Part => ({ length: part.length, bytes: () => part });
    const snapshot = new Sequence([new Parts(first.map(lazy)), new Parts(second)]);
    const expected = [...first, ...second].flatMap((part) => [...part]);
    assertEquals(snapshot.estimate, expected.length);
    assertEquals(taken(snapshot, sizes), expected);
    assertEquals([snapshot.next, snapshot.take(9).length, snapshot.estimate], ["nothing", 0, expected.length]);
  }));
});

Deno.test("Made gives the bytes that are made, in pieces of any size, and says when it has given all", () => {
  fc.assert(fc.property(fc.array(bytes), fc.array(bytes), sizes, (first, second, sizes) => {
    let ended = 0;
    const made = new Made(7, first.values(), () => ended++);
    const snapshot = new Sequence([made, new Parts(second)]);
    const expected = [...first, ...second].flatMap((part) => [...part]);
    assertEquals(taken(snapshot, sizes), expected);
    assertEquals([snapshot.next, made.next, made.take(1).length, ended], ["nothing", "nothing", 0, 1]);
  }));
});

Deno.test("Made makes no piece before it is taken", () => {
  const made: number[] = [];
  const snapshot = new Made(
    4,
    function* () {
      for (let k = 0; k < 3; k++) {
        made.push(k);
        yield Uint8Array.of(k, k);
      }
    }(),
  );
  assertEquals([snapshot.next, made], ["ready", []]);
  assertEquals([[...snapshot.take(1)], [...snapshot.take(2)], made], [[0], [0, 1], [0, 1]]);
});

Deno.test("Feed passes on as many bytes as a state has, or all that follow", () => {
  fc.assert(fc.property(bytes, fc.nat(20), sizes, (all, count, sizes) => {
    const length = Math.min(count, all.length);
    const end = length === toTheEnd ? all.length : length;
    let passed: Uint8Array | undefined;
    const state = new Gathering((bytes) => passed = bytes.slice());
    const reading = new Reading(function* (feed: Feed) {
      yield* feed.pass(length, state);
      state.finish();
      yield* feed.need(all.length - end);
      return feed.reader.view(all.length - end).slice();
    }, (rest) => assertEquals([passed, rest], [all.slice(0, end), all.slice(end)]));
    for (let at = 0, k = 0; at < all.length; at += sizes[k++]) reading.push(all.slice(at, at + sizes[k]));
    reading.finish();
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

Deno.test("Parts gives what was put in, until it has ended", () => {
  const passing = new Parts([], 6);
  const snapshot = new Sequence([new Parts([Uint8Array.of(9)]), passing]);
  assertEquals([snapshot.estimate, snapshot.next, [...snapshot.take(5)]], [7, "ready", [9]]);
  assertEquals([snapshot.next, [...snapshot.take(5)]], ["awaited", []]);
  passing.put(Uint8Array.of(1, 2));
  passing.put(Uint8Array.of(3, 4));
  assertEquals([[...snapshot.take(3)], snapshot.next], [[1, 2, 3], "ready"]);
  passing.put(Uint8Array.of(5, 6, 7));
  assertEquals([[...allOf(snapshot)], snapshot.next, snapshot.estimate], [[4, 5, 6, 7], "awaited", 8]);
  passing.end();
  assertEquals(snapshot.next, "nothing");
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
