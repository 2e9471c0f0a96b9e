/**
 * Texts that one site or report has for itself: notes, reasons, published ids, identifiers.
 *
 * A text is in cells of 32 bytes, each of which says which one follows. A cell that a text has given up is taken by the
 * next one. So no memory is left between texts where nothing fits, and how many cells are taken depends on the texts
 * alone, and not on those that were there before. A million texts cause no work for the garbage collector.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import {
  byBytesMax,
  identifiersBytesMax,
  noteBytesMax,
  ownTextBytesMax,
  sourceBytesMax,
  whoBytesMax,
} from "../../limits.ts";
import { TextRange } from "../wire/text_range.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { erasedByte, isErased } from "./shared_texts.ts";

/** Which text it is; good until it is dropped. */
export type OwnText = number;

/** Says that there is no text. */
export const noOwnText: OwnText = 0;

const cellBytes = 32;
const cellsMax = ownTextBytesMax / cellBytes;

// A cell begins with the number of the next one, an integer of 4 bytes. In the first one of a text follow the index of
// its entry, and its length in 2 bytes:
const indexAt = 1;
const lengthAt = 8;
const firstTextAt = 10;
const laterTextAt = 4;
const cellIntegers = cellBytes / 4;

/** Bytes of an identifier at least: two texts of one byte, each with its length. */
const identifierBytesMin = 4;

/** Cells that the texts of an entry may take: each of its identifiers is a text. */
const cellsPerEntryMax = identifiersBytesMax / identifierBytesMin +
  [whoBytesMax, byBytesMax, sourceBytesMax, noteBytesMax].reduce((sum, bytes) => sum + cellsOf(bytes), 0);

const erased = new TextRange();
erased.set(new Uint8Array([erasedByte]), 0, 1);

function cellsOf(bytes: number): number {
  return 1 + Math.max(0, Math.ceil((bytes - (cellBytes - firstTextAt)) / (cellBytes - laterTextAt)));
}

/** All such texts. */
export class OwnTexts {
  readonly #memory = new GrowingBytes(64 * cellBytes, ownTextBytesMax);
  #integers = new Int32Array(this.#memory.buffer);
  #bytes = new Uint8Array(this.#memory.buffer);
  /** Cells that were ever taken; the first one is not used. */
  #end = 1;
  /** The first cell that was given up. */
  #free = 0;
  #taken = 0;
  readonly #one = new TextRange();

  /** How many cells of 32 bytes the texts take. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether there is room for the texts of one more entry, whatever they are. */
  get isAmple(): boolean {
    return this.#taken + cellsPerEntryMax < cellsMax;
  }

  /**
   * Keeps a copy of a text, for which there must be room. If the text was overwritten, it keeps only that it was.
   *
   * @param index that of the entry that says it.
   */
  keep(text: TextRange, index = 0): OwnText {
    return this.replace(noOwnText, text, index);
  }

  /**
   * The same in place of another text, or of none, which is given up. Nothing is left of its bytes, since somebody may
   * want them forgotten.
   */
  replace(former: OwnText, text: TextRange, index: number): OwnText {
    const { bytes, start, end } = isErased(text) ? erased : text;
    const first = former === noOwnText ? this.#take() : former;
    this.#integers[cellIntegers * first + indexAt] = index;
    this.#bytes[cellBytes * first + lengthAt] = end - start >>> 8;
    this.#bytes[cellBytes * first + lengthAt + 1] = end - start;
    let cell = first;
    let [from, skipped] = [start, firstTextAt];
    for (;;) {
      const all = this.#bytes;
      const cellEnd = cellBytes * (cell + 1);
      let to = cellBytes * cell + skipped;
      const shift = from - to;
      const copyEnd = Math.min(cellEnd, end - shift);
      for (; to < copyEnd; to++) all[to] = bytes[to + shift];
      from = to + shift;
      for (; to < cellEnd && all[to] !== 0; to++) all[to] = 0;
      if (from === end) break;
      const next = this.#integers[cellIntegers * cell] || this.#take();
      this.#integers[cellIntegers * cell] = next;
      [cell, skipped] = [next, laterTextAt];
    }
    const left = this.#integers[cellIntegers * cell];
    if (left === 0) return first;
    this.#integers[cellIntegers * cell] = 0;
    this.drop(left);
    return first;
  }

  /** Takes a cell, which is all 0. */
  #take(): number {
    this.#taken++;
    const cell = this.#free;
    if (cell !== 0) {
      this.#free = this.#integers[cellIntegers * cell];
      this.#integers[cellIntegers * cell] = 0;
      return cell;
    }
    if (cellBytes * (this.#end + 1) > this.#bytes.length) {
      this.#memory.grow(cellBytes * (this.#end + 1));
      this.#integers = new Int32Array(this.#memory.buffer);
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    return this.#end++;
  }

  /** Gives up a text; nothing if there is none. Nothing is left of its bytes. */
  drop(text: OwnText): void {
    const integers = this.#integers;
    for (let cell = text; cell !== 0;) {
      const at = cellIntegers * cell;
      const next = integers[at];
      integers[at] = this.#free;
      for (let part = 1; part < cellIntegers; part++) integers[at + part] = 0;
      this.#free = cell;
      this.#taken--;
      cell = next;
    }
  }

  /** Keeps of a text only that there was one, and its entry: it is {@link isErased} from now on. */
  erase(text: OwnText): OwnText {
    return this.replace(text, erased, this.index(text));
  }

  /** The index of the entry that says a text. */
  index(text: OwnText): number {
    return this.#integers[cellIntegers * text + indexAt];
  }

  /** How many bytes a text has. */
  #length(text: OwnText): number {
    const at = cellBytes * text + lengthAt;
    return this.#bytes[at] << 8 | this.#bytes[at + 1];
  }

  /** Has the memory of texts fetched, and returns something of it. @param texts used for what is found. */
  touch(texts: Int32Array, count: number): number {
    const integers = this.#integers;
    for (let at = 0; at < count; at++) texts[at] = integers[cellIntegers * texts[at]];
    // Most notes are in two cells.
    let sum = 0;
    for (let at = 0; at < count; at++) sum ^= integers[cellIntegers * texts[at]];
    return sum;
  }

  /** Reads a text: into bytes of its own, which are good for ever. */
  read(text: OwnText, into: TextRange): void {
    const length = this.#length(text);
    const bytes = new Uint8Array(length);
    let [cell, at, room] = [text, cellBytes * text + firstTextAt, cellBytes - firstTextAt];
    for (let to = 0; to < length; to++) {
      if (room === 0) {
        cell = this.#integers[cellIntegers * cell];
        [at, room] = [cellBytes * cell + laterTextAt, cellBytes - laterTextAt];
      }
      bytes[to] = this.#bytes[at++];
      room--;
    }
    into.set(bytes, 0, length);
  }

  /** A copy of the bytes of a text. */
  copy(text: OwnText): Uint8Array {
    this.read(text, this.#one);
    return this.#one.bytes;
  }

  /**
   * Keeps a text from outside; {@link noOwnText} if it is empty.
   *
   * @throws {DecodeError} if there cannot be such a text.
   */
  putBack(bytes: Uint8Array, index: number, bytesMax: number): OwnText {
    if (bytes.length === 0) return noOwnText;
    this.#one.set(bytes, 0, bytes.length);
    if (bytes.length > bytesMax || !this.isAmple) throw new DecodeError(`there is no room for ${bytes.length} bytes`);
    if (!isErased(this.#one) && this.#one.decode() === undefined) throw new DecodeError("a text is not UTF-8");
    return this.keep(this.#one, index);
  }

  /** Negative if a text comes before another one in some order of all texts, positive if after, 0 if it is the same. */
  compareTo(text: OwnText, other: TextRange): number {
    const length = this.#length(text);
    if (length !== other.length) return length - other.length;
    const { bytes, start } = other;
    let [cell, at, room] = [text, cellBytes * text + firstTextAt, cellBytes - firstTextAt];
    for (let k = 0; k < length; k++) {
      if (room === 0) {
        cell = this.#integers[cellIntegers * cell];
        [at, room] = [cellBytes * cell + laterTextAt, cellBytes - laterTextAt];
      }
      const difference = this.#bytes[at++] - bytes[start + k];
      if (difference !== 0) return difference;
      room--;
    }
    return 0;
  }

  /** The same of two of these. */
  compare(text: OwnText, other: OwnText): number {
    if (text === other) return 0;
    this.read(other, this.#one);
    return this.compareTo(text, this.#one);
  }
}
