import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { linesOf } from "../../src/runtime/lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The lines of a text that comes in pieces of `size` bytes; a cut one ends in "…". */
async function split(text: string, size: number, bytesMax = 100): Promise<string[]> {
  const bytes = encode(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
  }
  const lines = await Array.fromAsync(linesOf(pieces(), bytesMax));
  return lines.map(({ text, isCut }) => isCut ? `${text}…` : text);
}

Deno.test("linesOf() yields the same lines whatever pieces they come in", async () => {
  const text = "one\n\ntwo\r\nthrée 💉\nlast";
  for (let size = 1; size <= 30; size++) {
    assertEquals(await split(text, size), ["one", "", "two", "thrée 💉", "last"]);
  }
});

Deno.test("linesOf() cuts a line that is over the bound, and reads the next one", async () => {
  const text = `${"a".repeat(10)}\n${"b".repeat(11)}\n${"c".repeat(100_000)}\nd\n`;
  for (const size of [1, 3, 11, 1000, 1_000_000]) {
    assertEquals(await split(text, size, 10), ["a".repeat(10), "b".repeat(10) + "…", "c".repeat(10) + "…", "d"]);
  }
});

Deno.test("linesOf() yields what the text says, for any text, pieces and bound", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 60 });
  const size = fc.integer({ min: 1, max: 12 });
  await fc.assert(fc.asyncProperty(text, size, size, async (text, size, bytesMax) => {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    const cut = lines.map((line) => line.length > bytesMax ? `${line.slice(0, bytesMax)}…` : line);
    assertEquals(await split(text, size, bytesMax), cut);
  }));
});

Deno.test("linesOf() takes lines over the size that its buffer starts with", async () => {
  const line = "x".repeat(5000);
  assertEquals(await split(`${line}\n${line}\n`, 700, 8000), [line, line]);
});

Deno.test("linesOf() drops a line without an end as it comes", async () => {
  async function* endless() {
    for (let count = 0; count < 10_000; count++) yield await Promise.resolve(encode("x".repeat(10_000)));
    yield encode("\nq\n");
  }
  const lines = await Array.fromAsync(linesOf(endless(), 100));
  assertEquals(lines.map(({ text, isCut }) => [text.length, isCut]), [[100, true], [1, false]]);
});

Deno.test("linesOf() leaves out a byte order mark at the beginning, and nowhere else", async () => {
  for (const size of [1, 4, 100]) assertEquals(await split("\ufeffa\n\ufeffb\n", size), ["a", "\ufeffb"]);
});

Deno.test("linesOf() replaces what is not UTF-8", async () => {
  const lines = await Array.fromAsync(linesOf(ReadableStream.from([new Uint8Array([97, 0xff, 98, 10])]), 10));
  assertEquals(lines, [{ text: "a\ufffdb", isCut: false }]);
});
