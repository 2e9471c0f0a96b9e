/**
 * An entry as it stands in the log: in about 15 bytes, if it is a plain report.
 *
 * The first bytes of a chunk of the log say when its first entry was recorded: a varint. An entry is then:
 *
 * - a byte: its kind, which of `who`, `source`, `note` it has (`entries.ts`), 64 if it has pointers far back, and 128
 *   if it has an extension; then that: a byte (`entries.ts`);
 * - its site: 3 bytes;
 * - its index, from that of the first entry of the chunk: 3 bytes;
 * - how far back the previous entry of the site is: 4 bytes, 0 for the first one;
 * - when it was recorded, from the time of the first entry of the chunk: a difference;
 * - in a report a byte: {@link reportBits}, 64 if it said when it was observed, and 128 if it has a byte of
 *   {@link moreBits}; the count if it is one: varint; if it is marked, when it was observed, from when it was
 *   recorded: a difference; and that byte; in `confirmed` that byte, and the same difference;
 * - in all kinds except `added`, and except the reports that are the newest observation of the site, that: varint;
 * - with pointers far back, their number: varint; and except for number 0, how far back the one before and the one to
 *   jump to are: two varints (`chains.ts`); with number 0, in all segments but the first, the distance to the segment
 *   with the entry of the site before it: varint, 0 if there is none; and if there is one, the place of that entry in
 *   the log of its segment: varint, and how long before this one was recorded its reach is: a difference;
 * - in `added` the name: text, and the ZIP code: varint; in `documented` the document: text, or if the extension has
 *   {@link numberedBit}, its number and its length: two varints (`documents.ts`), and if the extension says it, twice
 *   the time when it was made and 1 if it is extra: varint; in `edited` the fields of an `edit`
 *   (`commands.ts`), with all identifiers that the site has then; in `merged` and `unmerged` the place of the other
 *   site: varint; in `published` the id of the Location: text; in `retracted` and `redacted` the index of the entry
 *   that they are about, and what the site shows then: two varints;
 * - those of `who` and `source` that are there: the number of the text (`shared_texts.ts`): varint, or 0 and the text;
 * - `note`, if it is there: text;
 * - those of `product` and `by` that are there, as `who`.
 *
 * The numbers of a fixed length have the highest byte first; they are not varints, because those take longer to write.
 * A difference is a varint: twice its value, or if the value is below 0, twice its amount less 1. Places far back are
 * counted in bytes.
 *
 * @module
 */

import { type ByteReader, DecodeError, putVarint } from "../../bytes.ts";
import { documentBytesMax, nameBytesMax, noteBytesMax, sourceBytesMax, whoBytesMax } from "../../limits.ts";
import { readEdits } from "../wire/command_fields.ts";
import { LoggedEntry } from "../segments/logged_entry.ts";
import { allTextMarks, editMarks, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { entryKinds, extensionBits, extensionMark, kindOf, plainKindMax, reportBits } from "../wire/entries.ts";
import { checkUnit, readTagged, readZip, tagOf, unitShift } from "../wire/packed.ts";
import { noText, type SharedTexts } from "./shared_texts.ts";
import type { TextPlaces } from "./text_places.ts";
import type { TextRange } from "../wire/text_range.ts";

/**
 * Where an entry is in the log: the number of its chunk times the size of a chunk, and where it is in the chunk. Chunks
 * are numbered from 0 again after {@link logPlaces}: there are never that many in memory.
 */
export type LogPlace = number;

/** Says that there is no such entry. */
export const noEntry: LogPlace = 0;

/** How many places there are before they begin again: they fit a signed integer. */
export const logPlaces: number = 2 ** 31;

/** Keeps a place below {@link logPlaces}. */
export const placeMask: number = logPlaces - 1;

/** Beside the kind of an entry: it has pointers far back. */
const skipMark = 64;

/** Beside the bits of a report: it was said when it was observed. */
const explicitBit = 64;

/** Beside the bits of a report: a byte of {@link moreBits} follows. */
const moreBit = 128;

/** In an extension, beside what is in `entries.ts`: the document does not stand in the entry. */
const numberedBit = 64;

/** What few reports have: a product; and the newest observation of the site, if the report is shown and is not that. */
const moreBits = { product: 1, reach: 2 } as const;

/** Bytes of an entry without its texts, at most. */
const numbersBytesMax = 100;

/**
 * Bytes of any entry, at most. No entry has a name and a document, so that `product` and `by` have room, too. Where a
 * log is full depends on it: it stays what it is.
 */
export const entryBytesMax: number = numbersBytesMax + nameBytesMax + documentBytesMax + whoBytesMax + sourceBytesMax +
  noteBytesMax;

/** An entry of the log. */
export class LogEntry extends LoggedEntry {
  /** The hash of the name in `added` ({@link hashOfName}), if it is known; 0: it is not. */
  nameHash = 0;
  /** The previous entry of the site in the same segment, or {@link noEntry}. */
  previous: LogPlace = noEntry;
  /** Whether it has pointers far back. */
  isSkip = false;
  /** Its number among the entries of its site with pointers far back, from 0. */
  skipNumber = 0;
  /** The one of those before this one. */
  skip: LogPlace = noEntry;
  /** One of those, far back. */
  jump: LogPlace = noEntry;
  /** In the first entry of a site in a segment: the segment with the one before it; 0: there is none. */
  segmentBefore = 0;
  /** The place of that in the log of its segment, from 0. */
  placeBefore = 0;
  /** The reach of that. */
  reachBefore = 0;
  /** Set when it is read: the place after it. */
  end: LogPlace = noEntry;

  /** Bytes that it may take. */
  get bytesMax(): number {
    const isApart = this.kind === entryKinds.documented && this.documentNumber !== 0;
    return numbersBytesMax + this.textBytes + (isApart ? 0 : this.ownTextBytes);
  }

  /** How many bytes the texts have that only its kind has. */
  get ownTextBytes(): number {
    switch (this.kind) {
      case entryKinds.added:
        return this.name.length;
      case entryKinds.documented:
        return this.documentLength;
      case entryKinds.published:
        return this.locationId.length;
      case entryKinds.edited:
        return ((this.edits & editMarks.name) === 0 ? 0 : this.newName.length) +
          ((this.edits & editMarks.identifiers) === 0 ? 0 : this.identifiers.length);
      default:
        return 0;
    }
  }
}

/** What the entries of a chunk are told from. */
export interface ChunkStart {
  /** The index of the first one. */
  readonly index: number;
  /** When the first one was recorded. */
  readonly recordedAt: number;
  /** The segment that they are in. */
  readonly segment: number;
}

/**
 * Puts an entry into the bytes of its chunk, which have room for it.
 *
 * @param at where it begins in them.
 * @param place the same as a place in the log.
 * @param places is told where a text stands that gets a number.
 * @returns where it ends.
 */
export function putLogEntry(
  bytes: Uint8Array,
  at: number,
  place: LogPlace,
  entry: LogEntry,
  chunk: ChunkStart,
  texts: SharedTexts,
  places: TextPlaces,
): number {
  const start = at;
  const { kind, marked } = entry;
  const hasMore = entry.more !== 0 || kind > plainKindMax || kind === entryKinds.documented;
  const isNumbered = kind === entryKinds.documented && entry.documentNumber !== 0;
  const extension = (hasMore ? extensionOf(entry) : 0) | (isNumbered ? numberedBit : 0);
  bytes[at++] = (kind > plainKindMax ? 0 : kind) | (entry.isSkip ? skipMark : 0) | marked |
    (extension === 0 ? 0 : extensionMark);
  if (extension !== 0) bytes[at++] = extension;
  const { site } = entry;
  bytes[at] = site >>> 16;
  bytes[at + 1] = site >>> 8;
  bytes[at + 2] = site;
  const index = entry.index - chunk.index;
  bytes[at + 3] = index >>> 16;
  bytes[at + 4] = index >>> 8;
  bytes[at + 5] = index;
  const back = entry.previous === noEntry ? 0 : place - entry.previous & placeMask;
  bytes[at + 6] = back >>> 24;
  bytes[at + 7] = back >>> 16;
  bytes[at + 8] = back >>> 8;
  bytes[at + 9] = back;
  at = putDifference(bytes, at + 10, entry.recordedAt - chunk.recordedAt);
  if (kind === entryKinds.report) {
    const { availability, outOfDate } = entry;
    const isObservedThen = entry.observedAt === entry.recordedAt;
    const more = entry.more & moreMarks.product | (outOfDate || entry.observedAt >= entry.reach ? 0 : moreBits.reach);
    bytes[at++] = tagOf(availability) | entry.unit << unitShift | (outOfDate ? reportBits.outOfDate : 0) |
      (isObservedThen ? 0 : reportBits.observedAt) | (entry.isExplicit ? explicitBit : 0) | (more === 0 ? 0 : moreBit);
    if (availability >= 0) at = putVarint(bytes, at, availability);
    if (!isObservedThen) at = putDifference(bytes, at, entry.observedAt - entry.recordedAt);
    if (more !== 0) bytes[at++] = more;
    if (outOfDate || (more & moreBits.reach) !== 0) at = putVarint(bytes, at, entry.reach);
  } else if (kind !== entryKinds.added) {
    if (kind === entryKinds.confirmed) {
      bytes[at++] = entry.more & moreMarks.product;
      at = putDifference(bytes, at, entry.observedAt - entry.recordedAt);
    }
    at = putVarint(bytes, at, entry.reach);
  }
  if (entry.isSkip) {
    at = putVarint(bytes, at, entry.skipNumber);
    if (entry.skipNumber > 0) {
      at = putVarint(bytes, at, place - entry.skip & placeMask);
      at = putVarint(bytes, at, place - entry.jump & placeMask);
    } else if (chunk.segment > 1) at = putBefore(bytes, at, entry, chunk.segment);
  }
  if (kind === entryKinds.added) {
    at = putText(bytes, at, entry.name);
    at = putVarint(bytes, at, entry.zip);
  } else if (kind === entryKinds.documented) {
    if (isNumbered) at = putVarint(bytes, putVarint(bytes, at, entry.documentNumber), entry.documentLength);
    else at = putText(bytes, at, entry.document);
    if ((extension & extensionBits.time) !== 0) at = putVarint(bytes, at, madeOf(entry));
  } else if (kind === entryKinds.edited) {
    at = putEdits(bytes, at, entry);
  } else if (kind === entryKinds.merged || kind === entryKinds.unmerged) {
    at = putVarint(bytes, at, entry.into);
  } else if (kind === entryKinds.published) {
    at = putText(bytes, at, entry.locationId);
  } else if (kind >= entryKinds.retracted) {
    at = putVarint(bytes, at, entry.of);
    at = putVarint(bytes, at, entry.shows);
  }
  if ((marked | entry.more) === 0) return at;
  const toPlace = place - start;
  const { who, source, product, by } = entry;
  // All are looked up before one of them gets a number: who reads the entry knows none of its own.
  const [whoNumber, sourceNumber] = [numberOf(texts, who), numberOf(texts, source)];
  const [productNumber, byNumber] = [numberOf(texts, product), numberOf(texts, by)];
  if (who.length > 0) at = putShared(bytes, at, who, whoNumber, texts, places, toPlace);
  if (source.length > 0) at = putShared(bytes, at, source, sourceNumber, texts, places, toPlace);
  if (entry.note.length > 0) at = putText(bytes, at, entry.note);
  if (product.length > 0) at = putShared(bytes, at, product, productNumber, texts, places, toPlace);
  return by.length > 0 ? putShared(bytes, at, by, byNumber, texts, places, toPlace) : at;
}

/** Puts what the first entry of a site in a segment says of the one before it. */
function putBefore(bytes: Uint8Array, at: number, entry: LogEntry, segment: number): number {
  const { segmentBefore } = entry;
  at = putVarint(bytes, at, segmentBefore === 0 ? 0 : segment - segmentBefore);
  if (segmentBefore === 0) return at;
  at = putVarint(bytes, at, entry.placeBefore);
  return putDifference(bytes, at, entry.recordedAt - entry.reachBefore);
}

function numberOf(texts: SharedTexts, text: TextRange): number {
  return text.length === 0 ? noText : texts.find(text);
}

/** What the extension of an entry says; 0: it has none. */
export function extensionOf(entry: LogEntry): number {
  const { kind, more } = entry;
  return (kind > plainKindMax ? kind - plainKindMax : 0) | ((more & moreMarks.by) === 0 ? 0 : extensionBits.by) |
    (kind === entryKinds.documented && madeOf(entry) !== 0 ? extensionBits.time : 0);
}

/** When a document was made, and whether it is extra, as one number. */
export function madeOf({ isExplicit, observedAt, more }: LogEntry): number {
  return 2 * (isExplicit ? observedAt : 0) + ((more & moreMarks.extra) === 0 ? 0 : 1);
}

function putEdits(bytes: Uint8Array, at: number, { edits, newName, zip, identifiers }: LogEntry): number {
  bytes[at++] = edits;
  if ((edits & editMarks.name) !== 0) at = putText(bytes, at, newName);
  if ((edits & editMarks.zip) !== 0) at = putVarint(bytes, at, zip);
  return (edits & editMarks.identifiers) === 0 ? at : putText(bytes, at, identifiers);
}

function putDifference(bytes: Uint8Array, at: number, difference: number): number {
  return putVarint(bytes, at, difference < 0 ? -2 * difference - 1 : 2 * difference);
}

function putText(bytes: Uint8Array, at: number, text: TextRange): number {
  at = putVarint(bytes, at, text.length);
  text.putInto(bytes, at);
  return at + text.length;
}

/** @param toPlace is added to where something is in the bytes, to make it a place in the log. */
function putShared(
  bytes: Uint8Array,
  at: number,
  text: TextRange,
  number: number,
  texts: SharedTexts,
  places: TextPlaces,
  toPlace: number,
): number {
  at = putVarint(bytes, at, number);
  if (number === noText) {
    at = putText(bytes, at, text);
    const { size } = texts;
    number = texts.add(text);
    if (texts.size > size) places.add(number, toPlace + at - text.length);
  }
  if (number !== noText) texts.use(number);
  return at;
}

/**
 * Reads the first part of an entry: all its numbers up to those of its pointers, but no text, and nothing that only few
 * kinds have. A search for an entry passes over many in a fraction of the time that {@link readLogEntry} takes.
 *
 * @param reader where it begins; afterwards, where the rest begins.
 * @param bytes what the reader reads.
 * @param place where it begins, as a place in the log.
 * @returns what the rest is read by.
 * @throws {DecodeError} if they are not that part of an entry. It does not check the targets of its pointers.
 */
export function readLogNumbers(
  reader: ByteReader,
  bytes: Uint8Array,
  place: LogPlace,
  entry: LogEntry,
  chunk: ChunkStart,
): number {
  const head = reader.byte();
  const extension = (head & extensionMark) === 0 ? 0 : reader.byte();
  const kind = kindOf(head, extension, numberedBit);
  entry.kind = kind;
  entry.isSkip = (head & skipMark) !== 0;
  let at = reader.position;
  reader.skip(10);
  entry.site = bytes[at++] << 16 | bytes[at++] << 8 | bytes[at++];
  entry.index = chunk.index + (bytes[at++] << 16 | bytes[at++] << 8 | bytes[at++]);
  const back = bytes[at++] << 24 | bytes[at++] << 16 | bytes[at++] << 8 | bytes[at];
  entry.previous = back === 0 ? noEntry : place - back & placeMask;
  entry.recordedAt = chunk.recordedAt + readDifference(reader);
  entry.reach = 0;
  let more = (extension & extensionBits.by) === 0 ? 0 : moreMarks.by;
  if (kind === entryKinds.report) {
    const bits = reader.byte();
    entry.availability = readTagged(reader, bits & reportBits.tag);
    entry.unit = (bits & reportBits.unit) >>> unitShift;
    checkUnit(entry.unit);
    entry.outOfDate = (bits & reportBits.outOfDate) !== 0;
    entry.isExplicit = (bits & explicitBit) !== 0;
    entry.observedAt = entry.recordedAt;
    if ((bits & reportBits.observedAt) !== 0) entry.observedAt += readDifference(reader);
    const bitsMore = (bits & moreBit) === 0 ? 0 : readMoreBits(reader);
    more |= bitsMore & moreBits.product;
    entry.reach = entry.outOfDate || (bitsMore & moreBits.reach) !== 0 ? reader.varint() : entry.observedAt;
  } else if (kind !== entryKinds.added) {
    if (kind === entryKinds.confirmed) {
      more |= reader.byte() & moreMarks.product;
      entry.observedAt = entry.recordedAt + readDifference(reader);
    }
    entry.reach = reader.varint();
  }
  if (entry.isSkip) {
    entry.skipNumber = reader.varint();
    if (entry.skipNumber === 0) {
      // The first one is where all jumps end.
      entry.skip = noEntry;
      entry.jump = place;
      readBefore(reader, entry, chunk.segment);
    } else {
      entry.skip = place - reader.varint() & placeMask;
      entry.jump = place - reader.varint() & placeMask;
    }
  }
  return head | extension << 8 | more << 16;
}

function readBefore(reader: ByteReader, entry: LogEntry, segment: number): void {
  const distance = segment > 1 ? reader.varint() : 0;
  if (distance >= Math.max(1, segment)) {
    throw new DecodeError(`an entry of segment ${segment} is ${distance} after one`);
  }
  entry.segmentBefore = distance === 0 ? 0 : segment - distance;
  entry.placeBefore = distance === 0 ? 0 : reader.varint();
  entry.reachBefore = distance === 0 ? 0 : entry.recordedAt - readDifference(reader);
  if (entry.reachBefore < 0) throw new DecodeError(`the time of an entry before is ${entry.reachBefore}`);
}

/**
 * Reads an entry from the bytes of its chunk.
 *
 * @param reader where it begins.
 * @param bytes what the reader reads.
 * @param place where it begins, as a place in the log.
 * @throws {DecodeError} if they are not an entry. It does not check the targets of its pointers.
 */
export function readLogEntry(
  reader: ByteReader,
  bytes: Uint8Array,
  place: LogPlace,
  entry: LogEntry,
  chunk: ChunkStart,
  texts: SharedTexts,
): void {
  const start = reader.position;
  const first = readLogNumbers(reader, bytes, place, entry, chunk);
  const head = first & 0xff;
  const extension = first >>> 8 & 0xff;
  const { kind } = entry;
  if ((extension & numberedBit) !== 0 && kind !== entryKinds.documented) {
    throw new DecodeError(`an entry of kind ${kind} has a document`);
  }
  let more = first >>> 16;
  if (kind === entryKinds.added) {
    entry.name.read(reader, bytes);
    entry.zip = readZip(reader);
  } else if (kind === entryKinds.documented) {
    readDocument(entry, reader, bytes, (extension & numberedBit) !== 0);
    const made = (extension & extensionBits.time) === 0 ? 0 : reader.varint();
    entry.observedAt = Math.floor(made / 2);
    entry.isExplicit = entry.observedAt > 0;
    if (made % 2 !== 0) more |= moreMarks.extra;
  } else if (kind === entryKinds.edited) {
    readEdits(reader, bytes, entry);
  } else if (kind === entryKinds.merged || kind === entryKinds.unmerged) {
    entry.into = reader.varint();
  } else if (kind === entryKinds.published) {
    entry.locationId.read(reader, bytes);
  } else if (kind >= entryKinds.retracted) {
    entry.of = reader.varint();
    entry.shows = reader.varint();
  }
  entry.clearTexts();
  entry.marked = head & allTextMarks;
  if ((head & textMarks.who) !== 0) readShared(entry.who, reader, bytes, texts);
  if ((head & textMarks.source) !== 0) readShared(entry.source, reader, bytes, texts);
  if ((head & textMarks.note) !== 0) entry.note.readMarked(reader, bytes);
  if (more !== 0) {
    entry.more = more;
    if ((more & moreMarks.product) !== 0) readShared(entry.product, reader, bytes, texts);
    if ((more & moreMarks.by) !== 0) readShared(entry.by, reader, bytes, texts);
  }
  entry.end = place + reader.position - start;
}

function readDocument(entry: LogEntry, reader: ByteReader, bytes: Uint8Array, isNumbered: boolean): void {
  if (isNumbered) {
    entry.documentNumber = reader.varint();
    entry.documentLength = reader.varint();
    entry.document.clear();
  } else {
    entry.document.read(reader, bytes);
    entry.documentNumber = 0;
    entry.documentLength = entry.document.length;
  }
}

function readMoreBits(reader: ByteReader): number {
  const bits = reader.byte();
  if (bits === 0 || bits > (moreBits.product | moreBits.reach)) {
    throw new DecodeError(`a report has more of kind ${bits}`);
  }
  return bits;
}

function readDifference(reader: ByteReader): number {
  const value = reader.varint();
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function readShared(text: TextRange, reader: ByteReader, bytes: Uint8Array, texts: SharedTexts): void {
  const number = reader.varint();
  if (number === noText) return text.readMarked(reader, bytes);
  if (number > texts.size) throw new DecodeError(`there is no text ${number}`);
  text.copy(texts.get(number));
}
