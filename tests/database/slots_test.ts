import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { hashOf, hashOfNumber, mixed } from "../../src/database/hash.ts";
import { SharedTexts } from "../../src/database/shared_texts.ts";
import { Slots } from "../../src/database/slots.ts";
import { TextRange } from "../../src/database/text_range.ts";
import { sharedTextsMax } from "../../src/limits.ts";

function rangeOf(text: string): TextRange {
  // Surrounded by other bytes, as in a batch.
  const bytes = new TextEncoder().encode(`<${text}>`);
  const range = new TextRange();
  range.set(bytes, 1, bytes.length - 1);
  return range;
}

Deno.test("Slots gives all numbers of a hash and no others, while it grows, from any size", () => {
  // Few hashes that differ, of which many point to the same slot.
  const hash = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 3 }).map((high) => high << 16));
  fc.assert(fc.property(fc.array(hash, { maxLength: 400, size: "max" }), fc.nat(500), (hashes, size) => {
    const slots = new Slots(size);
    const byHash = new Map<number, number[]>();
    hashes.forEach((hash, at) => {
      slots.put(at + 1, hash);
      byHash.set(hash, [...byHash.get(hash) ?? [], at + 1]);
    });
    const firsts = new Int32Array(10);
    for (const each of [...byHash.keys(), 77]) {
      const found = [];
      for (let slot = slots.first(each); slot >= 0; slot = slots.next(slot, each)) found.push(slots.at(slot));
      assertEquals(found.sort((a, b) => a - b), byHash.get(each) ?? []);
      slots.touch(Int32Array.of(each), firsts, 1);
      assertEquals(firsts[0] === 0, found.length === 0);
      if (found.length > 0) assertEquals(found.includes(firsts[0]), true);
    }
  }));
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
  for (const text of ["costarring", "liquid", "é", "costarring", ""]) texts.add(rangeOf(text));
  assertEquals(texts.size, 4);
  assertEquals(["costarring", "liquid", "é", "", "b"].map((text) => texts.find(rangeOf(text))), [1, 2, 3, 4, 0]);
  assertEquals([1, 2, 3, 4].map((number) => texts.get(number).decode()), ["costarring", "liquid", "é", ""]);
});

Deno.test("SharedTexts keeps so many texts and no more", () => {
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
