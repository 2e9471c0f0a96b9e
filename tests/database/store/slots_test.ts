import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { hashOf, hashOfNumber, mixed } from "../../../src/database/store/hash.ts";
import { SharedTexts } from "../../../src/database/store/shared_texts.ts";
import { Slots } from "../../../src/database/store/slots.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";
import { probesMax, sameHashMax, sharedTextsMax } from "../../../src/limits.ts";
import { collidingCounts, collidingNames } from "./collisions.ts";

function rangeOf(text: string): TextRange {
  // Surrounded by other bytes, as in a batch.
  const bytes = new TextEncoder().encode(`<${text}>`);
  const range = new TextRange();
  range.set(bytes, 1, bytes.length - 1);
  return range;
}

const byNumber = (a: number, b: number) => a - b;

Deno.test("Slots gives all numbers of a hash and no others, while it grows", () => {
  // Few hashes that differ, of which many point to the same slot.
  const hash = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 3 }).map((high) => high << 16));
  fc.assert(fc.property(fc.array(hash, { maxLength: 400, size: "max" }), (hashes) => {
    const slots = new Slots(byNumber);
    const byHash = new Map<number, number[]>();
    hashes.forEach((hash, at) => {
      slots.put(at + 1, hash);
      byHash.set(hash, [...byHash.get(hash) ?? [], at + 1]);
    });
    const firsts = new Int32Array(10);
    for (const each of [...byHash.keys(), 77]) {
      const found: number[] = [];
      for (let slot = slots.first(each); slot >= 0; slot = slots.next(slot, each)) found.push(slots.at(slot));
      // As many in each of two tables, while one is moved into the other.
      assert(found.length <= 2 * sameHashMax);
      const others = (byHash.get(each) ?? []).filter((number) => !found.includes(number));
      assertEquals(others.map((number) => slots.findCrowded((other) => other - number)), others);
      assert(others.length === 0 || slots.isCrowded);
      // None is in both places, and none that was not put in is in either.
      assertEquals(found.map((number) => slots.findCrowded((other) => other - number)), found.map(() => 0));
      assert(found.every((number) => byHash.get(each)?.includes(number)));
      slots.touch(Int32Array.of(each), firsts, 1);
      assertEquals(firsts[0] === 0, found.length === 0);
      if (found.length > 0) assertEquals(found.includes(firsts[0]), true);
    }
  }));
});

Deno.test("Slots moves only a few numbers each time when it grows, and finds all meanwhile", () => {
  const slots = new Slots(byNumber);
  const hashOf = (number: number) => Math.imul(number, 0x9e3779b1) >> 3;
  // Slots of the table that is being left have numbers above those of the other one.
  let left = new Set<number>();
  let most = 0;
  for (let size = 1, capacity = 64; size <= 3_000; size++) {
    slots.put(size, hashOf(size));
    const isNew = 2 * size === capacity;
    if (isNew) capacity *= 2;
    if (!isNew && left.size === 0) continue;
    const before = left;
    left = new Set();
    for (let number = 1; number <= size; number++) {
      const slot = slots.first(hashOf(number));
      assertEquals(slots.at(slot), number);
      if (slot >= capacity) left.add(number);
    }
    if (isNew) assertEquals(left.size, size - 1);
    else most = Math.max(most, before.size - left.size);
  }
  assert(most > 1 && most <= 16, `${most}`);
});

Deno.test("Slots looks at a few of many numbers of one hash, or one stretch, and finds the others by bisection", () => {
  const count = 20_000;
  for (const hashOfItem of [() => 7, (number: number) => number << 20, (number: number) => number % 3]) {
    const slots = new Slots(byNumber);
    for (let number = 1; number <= count; number++) slots.put(number, hashOfItem(number));
    let looks = 0;
    for (let number = 1; number <= count; number += 97) {
      const hash = hashOfItem(number);
      let slot = slots.first(hash);
      for (; slot >= 0 && slots.at(slot) !== number; slot = slots.next(slot, hash)) looks++;
      if (slot < 0) assertEquals(slots.findCrowded((other) => (looks++, other - number)), number);
    }
    assert(looks < 30 * count / 97, `${looks}`);
  }
});

Deno.test("Slots has a slot for nearly every number whose hash nobody has chosen", () => {
  let crowded = 0;
  const slots = new Slots((a, b) => (crowded++, a - b));
  const encoder = new TextEncoder();
  for (let number = 1; number <= 100_000; number++) {
    const name = encoder.encode(`Pharmacy ${number % 97} of ${number}`);
    slots.put(number, hashOf(name, 0, name.length));
  }
  assert(crowded < probesMax, `${crowded}`);
});

Deno.test("SharedTexts finds texts of one hash, however many there are", () => {
  const texts = new SharedTexts();
  const names = collidingNames(100);
  names.forEach((name) => texts.add(rangeOf(name)));
  assertEquals(names.map((name) => texts.find(rangeOf(name))), names.map((_, at) => at + 1));
  names.forEach((name) => texts.add(rangeOf(name)));
  assertEquals(texts.size, names.length);
});

Deno.test("What the tests have of one hash is of one hash", () => {
  const encoder = new TextEncoder();
  const names = collidingNames(300).map((name) => encoder.encode(name));
  assertEquals(new Set(names.map((name) => hashOf(name, 0, name.length))).size, 1);
  assertEquals(new Set(names.map(String)).size, 300);
  const counts = collidingCounts(300);
  assertEquals([new Set(counts.map(hashOfNumber)).size, new Set(counts).size], [1, 300]);
  assert(counts.every(Number.isSafeInteger));
});

Deno.test("hashOf(), mixed() and hashOfNumber() are 32 bits, and differ where they should", () => {
  const bytes = new TextEncoder().encode("Harvard University");
  assertEquals(hashOf(bytes, 0, bytes.length), hashOf(new Uint8Array([0, ...bytes]), 1, bytes.length + 1));
  const hashes = [
    hashOf(bytes, 0, 7),
    hashOf(bytes, 0, 8),
    hashOfNumber(1),
    hashOfNumber(2 ** 32 + 1),
    hashOfNumber(-1),
  ];
  assertEquals(new Set(hashes).size, hashes.length);
  for (const hash of [...hashes, mixed(1, 2)]) assertEquals(hash, hash | 0);
  assertEquals(mixed(1, 2) === mixed(2, 4), false);
});

Deno.test("SharedTexts numbers texts in the order in which they come, each once", () => {
  const texts = new SharedTexts();
  assertEquals(texts.find(rangeOf("a")), 0);
  for (const text of ["costarring", "liquid", "é", "costarring", ""]) {
    texts.add(rangeOf(text));
  }
  assertEquals(texts.size, 4);
  assertEquals(["costarring", "liquid", "é", "", "b"].map((text) => texts.find(rangeOf(text))), [1, 2, 3, 4, 0]);
  assertEquals([1, 2, 3, 4].map((number) => texts.get(number).decode()), ["costarring", "liquid", "é", ""]);
});

Deno.test("SharedTexts keeps a bounded number of texts", () => {
  const texts = new SharedTexts();
  for (let at = 0; at < sharedTextsMax + 3; at++) texts.add(rangeOf(String(at)));
  assertEquals([texts.size, texts.find(rangeOf(String(sharedTextsMax - 1)))], [sharedTextsMax, sharedTextsMax]);
  assertEquals(texts.find(rangeOf(String(sharedTextsMax))), 0);
});

Deno.test("TextRange compares and decodes bytes where they are", () => {
  assertEquals([rangeOf("é").equals(rangeOf("é")), rangeOf("é").equals(rangeOf("e")), rangeOf("").length], [
    true,
    false,
    0,
  ]);
  const range = rangeOf("x");
  range.set(new Uint8Array([0xff]), 0, 1);
  assertEquals([range.decode(), rangeOf("薬局").decode()], [undefined, "薬局"]);
  range.clear();
  assertEquals([range.length, range.decode()], [0, ""]);
});
