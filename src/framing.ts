/**
 * Byte stream to frames and back: a frame is its length in 4 bytes, the highest first, and then that many bytes.
 *
 * No socket in here: the reader lends the space to read into, is told how many bytes came, and finds one whole frame
 * after another, in place. TCP cuts a stream anywhere, so a frame may come in any number of pieces.
 *
 * @module
 */

import type { ByteWriter } from "./bytes.ts";

/** Bytes of a link's read buffer under load: one read takes everything that has come. */
export const readBufferBytesMax = 256 * 1024;

/** Bytes of a link's read buffer at first. */
export const readBufferBytes = 4 * 1024;

/** Bytes of the read buffer that a link keeps while nothing waits in it. */
export const keptBufferBytes = 16 * 1024;

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
  #frameStart = 0;
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

  /** Bytes of memory that the buffer takes. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Where to put the next bytes: never empty once {@link next} has found no more frames. */
  space(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#fill);
  }

  /** Takes the first `count` bytes of {@link space} as read. */
  filled(count: number): void {
    this.#fill += count;
  }

  /**
   * Finds the next whole frame. It lies in {@link bytes} from {@link start} (inclusive) to {@link end} (exclusive), and
   * stays there until the next call that returns false.
   *
   * @returns false if the rest of a frame, or all of it, has still to come.
   * @throws {FramingError} if a frame is longer than allowed, or empty.
   */
  next(): boolean {
    const buffer = this.#buffer;
    const at = this.#start;
    let end = Infinity;
    if (this.#fill - at >= frameHeaderBytes) {
      const length = (buffer[at] << 24 | buffer[at + 1] << 16 | buffer[at + 2] << 8 | buffer[at + 3]) >>> 0;
      if (length === 0) throw new FramingError("a frame is empty");
      if (length > this.#frameBytesMax) {
        throw new FramingError(`a frame of ${length} bytes is over the bound of ${this.#frameBytesMax}`);
      }
      end = at + frameHeaderBytes + length;
    }
    if (end <= this.#fill) {
      this.#frameStart = at + frameHeaderBytes;
      this.#start = end;
      return true;
    }
    this.#makeRoom(end - at);
    return false;
  }

  /** The bytes that hold the frame. */
  get bytes(): Uint8Array {
    return this.#buffer;
  }

  /** Where the frame begins. */
  get start(): number {
    return this.#frameStart;
  }

  /** Where the frame ends. */
  get end(): number {
    return this.#start;
  }

  /**
   * Moves the rest to the front, and fits the buffer to what comes. It grows only when bytes have filled it, never
   * because a header announces many, and not beyond the frame that needs the room. It is small again when a read has
   * not filled it, as nothing may come for hours.
   */
  #makeRoom(needed: number): void {
    const rest = this.#fill - this.#start;
    let size = this.#buffer.length;
    if (this.#fill < size) {
      if (size > keptBufferBytes && rest < keptBufferBytes / 2) size = keptBufferBytes;
    } else if (rest === size) {
      size = Math.min(2 * size, needed + readBufferBytes);
    } else if (size < readBufferBytesMax) {
      size *= 2;
    }
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
