import { assertEquals } from "@std/assert";
import { FrameCounter } from "../../bench/wire_tap.ts";

/** Three frames, of the codes 3, 0x13 and 3. */
const stream = new Uint8Array([0, 0, 0, 1, 3, 0, 0, 0, 4, 0x13, 7, 7, 7, 0, 0, 0, 2, 3, 9]);

function countsOf(pieces: readonly Uint8Array[]): number[][] {
  const counts = new Float64Array(256);
  const counter = new FrameCounter(counts);
  for (const piece of pieces) counter.push(piece);
  return [...counts.entries()].filter(([, count]) => count > 0);
}

Deno.test("FrameCounter.push() counts frames by the code of their message", () => {
  assertEquals(countsOf([stream]), [[3, 2], [0x13, 1]]);
});

Deno.test("FrameCounter.push() counts the same wherever the stream is cut", () => {
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const pieces = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)];
      assertEquals(countsOf(pieces), [[3, 2], [0x13, 1]], `cut at ${first} and ${second}`);
    }
  }
});
