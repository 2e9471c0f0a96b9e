import { assertEquals } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import fc from "fast-check";
import { LineBound } from "../../src/cli/line_bound.ts";

async function linesOf(texts: readonly string[], lengthMax: number): Promise<string[]> {
  return await Array.fromAsync(
    ReadableStream.from(texts).pipeThrough(new LineBound(lengthMax)).pipeThrough(new TextLineStream()),
  );
}

Deno.test("LineBound passes short lines and cuts long ones, whatever pieces they come in", async () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 12 }), { maxLength: 8 });
  await fc.assert(fc.asyncProperty(text, fc.integer({ min: 1, max: 6 }), async (texts, lengthMax) => {
    const lines = texts.join("").split("\n");
    if (lines.at(-1) === "") lines.pop();
    assertEquals(await linesOf(texts, lengthMax), lines.map((line) => line.slice(0, lengthMax)));
  }));
});

Deno.test("LineBound drops a line without an end as it comes", async () => {
  async function* endless() {
    for (let count = 0; count < 10_000; count++) yield await Promise.resolve("x".repeat(10_000));
    yield "\nq\n";
  }
  const lines = ReadableStream.from(endless()).pipeThrough(new LineBound(100)).pipeThrough(new TextLineStream());
  assertEquals((await Array.fromAsync(lines)).map((line) => line.length), [100, 1]);
});
