/**
 * Where the reports come from that sites and sources show: when each was recorded, by whom, from where, and its note.
 *
 * A report without texts that was recorded when it was observed has no origin: most reports are so. The others have
 * records of 24 bytes in one growing array. A text that the log shares is there by its number. One that has no number,
 * since all are given, is an own text.
 *
 * @module
 */

import { type ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { byBytesMax, noteBytesMax, siteBytesMax, sourceBytesMax, whoBytesMax } from "../../limits.ts";
import { type EntryFields, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { whyNotRecorded } from "../wire/rules.ts";
import type { TextRange } from "../wire/text_range.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { noOwnText, type OwnText, OwnTexts } from "./own_texts.ts";
import { isErased, noText, SharedTexts } from "./shared_texts.ts";
import { lineBytes } from "./site_record.ts";

/** The number of an origin. */
export type OriginNumber = number;

/** Says that a report has none. */
export const noOrigin: OriginNumber = 0;

const originBytes = 24;

// The parts of an origin, in floats of 8 bytes:
const recordedAtAt = 0;
// In integers of 4 bytes: the number of a shared text, or less than 0, that of an own one:
const whoAt = 2;
const sourceAt = 3;
const byAt = 4;
// That of an own text; in an origin that was given up, the next one:
const noteAt = 5;

/** Bytes of the longest text but the note. */
const partBytesMax = Math.max(whoBytesMax, sourceBytesMax, byBytesMax);

const nothing = new Uint8Array(0);

/** Each site and each strand has one at most. */
const originsMax = 2 * siteBytesMax / lineBytes;

/** The origins of what is shown. */
export class Origins {
  /** The texts that entries share. */
  readonly texts: SharedTexts;
  /** The other ones. */
  readonly own: OwnTexts;
  readonly #memory = new GrowingBytes(64 * originBytes, originBytes * originsMax);
  #floats = new Float64Array(this.#memory.buffer);
  #integers = new Int32Array(this.#memory.buffer);
  /** Records that were ever taken; the first one is not used. */
  #end = 1;
  /** The first record that was given up. */
  #free = noOrigin;

  /** Origins of entries with `texts`, and of `own` ones. */
  constructor(texts: SharedTexts = new SharedTexts(), own: OwnTexts = new OwnTexts()) {
    this.texts = texts;
    this.own = own;
  }

  /** Whether a report needs no origin. */
  isPlain({ observedAt, recordedAt, marked, more }: EntryFields): boolean {
    return observedAt === recordedAt && (marked | more & moreMarks.by) === 0;
  }

  /**
   * Keeps the origin of a report whose shared texts have their numbers.
   *
   * @param number the origin that it takes the place of.
   * @returns its number, or {@link noOrigin}.
   */
  put(number: OriginNumber, report: EntryFields & { readonly index: number }): OriginNumber {
    if (this.isPlain(report)) {
      this.drop(number);
      return noOrigin;
    }
    const { who, source, by, note, index } = report;
    const origin = number === noOrigin ? this.#take() : number;
    this.#floats[originBytes / 8 * origin + recordedAtAt] = report.recordedAt;
    const integers = this.#integers;
    const at = originBytes / 4 * origin;
    integers[at + whoAt] = isErased(who)
      ? this.#none(integers[at + whoAt])
      : this.#put(integers[at + whoAt], who, index);
    integers[at + sourceAt] = this.#put(integers[at + sourceAt], source, index);
    if (by.length > 0 || integers[at + byAt] !== noText) {
      integers[at + byAt] = this.#put(integers[at + byAt], by, index);
    }
    const former = integers[at + noteAt];
    if (note.length > 0) integers[at + noteAt] = this.own.replace(former, note, index);
    else if (former !== noOwnText) integers[at + noteAt] = this.#none(-former);
    return origin;
  }

  /** The number of a text, which takes the place of another one, or of none. */
  #put(former: number, text: TextRange, index: number): number {
    if (text.length === 0) return former === noText ? noText : this.#none(former);
    const number = this.texts.find(text);
    // Most sites have their reports from one source.
    if (number === former && number !== noText) return former;
    if (number === noText) return -this.own.replace(Math.max(noOwnText, -former), text, index);
    this.#none(former);
    return number;
  }

  /** Gives up a text by its number, if it is an own one. */
  #none(former: number): number {
    if (former < noText) this.own.drop(-former);
    return noText;
  }

  #take(): OriginNumber {
    const number = this.#free;
    if (number !== noOrigin) {
      this.#free = this.#integers[originBytes / 4 * number + noteAt];
      this.#integers[originBytes / 4 * number + noteAt] = noOwnText;
      return number;
    }
    if (originBytes * (this.#end + 1) > this.#integers.byteLength) {
      this.#memory.grow(originBytes * (this.#end + 1));
      const { buffer } = this.#memory;
      this.#floats = new Float64Array(buffer);
      this.#integers = new Int32Array(buffer);
    }
    return this.#end++;
  }

  /** Gives up an origin; nothing if there is none. */
  drop(number: OriginNumber): void {
    if (number === noOrigin) return;
    const at = originBytes / 4 * number;
    for (let part = whoAt; part <= byAt; part++) this.#integers[at + part] = this.#none(this.#integers[at + part]);
    this.own.drop(this.#integers[at + noteAt]);
    this.#integers[at + noteAt] = this.#free;
    this.#free = number;
  }

  /**
   * Has the memory of origins fetched, and of their notes: one after the other, each would be waited for.
   *
   * @param numbers the origins; used for what is found.
   * @returns something of what was fetched, so that the fetching is not left out as useless.
   */
  touch(numbers: Int32Array, count: number): number {
    const integers = this.#integers;
    for (let at = 0; at < count; at++) numbers[at] = integers[originBytes / 4 * numbers[at] + noteAt];
    return this.own.touch(numbers, count);
  }

  // For snapshots:

  /** Writes an origin that there is. */
  write(writer: ByteWriter, number: OriginNumber): void {
    const at = originBytes / 4 * number;
    writer.varint(this.#floats[originBytes / 8 * number + recordedAtAt]);
    for (let part = whoAt; part <= byAt; part++) {
      const text = this.#integers[at + part];
      writer.varint(Math.max(0, text));
      if (text > 0) continue;
      writer.blob(text === noText ? nothing : this.own.copy(-text));
    }
    const note = this.#integers[at + noteAt];
    writer.blob(note === noOwnText ? nothing : this.own.copy(note));
  }

  /**
   * Reads an origin that {@link write} wrote, as one of its own.
   *
   * @param index that of the entry of its report.
   * @param shared how many texts there are that entries share.
   * @throws {DecodeError} if it cannot be.
   */
  putBack(reader: ByteReader, index: number, shared: number): OriginNumber {
    const recordedAt = reader.varint();
    const why = whyNotRecorded(recordedAt);
    if (why !== undefined) throw new DecodeError(why);
    const number = this.#take();
    const at = originBytes / 4 * number;
    this.#floats[originBytes / 8 * number + recordedAtAt] = recordedAt;
    for (let part = whoAt; part <= byAt; part++) {
      const text = reader.varint();
      if (text > shared) throw new DecodeError(`a report has text ${text}, and there are ${shared}`);
      this.#integers[at + part] = text > 0 ? text : -this.#putBackOwn(reader, index, partBytesMax);
    }
    this.#integers[at + noteAt] = this.#putBackOwn(reader, index, noteBytesMax);
    return number;
  }

  #putBackOwn(reader: ByteReader, index: number, bytesMax: number): OwnText {
    const length = reader.varint();
    return length === 0 ? noOwnText : this.own.putBack(reader.view(length), index, bytesMax);
  }

  /** When a report was recorded. @param observedAt when it was observed. */
  recordedAt(number: OriginNumber, observedAt: number): number {
    return number === noOrigin ? observedAt : this.#floats[originBytes / 8 * number + recordedAtAt];
  }

  /** Reads an origin: when a report was recorded, and its texts but the product. @param observedAt as above. */
  read(number: OriginNumber, observedAt: number, into: EntryFields): void {
    into.clearTexts();
    into.recordedAt = this.recordedAt(number, observedAt);
    if (number === noOrigin) return;
    const at = originBytes / 4 * number;
    const [who, source] = [this.#integers[at + whoAt], this.#integers[at + sourceAt]];
    const [by, note] = [this.#integers[at + byAt], this.#integers[at + noteAt]];
    if (who !== noText) this.#read(who, into.who);
    if (source !== noText) this.#read(source, into.source);
    if (by !== noText) this.#read(by, into.by);
    if (note !== noOwnText) this.own.read(note, into.note);
    // Nothing is said of a note that was redacted.
    if (isErased(into.note)) into.note.clear();
    into.marked = (who === noText ? 0 : textMarks.who) | (source === noText ? 0 : textMarks.source) |
      (into.note.length === 0 ? 0 : textMarks.note);
    into.more = by === noText ? 0 : moreMarks.by;
  }

  #read(number: number, into: TextRange): void {
    if (number < 0) this.own.read(-number, into);
    else into.copy(this.texts.get(number));
  }

  /** Whether a report has the source and the note of another one. One whose note was redacted has that of none. */
  hasTextsOf(number: OriginNumber, { source, note }: EntryFields): boolean {
    if (number === noOrigin) return source.length === 0 && note.length === 0;
    const at = originBytes / 4 * number;
    return this.#isSame(this.#integers[at + sourceAt], source) && this.#isSame(-this.#integers[at + noteAt], note);
  }

  #isSame(number: number, text: TextRange): boolean {
    if (number === noText) return text.length === 0;
    return number < 0 ? this.own.compareTo(-number, text) === 0 : this.texts.get(number).equals(text);
  }

  /** Removes who and note, since the report was redacted. */
  redact(number: OriginNumber): void {
    if (number === noOrigin) return;
    const at = originBytes / 4 * number;
    this.#integers[at + whoAt] = this.#none(this.#integers[at + whoAt]);
    const note: OwnText = this.#integers[at + noteAt];
    if (note !== noOwnText) this.#integers[at + noteAt] = this.own.erase(note);
  }
}
