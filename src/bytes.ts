/**
 * Bytes in and out: the primitives of the wire format.
 *
 * Integers are unsigned LEB128 varints up to 2^53 - 1, text is UTF-8 with its length in front. A reader trusts
 * nothing: whatever it is given, it returns a value or throws a {@link DecodeError}.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that are not what they should be; the message says what was expected. */
export class DecodeError extends Error {
  override name = "DecodeError";
}

/** A copy of at most this many bytes shares its memory with others. */
const smallCopyBytes = 256;

/** Bytes of such memory: as long as one of its copies is used, all of it stays. */
const sharedBytes = 2 * 1024;

let shared = new Uint8Array(sharedBytes);
let sharedAt = 0;

/**
 * A copy of bytes from `start` (inclusive) to `end` (exclusive). To allocate memory of its own takes several times as
 * long as to copy a few bytes, and there is a copy of each request at every replica.
 */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const length = end - start;
  if (length > smallCopyBytes) return bytes.slice(start, end) as Uint8Array<ArrayBuffer>;
  if (sharedAt + length > sharedBytes) {
    shared = new Uint8Array(sharedBytes);
    sharedAt = 0;
  }
  const at = sharedAt;
  sharedAt += length;
  const copy = shared.subarray(at, sharedAt);
  for (let from = start; from < end; from++) copy[from - start] = bytes[from];
  return copy;
}

/** What a varint of 4 bytes can say no more. */
const fourBytes = 2 ** 28;

/**
 * Puts an integer from 0 to 2^53 - 1 into bytes that have room for it.
 *
 * @returns where the bytes after it are.
 */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  if (value < fourBytes) return putSmallVarint(bytes, at, value | 0);
  // In two halves of whole numbers: to divide a large one for every byte takes ten times as long.
  const high = Math.floor(value / fourBytes);
  const low = (value - high * fourBytes) | 0;
  bytes[at] = (low & 0x7f) | 0x80;
  bytes[at + 1] = (low >>> 7 & 0x7f) | 0x80;
  bytes[at + 2] = (low >>> 14 & 0x7f) | 0x80;
  bytes[at + 3] = (low >>> 21) | 0x80;
  return putSmallVarint(bytes, at + 4, high | 0);
}

/**
 * The same for an integer below 2^28, which takes at most four bytes; without a loop, whose end is hard to foresee for
 * a processor.
 */
export function putSmallVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  bytes[at] = (value & 0x7f) | 0x80;
  if (value < 0x4000) {
    bytes[at + 1] = value >>> 7;
    return at + 2;
  }
  bytes[at + 1] = (value >>> 7 & 0x7f) | 0x80;
  if (value < 0x20_0000) {
    bytes[at + 2] = value >>> 14;
    return at + 3;
  }
  bytes[at + 2] = (value >>> 14 & 0x7f) | 0x80;
  bytes[at + 3] = value >>> 21;
  return at + 4;
}

/** Bytes of an integer from 0 to 2^53 - 1. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/** Collects bytes in one growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param capacity bytes to start with. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that the buffer can hold before it grows. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /**
   * The buffer, with room for `count` bytes more behind {@link length}: whoever fills some of them says so to
   * {@link advance}. Good until the next write.
   */
  room(count: number): Uint8Array {
    this.#reserve(count);
    return this.#bytes;
  }

  /** Says that the buffer was filled up to `length`. */
  advance(length: number): void {
    this.#length = length;
  }

  /** Forgets what was written and keeps the buffer. */
  clear(): void {
    this.#length = 0;
  }

  /** Forgets what was written after the first `length` bytes. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** The bytes written until now: a view that the next write may change. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The bytes written until now, as a copy. */
  copy(from = 0): Uint8Array<ArrayBuffer> {
    return copyOf(this.#bytes, from, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes an integer from 0 to 2^53 - 1. */
  varint(value: number): void {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new RangeError(`Cannot write a varint: "${value}" is not an integer from 0 to 2^53 - 1`);
    }
    this.#reserve(8);
    this.#length = putVarint(this.#bytes, this.#length, value);
  }

  /** Writes bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes bytes with their count in front. */
  blob(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** Writes text as UTF-8 with its count of bytes in front. */
  text(value: string): void {
    if (value.length < 0x80 / 3) {
      // At most three bytes per UTF-16 unit: the length fits one byte, so it is patched in afterwards.
      this.#reserve(1 + value.length * 3);
      const { written } = encoder.encodeInto(value, this.#bytes.subarray(this.#length + 1));
      this.#bytes[this.#length] = written;
      this.#length += 1 + written;
    } else {
      this.blob(encoder.encode(value));
    }
  }

  /** Writes an integer of 4 bytes, the highest first. */
  uint32(value: number): void {
    this.#reserve(4);
    this.#length += 4;
    this.setUint32(this.#length - 4, value);
  }

  /** Overwrites a byte that was written earlier. */
  setByte(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  /** Overwrites 4 bytes that were written earlier. */
  setUint32(at: number, value: number): void {
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
  }
}

/** Reads a range of bytes from front to back. */
export class ByteReader {
  #bytes: Uint8Array;
  #at: number;
  #end: number;

  /** Reads `bytes` from `start` (inclusive) to `end` (exclusive). */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Reads another range from now on. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Where the next byte is read. */
  get position(): number {
    return this.#at;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** Reads one byte. */
  byte(): number {
    if (this.#at >= this.#end) throw new DecodeError("the bytes end too early");
    return this.#bytes[this.#at++];
  }

  /** Reads an integer from 0 to 2^53 - 1 in its shortest form. */
  varint(): number {
    const at = this.#at;
    if (at < this.#end) {
      const byte = this.#bytes[at];
      if (byte < 0x80) {
        this.#at = at + 1;
        return byte;
      }
    }
    return this.#longVarint();
  }

  #longVarint(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) throw new DecodeError("an integer is longer than it needs to be");
        return low;
      }
    }
    return low + fourBytes * this.#highVarint();
  }

  /** The bytes of an integer after the first four. */
  #highVarint(): number {
    let high = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      high |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte === 0) throw new DecodeError("an integer is longer than it needs to be");
        if (high >= 2 ** 25) break;
        return high;
      }
    }
    throw new DecodeError("an integer is over 2^53 - 1");
  }

  /** Reads an integer of 4 bytes, the highest first. */
  uint32(): number {
    const at = this.#at;
    this.skip(4);
    const bytes = this.#bytes;
    return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
  }

  /** Reads `count` bytes as a view of the range, good only as long as the range is. */
  view(count: number): Uint8Array {
    if (count > this.remaining) throw new DecodeError(`${count} bytes are announced and ${this.remaining} are left`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Passes over `count` bytes. */
  skip(count: number): void {
    if (count > this.remaining) throw new DecodeError(`${count} bytes are announced and ${this.remaining} are left`);
    this.#at += count;
  }

  /** Reads bytes with their count in front, as a copy. */
  blob(): Uint8Array {
    const count = this.varint();
    this.skip(count);
    return copyOf(this.#bytes, this.#at - count, this.#at);
  }

  /** Reads text. */
  text(): string {
    const bytes = this.view(this.varint());
    // A decoder that checks takes several times as long as one that puts U+FFFD for what is not UTF-8.
    const text = decoder.decode(bytes);
    if (!text.includes("\ufffd")) return text;
    try {
      return strictDecoder.decode(bytes);
    } catch {
      throw new DecodeError("text is not UTF-8");
    }
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.remaining > 0) throw new DecodeError(`${this.remaining} bytes are left over`);
  }
}
