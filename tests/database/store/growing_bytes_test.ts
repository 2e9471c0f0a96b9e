import { assert, assertEquals, assertThrows } from "@std/assert";
import { GrowingBytes } from "../../../src/database/store/growing_bytes.ts";

Deno.test("GrowingBytes keeps the written bytes, with zeros behind them, from small to large, up to its bound", () => {
  const bytesMax = 3 * 2 ** 20;
  const bytes = new GrowingBytes(100, bytesMax);
  const written: number[] = [];
  let former: ArrayBuffer | undefined;
  for (let needed = 100; needed <= bytesMax; needed += 60_000) {
    const before = bytes.buffer.byteLength;
    if (needed > before) {
      former = bytes.buffer;
      bytes.grow(needed);
      assert(bytes.buffer.byteLength >= Math.min(2 * before, bytesMax), `${needed}`);
    }
    new Uint8Array(bytes.buffer)[needed - 1] = needed % 250 + 1;
    written.push(needed);
  }
  const all = new Uint8Array(bytes.buffer);
  assertEquals(written.map((at) => all[at - 1]), written.map((at) => at % 250 + 1));
  assertEquals(all.reduce((count, byte) => count + Math.sign(byte), 0), written.length);
  assertEquals(all.length, bytesMax);
  // Large ones have not been copied: the memory of the former buffer is that of this one.
  assertEquals(former?.byteLength, 0);
  assertThrows(() => bytes.grow(2 * bytesMax), RangeError);
});

Deno.test("GrowingBytes makes room for what is needed at once", () => {
  const bytes = new GrowingBytes(8, 2 ** 22);
  new Uint8Array(bytes.buffer)[7] = 5;
  bytes.grow(2 ** 21 + 1);
  assert(bytes.buffer.byteLength > 2 ** 21);
  assertEquals(new Uint8Array(bytes.buffer)[7], 5);
});
