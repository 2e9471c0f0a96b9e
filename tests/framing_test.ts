import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../src/bytes.ts";
import {
  frameHeaderBytes,
  FrameReader,
  FramingError,
  readBufferBytes,
  readBufferBytesMax,
  writeFrame,
} from "../src/framing.ts";

function streamOf(...frames: Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const frame of frames) writeFrame(writer, (w, frame) => w.raw(frame), frame);
  return writer.copy();
}

/** Feeds a stream in pieces of these lengths, over and over, and collects the frames. */
function framesOf(stream: Uint8Array, pieces: number[], reader = new FrameReader(1_000_000)): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let at = 0;
  for (let k = 0; at < stream.length; k++) {
    const space = reader.space();
    assert(space.length > 0, "there is always space");
    const count = Math.min(pieces[k % pieces.length], space.length, stream.length - at);
    space.set(stream.subarray(at, at + count));
    at += count;
    reader.filled(count);
    while (reader.next()) frames.push(reader.bytes.slice(reader.start, reader.end));
  }
  return frames;
}

const frame = fc.uint8Array({ minLength: 1, maxLength: 300 });

Deno.test("writeFrame() writes the length in four bytes, the highest first, and then the frame", () => {
  assertEquals([...streamOf(new Uint8Array([7, 8]), new Uint8Array([9]))], [0, 0, 0, 2, 7, 8, 0, 0, 0, 1, 9]);
});

Deno.test("FrameReader gives back the frames of a stream that comes whole", () => {
  fc.assert(fc.property(fc.array(frame), (frames) => {
    assertEquals(framesOf(streamOf(...frames), [Infinity]), frames);
  }));
});

Deno.test("FrameReader gives back the frames of a stream that comes byte by byte", () => {
  fc.assert(fc.property(fc.array(frame, { maxLength: 4 }), (frames) => {
    assertEquals(framesOf(streamOf(...frames), [1]), frames);
  }));
});

Deno.test("FrameReader gives back the frames of a stream that is cut anywhere", () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 });
  fc.assert(fc.property(fc.array(frame), pieces, (frames, lengths) => {
    assertEquals(framesOf(streamOf(...frames), lengths), frames);
  }));
});

Deno.test("FrameReader gives back frames that are larger than its buffer was", () => {
  const sizes = [readBufferBytes - 4, readBufferBytes, readBufferBytes * 3 + 1, readBufferBytesMax * 2 + 7, 1];
  const frames = sizes.map((size, k) => new Uint8Array(size).fill(k + 1));
  for (const pieces of [[Infinity], [1000, 7], [readBufferBytes]]) {
    assertEquals(framesOf(streamOf(...frames), pieces).map((each) => each.length), sizes);
  }
  const read = framesOf(streamOf(...frames), [777]);
  assertEquals(read.every((each, k) => each.every((byte) => byte === k + 1)), true);
});

Deno.test("FrameReader.buffered says how much waits for the rest of its frame", () => {
  const reader = new FrameReader(100);
  const stream = streamOf(new Uint8Array([1, 2, 3]), new Uint8Array([4, 5]));
  const frames = framesOf(stream.subarray(0, stream.length - 1), [Infinity], reader);
  assertEquals([frames.length, reader.buffered], [1, frameHeaderBytes + 1]);
  assertEquals(framesOf(stream.subarray(stream.length - 1), [1], reader).map((each) => [...each]), [[4, 5]]);
  assertEquals(reader.buffered, 0);
});

Deno.test("FrameReader refuses a frame over the bound by its header, after the frames before it", () => {
  for (const announced of [11, 2 ** 31, 2 ** 32 - 1]) {
    const writer = new ByteWriter();
    writeFrame(writer, (w, byte) => w.byte(byte), 1);
    writer.uint32(announced);
    const frames: number[] = [];
    const reader = new FrameReader(10);
    const stream = writer.copy();
    reader.space().set(stream);
    reader.filled(stream.length);
    assertThrows(
      () => {
        while (reader.next()) frames.push(reader.end - reader.start);
      },
      FramingError,
      `a frame of ${announced} bytes is over the bound of 10`,
    );
    assertEquals(frames, [1]);
  }
});

Deno.test("FrameReader takes a frame of exactly the bound, and the bound can change", () => {
  const stream = streamOf(new Uint8Array(10));
  assertEquals(framesOf(stream, [Infinity], new FrameReader(10)).length, 1);
  const reader = new FrameReader(9);
  reader.frameBytesMax = 10;
  assertEquals(framesOf(stream, [Infinity], reader).length, 1);
});

Deno.test("FrameReader refuses an empty frame", () => {
  assertThrows(() => framesOf(new Uint8Array(4), [Infinity]), FramingError, "a frame is empty");
});

Deno.test("FrameReader takes no memory for what is only announced, and lets go of what it took", () => {
  const reader = new FrameReader(64 * 1024 * 1024);
  const header = new ByteWriter();
  header.uint32(60 * 1024 * 1024);
  framesOf(header.copy(), [Infinity], reader);
  assertEquals(reader.space().length <= readBufferBytes, true);

  const large = new FrameReader(64 * 1024 * 1024);
  framesOf(streamOf(new Uint8Array(readBufferBytesMax * 8)), [Infinity], large);
  assertEquals(large.space().length <= readBufferBytesMax, true);
});

Deno.test("FrameReader gives frames or throws FramingError, whatever bytes come", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (stream, piece) => {
    try {
      for (const each of framesOf(stream, [piece], new FrameReader(40))) assert(each.length >= 1 && each.length <= 40);
    } catch (error) {
      assert(error instanceof FramingError);
    }
  }));
});
