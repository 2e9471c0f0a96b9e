import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { printable, quoted, quotedShort } from "../src/quoted.ts";

Deno.test("quoted() is JSON on one line, with nothing in it that a terminal obeys", () => {
  assertEquals(quoted(`O'Brien's "Best" \\`), `"O'Brien's \\"Best\\" \\\\"`);
  assertEquals(quoted("a\nb\x1b[0m\u202e\u0085\u2028"), '"a\\nb\\u001b[0m\\u202e\\u0085\\u2028"');
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assertEquals(JSON.parse(quoted(text)), text);
    assertEquals(printable(quoted(text)), quoted(text));
  }));
});

Deno.test("printable() escapes what moves the cursor and half characters, and leaves all else", () => {
  assertEquals(printable("Café 💉 薬局"), "Café 💉 薬局");
  assertEquals(printable("\u0007\x7f\ud800x"), "\\u0007\\u007f\\ud800x");
});

Deno.test("quotedShort() cuts a long value inside the quotes and between characters", () => {
  assertEquals(quotedShort("x".repeat(60)), `"${"x".repeat(60)}"`);
  assertEquals(quotedShort("💉".repeat(60)), `"${"💉".repeat(60)}"`);
  assertEquals(quotedShort("💉".repeat(61)), `"${"💉".repeat(60)}…"`);
  assert(quotedShort("y".repeat(10_000_000)).length < 100);
});
