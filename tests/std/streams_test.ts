import { TextLineStream } from "@std/streams/text-line-stream";
import { TextLineStream as TextLineStreamOfAll } from "@std/streams";
import { assertEquals, assertStrictEquals } from "@std/assert";

function lines(chunks: string[]): Promise<string[]> {
  return Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextLineStream()));
}

Deno.test("@std/streams is the same from both entries", () => {
  assertStrictEquals(TextLineStreamOfAll, TextLineStream);
});

Deno.test("TextLineStream cuts at \\n and \\r\\n, wherever the chunks end", async () => {
  assertEquals(await lines(["one\ntwo\r\nthree"]), ["one", "two", "three"]);
  assertEquals(await lines(["one\r", "\ntw", "", "o\n", "\n"]), ["one", "two", ""]);
  assertEquals(await lines([..."a\r\nb\n\nc\n"]), ["a", "b", "", "c"]);
  assertEquals(await lines(["a", "b", "c"]), ["abc"]);
});

Deno.test("TextLineStream gives no line for what is empty", async () => {
  assertEquals(await lines([]), []);
  assertEquals(await lines(["", ""]), []);
  assertEquals(await lines(["\n"]), [""]);
});

Deno.test("TextLineStream keeps a lone \\r", async () => {
  assertEquals(await lines(["a\rb\n", "c\r"]), ["a\rb", "c\r"]);
});

Deno.test("TextLineStream gives each line as soon as it is whole", async () => {
  const stream = new TextLineStream();
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const first = reader.read();
  await writer.write("ready\nnot ");
  assertEquals(await first, { done: false, value: "ready" });
  const second = reader.read();
  await writer.write("yet\n");
  assertEquals(await second, { done: false, value: "not yet" });
  await writer.close();
  assertEquals(await reader.read(), { done: true, value: undefined });
});
