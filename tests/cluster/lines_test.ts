import { assertEquals } from "@std/assert";
import { LineSplitter } from "../../src/cluster/lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The lines of a text that comes in pieces of `size` bytes; a cut one ends in "…". */
function split(text: string, size: number, bytesMax = 100): string[] {
  const splitter = new LineSplitter(bytesMax);
  const bytes = encode(text);
  const lines = [];
  for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)));
  const rest = splitter.end();
  return [...lines, ...(rest === undefined ? [] : [rest])].map(({ text, cut }) => cut ? `${text}…` : text);
}

Deno.test("LineSplitter.push() returns the same lines whatever pieces they come in", () => {
  const text = "one\n\ntwo\r\nthrée 💉\nlast";
  for (let size = 1; size <= 30; size++) {
    assertEquals(split(text, size), ["one", "", "two", "thrée 💉", "last"]);
  }
});

Deno.test("LineSplitter.push() cuts a line that is over the bound, and goes on with the next", () => {
  const text = `${"a".repeat(10)}\n${"b".repeat(11)}\n${"c".repeat(100_000)}\nd\n`;
  for (const size of [1, 3, 11, 1000, 1_000_000]) {
    assertEquals(split(text, size, 10), ["a".repeat(10), "b".repeat(10) + "…", "c".repeat(10) + "…", "d"]);
  }
});

Deno.test("LineSplitter.push() takes lines over the size that it starts with", () => {
  const line = "x".repeat(5000);
  assertEquals(split(`${line}\n${line}\n`, 700, 8000), [line, line]);
});

Deno.test("LineSplitter.push() replaces what is no UTF-8", () => {
  const [line] = new LineSplitter(10).push(new Uint8Array([97, 0xff, 98, 10]));
  assertEquals(line, { text: "a\ufffdb", cut: false });
});

Deno.test("LineSplitter.end() returns nothing when the stream ends with a line break", () => {
  const splitter = new LineSplitter(10);
  assertEquals(splitter.push(encode("a\n")).length, 1);
  assertEquals(splitter.end(), undefined);
});
