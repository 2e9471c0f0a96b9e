/**
 * Byte stream to frames and back: a frame is its length in 4 bytes, the highest first, and then that many bytes.
 *
 * No socket in here: the reader lends the space to read into, is told how many bytes came, and calls back for each
 * whole frame, in place. TCP cuts a stream anywhere, so a frame may come in any number of pieces.
 *
 * @module
 */

import type { ByteWriter } from "./bytes.ts";

/** Bytes of a link's read buffer under load: one read takes everything that has come. */
export const readBufferBytesMax = 256 * 1024;

/** Bytes of a link's read buffer at first, and the most that an idle link keeps. */
export const readBufferBytes = 4 * 1024;

/** Bytes in front of each frame. */
export const frameHeaderBytes = 4;

/** A stream that is not made of frames; nothing after it can be trusted. */
export class FramingError extends Error {
  override name = "FramingError";
}

/** Cuts a stream into frames. */
export class FrameReader {
  #buffer = new Uint8Array(readBufferBytes);
  #start = 0;
  #fill = 0;
  #frameBytesMax: number;

  /** @param frameBytesMax bytes in a frame; a longer one throws. */
  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Changes the bound, once it is known who is at the other end. */
  set frameBytesMax(count: number) {
    this.#frameBytesMax = count;
  }

  /** How many bytes wait for the rest of their frame. */
  get buffered(): number {
    return this.#fill - this.#start;
  }

  /** Where to put the next bytes: never empty. */
  space(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#fill);
  }

  /**
   * Takes the first `count` bytes of {@link space} as read, and hands every whole frame to `onFrame`: the bytes from
   * `start` (inclusive) to `end` (exclusive), good only during the call.
   *
   * @throws {FramingError} if a frame is longer than allowed, or empty; frames before it were handed over.
   */
  filled(count: number, onFrame: (bytes: Uint8Array, start: number, end: number) => void): void {
    this.#fill += count;
    const buffer = this.#buffer;
    while (this.#fill - this.#start >= frameHeaderBytes) {
      const at = this.#start;
      const length = (buffer[at] << 24 | buffer[at + 1] << 16 | buffer[at + 2] << 8 | buffer[at + 3]) >>> 0;
      if (length === 0) throw new FramingError("a frame is empty");
      if (length > this.#frameBytesMax) {
        throw new FramingError(`a frame of ${length} bytes is over the bound of ${this.#frameBytesMax}`);
      }
      const end = at + frameHeaderBytes + length;
      if (end > this.#fill) break;
      this.#start = end;
      onFrame(buffer, at + frameHeaderBytes, end);
    }
    this.#makeRoom();
  }

  /**
   * Moves the rest to the front, and fits the buffer to what comes. It grows only when bytes have filled it, never
   * because a header announces many.
   */
  #makeRoom(): void {
    const rest = this.#fill - this.#start;
    let size = this.#buffer.length;
    if (this.#fill === size && (rest === size || size < readBufferBytesMax)) size *= 2;
    else if (rest === 0 && size > readBufferBytesMax) size = readBufferBytesMax;
    if (size !== this.#buffer.length) {
      const fitted = new Uint8Array(size);
      fitted.set(this.#buffer.subarray(this.#start, this.#fill));
      this.#buffer = fitted;
    } else if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#fill);
    }
    this.#start = 0;
    this.#fill = rest;
  }
}

/** Writes one frame: its length, then what `write` adds for a value. */
export function writeFrame<T>(writer: ByteWriter, write: (writer: ByteWriter, value: T) => void, value: T): void {
  const at = writer.length;
  writer.uint32(0);
  write(writer, value);
  writer.setUint32(at, writer.length - at - frameHeaderBytes);
}
