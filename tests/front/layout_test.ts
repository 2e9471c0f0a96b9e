import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { unicodeWidth } from "@std/cli/unicode-width";
import { flowed, page, rows, wrapped } from "../../src/front/layout.ts";

Deno.test("wrapped() breaks a line between words, and leaves what fits, or goes to no terminal", () => {
  assertEquals(wrapped("one two three", 10), "one two\nthree");
  assertEquals(wrapped("one two\nthree", 8), "one two\nthree");
  assertEquals(wrapped("one  two   three", 100), "one  two   three");
  assertEquals(wrapped("one two three", undefined), "one two three");
  assertEquals(wrapped("", 10), "");
});

Deno.test("wrapped() keeps a word whole that is longer than a line, and the blank behind a question", () => {
  assertEquals(wrapped("see http://127.0.0.1:8080/#token now", 10), "see\nhttp://127.0.0.1:8080/#token\nnow");
  assertEquals(wrapped("A count or True (empty: back): ", 20), "A count or True\n(empty: back): ");
});

Deno.test("wrapped() keeps what stands to the right of a term there, or below it where there is no room", () => {
  const text = "  add NAME  adds one, with nothing in it so far";
  assertEquals(wrapped(text, 38), "  add NAME  adds one, with nothing in\n            it so far");
  assertEquals(wrapped(text, 30), "  add NAME  adds one, with\n      nothing in it so far");
});

Deno.test("wrapped() counts columns: two for a wide letter, none for a colour", () => {
  assertEquals(wrapped("薬局 薬局 薬局", 10), "薬局 薬局\n薬局");
  assertEquals(wrapped("\x1b[31mone two\x1b[39m", 8), "\x1b[31mone two\x1b[39m");
});

Deno.test("wrapped() loses no word of any text, and only a line of one word is too long", () => {
  const words = fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 12 }), { maxLength: 20 });
  fc.assert(fc.property(words, fc.integer({ min: 2, max: 60 }), (words, columns) => {
    const text = words.join(" ").trim();
    const lines = wrapped(text, columns);
    assertEquals(lines.split(/\s+/), text.split(/\s+/));
    for (const line of lines.split("\n")) assert(unicodeWidth(line) < columns || !line.trim().includes(" "), line);
  }));
});

Deno.test("page() fits the window, 80 columns where there is none, and never more", () => {
  const text = "word ".repeat(60).trim();
  const longest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));
  assertEquals([40, undefined, 300].map((columns) => longest(page(text, columns))), [39, 79, 79]);
});

Deno.test("flowed() breaks a line only between what belongs together", () => {
  const items = ["[l] list all", "[q] quit", "[v] view one"];
  assertEquals(flowed(items), "[l] list all  [q] quit  [v] view one");
  assertEquals(flowed(items, 25), "[l] list all  [q] quit\n[v] view one");
});

Deno.test("rows() puts what terms mean below each other", () => {
  assertEquals(rows([["a", "one"], ["long", "two"]]), "  a     one\n  long  two\n");
});
