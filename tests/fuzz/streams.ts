/**
 * Inputs of the frame reader: frames glued and cut anywhere, with lengths that lie. A simple reader of the whole stream
 * says what must come of it.
 *
 * @module
 */

import { frameHeaderBytes, FrameReader, FramingError, readBufferBytes } from "../../src/framing.ts";
import { firstFrameBytesMax } from "../../src/net/link.ts";
import { frameBytesMax } from "../../src/limits.ts";
import type { Random } from "../../src/simulator/random.ts";
import { mutated } from "./mutation.ts";
import { reasonKind, type Tally } from "./tally.ts";

/** The parts of a stream: where its frames are, and how it ends. */
interface Cut {
  readonly frames: readonly (readonly [start: number, end: number])[];
  readonly end: string;
}

const endsEarly = "the rest of a frame is missing";
const endsWhole = "all frames are whole";
const isEmpty = "a frame is empty";
const isLong = "a frame of N bytes is over the bound of N";

/** The simple reader. */
function cutOf(stream: Uint8Array, bytesMax: number): Cut {
  const frames: [number, number][] = [];
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  let at = 0;
  while (at + frameHeaderBytes <= stream.length) {
    const length = view.getUint32(at);
    if (length === 0) return { frames, end: isEmpty };
    if (length > bytesMax) return { frames, end: isLong };
    if (at + frameHeaderBytes + length > stream.length) break;
    frames.push([at + frameHeaderBytes, at += frameHeaderBytes + length]);
  }
  return { frames, end: at === stream.length ? endsWhole : endsEarly };
}

/** A length for a frame of that many bytes, which may lie. */
function lengthOf(random: Random, bytes: number): number {
  switch (random.below(16)) {
    case 0:
      return Math.max(0, bytes + random.between(-3, 3));
    case 1:
      return random.pick([0, 1, firstFrameBytesMax, firstFrameBytesMax + 1, frameBytesMax, frameBytesMax + 1]);
    case 2:
      return random.chance(0.5) ? 2 ** 32 - 1 : random.below(2 ** 32);
    default:
      return bytes;
  }
}

function streamOf(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const frames = Array.from({ length: random.between(1, 6) }, () => mutated(random, random.pick(corpus), corpus));
  const stream = new Uint8Array(frames.reduce((bytes, frame) => bytes + frameHeaderBytes + frame.length, 0));
  const view = new DataView(stream.buffer);
  let at = 0;
  for (const frame of frames) {
    view.setUint32(at, lengthOf(random, frame.length));
    stream.set(frame, at + frameHeaderBytes);
    at += frameHeaderBytes + frame.length;
  }
  return random.chance(0.1) ? stream.subarray(0, random.below(stream.length + 1)) : stream;
}

/** The outcomes that a long run must reach. */
export const wantedOfStreams: readonly string[] = [endsEarly, endsWhole, isEmpty, isLong].map((end) =>
  `stream: ${end}`
);

/** Reads one stream. @throws {Error} if what comes of it is not what must come of it. */
export function runStream(random: Random, corpus: readonly Uint8Array[], tally: Tally): void {
  const stream = streamOf(random, corpus);
  const bytesMax = random.chance(0.5) ? firstFrameBytesMax : frameBytesMax;
  const { frames, end } = cutOf(stream, bytesMax);
  const pieceMax = random.pick([1, 7, 100, 5_000]);
  const reader = new FrameReader(bytesMax);
  let [found, ended] = [0, ""];
  try {
    for (let at = 0; at < stream.length;) {
      const space = reader.space();
      const count = Math.min(random.between(1, pieceMax), space.length, stream.length - at);
      space.set(stream.subarray(at, at + count));
      at += count;
      reader.filled(count);
      for (; reader.next(); found++) {
        const [start, stop] = frames[found] ?? [0, 0];
        const frame = reader.bytes.subarray(reader.start, reader.end);
        if (frame.toHex() !== stream.subarray(start, stop).toHex()) {
          throw new Error(`Frame ${found + 1} is another one`);
        }
      }
      // It grows as bytes come, and not because many are announced.
      if (reader.capacity > Math.max(readBufferBytes, 2 * at)) throw new Error(`${reader.capacity} bytes for ${at}`);
    }
    ended = reader.buffered > 0 ? endsEarly : endsWhole;
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
    ended = reasonKind(error.message);
  }
  if (found !== frames.length || ended !== end) {
    throw new Error(`${found} frames and then "${ended}", but it has ${frames.length} and then "${end}"`);
  }
  tally.add(`stream: ${end}`);
}
