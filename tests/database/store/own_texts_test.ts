/** Own texts are what they were given as, in as many cells as they need, whatever was there before. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { noOwnText, OwnTexts } from "../../../src/database/store/own_texts.ts";
import { isErased } from "../../../src/database/store/shared_texts.ts";
import { identifiersBytesMax } from "../../../src/limits.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";

/** A text of letters, behind others. */
function textOf(length: number, letter: number): TextRange {
  const bytes = new Uint8Array(length + 3).fill(65 + letter, 1, length + 1);
  const text = new TextRange();
  text.set(bytes, 1, length + 1);
  return text;
}

/** Cells of 32 bytes that a text needs: the first one has 22 bytes of it, and the others 28. */
function cellsOf(length: number): number {
  return length <= 22 ? 1 : 1 + Math.ceil((length - 22) / 28);
}

const lengths = fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constantFrom(22, 23, 50, 51, 280, identifiersBytesMax));
const step = fc.record({
  what: fc.constantFrom("keep", "keep", "replace", "drop", "erase"),
  at: fc.nat(),
  length: lengths,
  letter: fc.nat(25),
  index: fc.nat(1e9),
});

Deno.test("OwnTexts keeps texts, replaces them and gives them up, and takes as many cells as they need", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
    const own = new OwnTexts();
    const all: { number: number; text: TextRange; index: number; isErased: boolean }[] = [];
    for (const { what, at, length, letter, index } of steps) {
      const text = textOf(length, letter);
      const known = all[at % Math.max(1, all.length)];
      if (what === "keep" || known === undefined) {
        all.push({ number: own.keep(text, index), text, index, isErased: false });
      } else if (what === "replace") {
        Object.assign(known, { number: own.replace(known.number, text, index), text, index, isErased: false });
      } else if (what === "erase") Object.assign(known, { number: own.erase(known.number), isErased: true });
      else {
        own.drop(known.number);
        all.splice(all.indexOf(known), 1);
      }
      assertEquals(own.taken, all.reduce((sum, { text, isErased }) => sum + (isErased ? 1 : cellsOf(text.length)), 0));
    }
    assertEquals(new Set(all.map(({ number }) => number).filter((number) => number !== noOwnText)).size, all.length);
    const read = new TextRange();
    for (const { number, text, index, isErased: isGone } of all) {
      own.read(number, read);
      assertEquals([own.index(number), isErased(read), own.compareTo(number, text) === 0], [index, isGone, !isGone]);
      if (!isGone) assertEquals(read.view(), text.view());
    }
    // The order of texts is one: it is the same however they are compared.
    for (const [at, { number }] of all.entries()) {
      for (const { number: other } of all.slice(0, at)) {
        own.read(other, read);
        assertEquals(Math.sign(own.compare(number, other)), Math.sign(own.compareTo(number, read)));
        assertEquals(Math.sign(own.compare(other, number)), -Math.sign(own.compareTo(number, read)) + 0);
      }
    }
  }));
});

Deno.test("OwnTexts takes an overwritten text as none, and a short one leaves nothing of a long one", () => {
  const own = new OwnTexts();
  const read = new TextRange();
  const overwritten = new TextRange();
  overwritten.set(new Uint8Array(200), 0, 200);
  const kept = own.keep(overwritten, 7);
  own.read(kept, read);
  assertEquals([read.length, isErased(read), own.index(kept), own.taken], [1, true, 7, 1]);
  const short = own.replace(own.keep(textOf(300, 1), 1), textOf(2, 2), 2);
  own.read(short, read);
  assertEquals([read.decode(), own.taken], ["CC", 2]);
  own.drop(short);
  // What takes the cells of another one is as long as it is said to be.
  own.read(own.keep(textOf(60, 3), 3), read);
  assertEquals(read.decode(), "D".repeat(60));
  assert(own.isAmple);
});
