import { TextLineStream } from "@std/streams/text-line-stream";
import { toText } from "@std/streams/to-text";
import { TextLineStream as TextLineStreamOfAll, toText as toTextOfAll } from "@std/streams";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";

function lines(chunks: string[], options?: { allowCR?: boolean }): Promise<string[]> {
  return Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextLineStream(options)));
}

Deno.test("@std/streams is the same from all entries", () => {
  assertStrictEquals(TextLineStreamOfAll, TextLineStream);
  assertStrictEquals(toTextOfAll, toText);
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

Deno.test("TextLineStream keeps a lone \\r unless told", async () => {
  assertEquals(await lines(["a\rb\n", "c\r"]), ["a\rb", "c\r"]);
  assertEquals(await lines(["a\rb\n", "c\r"], {}), ["a\rb", "c\r"]);
  assertEquals(await lines(["a\rb\r", "\nc\r\r", "d\r"], { allowCR: true }), ["a", "b", "c", "", "d"]);
  assertEquals(await lines(["\r", "\r"], { allowCR: true }), ["", ""]);
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

Deno.test("toText() reads texts and bytes to the end", async () => {
  assertEquals(await toText(ReadableStream.from(["a", "b", ""])), "ab");
  const bytes = new TextEncoder().encode("é東👩");
  assertEquals(await toText(ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)))), "é東👩");
  assertEquals(await toText(ReadableStream.from([bytes.subarray(0, 1)])), "\ufffd");
  assertEquals(await toText(ReadableStream.from<string>([])), "");
});

Deno.test("toText() passes on the error of the stream", async () => {
  const broken = new ReadableStream<string>({
    start(controller) {
      controller.enqueue("a");
      controller.error(new RangeError("cut off"));
    },
  });
  await assertRejects(() => toText(broken), RangeError, "cut off");
});
