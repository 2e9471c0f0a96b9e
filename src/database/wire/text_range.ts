/**
 * Texts where they are: ranges of bytes that are good as long as the bytes are, and that are used again and again, so
 * that no command makes objects.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const nothing = new Uint8Array(0);

/** Bytes of a text that are copied one by one at most: to make a view takes longer. */
const shortBytes = 64;

/** A text in UTF-8; at first an empty one. */
export class TextRange {
  /** What it is in. */
  bytes: Uint8Array = nothing;
  /** Where it starts. */
  start = 0;
  /** Where it ends. */
  end = 0;
  /** The `SharedTexts` that have found its number since it was set; undefined: none has. */
  foundIn: object | undefined;
  /** That number. */
  found = 0;

  /** How many bytes it has. */
  get length(): number {
    return this.end - this.start;
  }

  /** Makes it the empty text. */
  clear(): void {
    this.start = this.end = 0;
  }

  /** Makes it the range of `bytes` from `start` to `end`. */
  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.foundIn = undefined;
  }

  /** Makes it the same as another one. */
  copy(other: TextRange): void {
    this.set(other.bytes, other.start, other.end);
  }

  /**
   * Reads it, with its length in front, from a reader of `bytes`.
   *
   * @throws {DecodeError} if the bytes end before it does.
   */
  read(reader: ByteReader, bytes: Uint8Array): void {
    const length = reader.varint();
    const start = reader.position;
    reader.skip(length);
    this.set(bytes, start, start + length);
  }

  /**
   * The same for a text that is there only if it is marked: then it is not empty, so that nothing has two encodings.
   *
   * @throws {DecodeError} if it is empty, too.
   */
  readMarked(reader: ByteReader, bytes: Uint8Array): void {
    this.read(reader, bytes);
    if (this.length === 0) throw new DecodeError("a text that is there is empty");
  }

  /** Whether it has the bytes of another one. */
  equals(other: TextRange): boolean {
    if (this.isAt(other)) return true;
    const { bytes, start, end } = this;
    const [others, shift] = [other.bytes, other.start - start];
    if (end + shift !== other.end) return false;
    // The last byte first: texts that are alike begin alike.
    for (let at = end - 1; at >= start; at--) if (bytes[at] !== others[at + shift]) return false;
    return true;
  }

  /** Whether it is the same range as another one: texts that are shared mostly are. */
  isAt(other: TextRange): boolean {
    return this.bytes === other.bytes && this.start === other.start && this.end === other.end;
  }

  /** Negative if it comes before another one in some order of all texts, positive if after, 0 if it is the same. */
  compare(other: TextRange): number {
    const { bytes, start, length } = this;
    if (other.length !== length) return length - other.length;
    const [others, otherStart] = [other.bytes, other.start];
    for (let at = 0; at < length; at++) {
      const difference = bytes[start + at] - others[otherStart + at];
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Its bytes, as a view. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** Puts its bytes into others, from `at` on. */
  putInto(others: Uint8Array, at: number): void {
    const { bytes, start, length } = this;
    if (length > shortBytes) return others.set(this.view(), at);
    for (let k = 0; k < length; k++) others[at + k] = bytes[start + k];
  }

  /** As a string, or undefined if it is not UTF-8. */
  decode(): string | undefined {
    try {
      return this.length === 0 ? "" : decoder.decode(this.view());
    } catch {
      return undefined;
    }
  }
}
