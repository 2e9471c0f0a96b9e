/**
 * The logs of the segments that are not sealed: entries of all sites in their order, which are only ever added to.
 *
 * Each segment begins with a chunk of its own, and nothing in it says where it is in memory. So its bytes follow from
 * the entries alone, whatever was sealed before. A segment that was sealed is dropped with its chunks.
 *
 * The log is in chunks of 1 MiB, and each entry is in one of them. Written bytes never move, so a log of a hundred
 * million entries grows as fast as one of ten. The first chunk of a segment begins small: most databases are small.
 * Only the texts about people can be overwritten.
 *
 * @module
 */

import { ByteReader, DecodeError, putVarint } from "../../bytes.ts";
import { entriesMax, logBlockEntries, logBytesMax, logChunkBytes, segmentEntries, tailBytesMax } from "../../limits.ts";
import { countBefore } from "../name_order.ts";
import type { LogSize } from "../../state_machine.ts";
import {
  type ChunkStart,
  entryBytesMax,
  LogEntry,
  type LogPlace,
  logPlaces,
  noEntry,
  putLogEntry,
  readLogEntry,
  readLogNumbers,
} from "./log_entry.ts";
import { erasedByte, noText, SharedTexts } from "./shared_texts.ts";
import { lastOldEntry } from "./tail.ts";
import { TextPlaces } from "./text_places.ts";
import type { TextRange } from "../wire/text_range.ts";

/** Bytes that the first chunk of a segment begins with. */
const firstChunkBytes = 4096;

/** Chunks that may be in memory: each has a number of its own in a place. */
const chunksInMemory = logPlaces / logChunkBytes;

/** Bytes at the start of a chunk, at most; there is one at least, so that no entry is at `noEntry`. */
const startBytesMax = 8;

interface Chunk extends ChunkStart {
  /** The bytes; only the last chunk grows. */
  bytes: Uint8Array;
  /** How many of them are written. */
  length: number;
  /** Where it begins in the log. */
  readonly place: LogPlace;
  /** Where every {@link logBlockEntries}-th entry begins. */
  readonly blocks: number[];
  /** Whether a snapshot may have views of the bytes. */
  isShared: boolean;
}

/** Stands for the last chunk where there is none: it has no room. */
const noChunk: Chunk = {
  index: 0,
  recordedAt: 0,
  segment: 0,
  place: noEntry,
  bytes: new Uint8Array(0),
  length: 0,
  blocks: [],
  isShared: false,
};

/** The place in the log at which the segments in memory begin. */
export interface LogOpening {
  /** The first of these. */
  readonly segment: number;
  /** How many chunks came before it, and how many bytes these had. */
  readonly chunks: number;
  readonly bytes: number;
  /** How many texts that entries share were said first in these. */
  readonly texts: number;
}

/** The entries that are not sealed. */
export class PackedLog {
  /** The chunks in memory. */
  readonly #chunks: Chunk[] = [];
  /** The last of them. */
  #newest = noChunk;
  /** How many chunks were dropped, which came before. */
  #dropped = 0;
  /** How many bytes these had. */
  #droppedBytes = 0;
  /** How many chunks came before each segment. */
  readonly #starts: number[] = [];
  readonly #entries: number;
  readonly #texts: SharedTexts;
  readonly #places = new TextPlaces();
  readonly #reader = new ByteReader(new Uint8Array(0));
  readonly #passed = new LogEntry();
  readonly #bytesMax: number;
  readonly #earlierBytesMax: number;
  readonly #oldBytesPerByte: number;
  /** Chunks of the segments that are old. */
  #oldChunks = 0;
  /** Bytes of the documents that do not stand in entries: they take room, too; and of the old ones of these. */
  #documentBytes = 0;
  #oldDocumentBytes = 0;
  #keepsBound = false;
  /** While it has that many entries, another chunk has room; less than 0: that is to be found out. */
  #ampleUpTo = -1;
  #last = 0;
  #bytes = 0;
  #replayed = 0;
  /** Whether {@link redact} has overwritten anything. */
  hasOverwritten = false;
  /**
   * Whether it is full for every entry once the largest might have no room: so it refuses all from one place on. A log
   * that began before this rule does not: when a replica reads its disk, it must take again the small entries that it
   * has taken.
   */
  keepsRoom = true;

  /**
   * Whether it has the bound of a log of which nothing is sealed, also where something is. Up to version 7 of the
   * files, every log had it, so journals of then refuse what came after it. It is part of the state, and replicas do
   * not read their disks at the same entry: none may lift it alone.
   */
  get keepsBound(): boolean {
    return this.#keepsBound;
  }

  set keepsBound(keeps: boolean) {
    this.#keepsBound = keeps;
    this.#ampleUpTo = -1;
  }

  /**
   * Whether none of its segments is ever old. So it was up to version 6 of the files: their journals have the outputs
   * of then.
   */
  hasTailOnly = false;

  /** The first segment in memory; if there is none, the one of the next entry. */
  firstOpen = 1;
  /** The segment of the next entry. */
  segment = 1;
  /** The place in front of that segment: all places in it are counted from there. It is right once it has an entry. */
  base: LogPlace = 0;
  /** The index of the last entry before that segment. */
  lastBefore = 0;

  /**
   * Without entries.
   *
   * @param bytesMax bytes that it may have, a multiple of those of a chunk, or `Infinity`.
   * @param texts gives the texts that entries share their numbers.
   * @param entries how many entries a segment has.
   * @param oldBytesPerByte how many bytes of what is old count as one of these.
   * @param earlierBytesMax the same as `bytesMax` of a log that {@link keepsBound}.
   */
  constructor(
    bytesMax = logBytesMax,
    texts: SharedTexts = new SharedTexts(),
    entries = segmentEntries,
    oldBytesPerByte = 1,
    earlierBytesMax = logBytesMax,
  ) {
    this.#texts = texts;
    this.#bytesMax = bytesMax;
    this.#earlierBytesMax = Math.min(bytesMax, earlierBytesMax);
    this.#entries = entries;
    this.#oldBytesPerByte = oldBytesPerByte;
  }

  /** The texts that its entries share. */
  get texts(): SharedTexts {
    return this.#texts;
  }

  /** How many entries a segment has. */
  get segmentEntries(): number {
    return this.#entries;
  }

  /** The segment that an entry is in. */
  segmentOf(index: number): number {
    return Math.ceil(index / this.#entries);
  }

  /** The index of the last entry that is not in the tail (`tail.ts`); 0: all are. */
  get lastOldEntry(): number {
    return this.hasTailOnly ? 0 : lastOldEntry(this.#last, this.#entries);
  }

  /** The last segment that is old; 0: there is none. */
  get lastOld(): number {
    return this.lastOldEntry / this.#entries;
  }

  /** The place in front of a segment that is in memory. */
  baseOf(segment: number): LogPlace {
    return logChunkBytes * (this.#starts[segment - 1] % chunksInMemory);
  }

  /** Bytes of the chunks of the segments from the first in memory up to one. */
  bytesUpTo(segment: number): number {
    if (segment < this.firstOpen) return 0;
    const end = this.#endOf(segment);
    let bytes = 0;
    for (let at = 0; at < end - this.#dropped; at++) bytes += this.#chunks[at].bytes.length;
    return bytes;
  }

  /** Forgets the first segment in memory, which is not the one of the next entry. */
  drop(): void {
    if (this.firstOpen >= this.segment) throw new Error(`segment ${this.firstOpen} is not whole`);
    const count = this.#endOf(this.firstOpen++) - this.#dropped;
    this.#places.forget((place) => this.#chunkOf(place) < count);
    for (const { length } of this.#chunks.splice(0, count)) this.#droppedBytes += length;
    this.#newest = this.#chunks.at(-1) ?? noChunk;
    this.#dropped += count;
  }

  /** Where the segments in memory begin. */
  get opening(): LogOpening {
    const texts = (this.#places.first ?? this.#texts.size + 1) - 1;
    return { segment: this.firstOpen, chunks: this.#dropped, bytes: this.#droppedBytes, texts };
  }

  /** Begins behind what was sealed, without entries. The texts of that have their numbers. */
  open({ segment, chunks, bytes }: LogOpening): void {
    this.firstOpen = this.segment = segment;
    this.#ampleUpTo = -1;
    this.#dropped = this.#oldChunks = chunks;
    this.#bytes = this.#droppedBytes = bytes;
    this.#last = this.lastBefore = (segment - 1) * this.#entries;
    while (this.#starts.length < segment - 1) this.#starts.push(chunks);
  }

  /** How many chunks there were with the end of a segment. */
  #endOf(segment: number): number {
    return this.#starts.at(segment) ?? this.#dropped + this.#chunks.length;
  }

  /** The index of the last entry; 0 if there is none. */
  get last(): number {
    return this.#last;
  }

  /** How many bytes it has, with those of documents. */
  get bytes(): number {
    return this.#bytes + this.#documentBytes;
  }

  /** How many bytes of them are in memory, without documents. */
  get openBytes(): number {
    return this.#bytes - this.#droppedBytes;
  }

  /** Says how many bytes of documents do not stand in entries, and how many of them are old. */
  hasDocuments(bytes: number, oldBytes: number): void {
    this.#ampleUpTo = -1;
    this.#documentBytes = bytes;
    this.#oldDocumentBytes = oldBytes;
  }

  /**
   * How much of its room is taken; what is left unused at the end of a chunk is taken, too. It follows from the entries
   * alone, and not from what of them was sealed. It is full as soon as an entry may be refused, whatever the log lacks:
   * bytes, a whole chunk, places in memory, or an index.
   */
  get size(): LogSize {
    const bytesMax = this.#bound === Infinity ? 0 : this.#bound - entryBytesMax;
    const size = { bytes: this.#takenNow, bytesMax };
    return this.hasRoom(entryBytesMax) ? size : asFull(size);
  }

  /** How much room is taken. */
  get #takenNow(): number {
    const count = this.#dropped + this.#chunks.length;
    const bytes = count === 0 ? 0 : logChunkBytes * (count - 1) + (this.#chunks.at(-1)?.length ?? logChunkBytes);
    return this.#taken(bytes);
  }

  /** How much room there is. */
  get #bound(): number {
    return this.keepsBound ? this.#earlierBytesMax : this.#bytesMax;
  }

  /** How much room is taken by a log of that many bytes, without its documents. */
  #taken(bytes: number): number {
    const all = bytes + this.#documentBytes;
    if (this.#oldBytesPerByte === 1 || this.keepsBound) return all;
    const old = logChunkBytes * this.#oldChunks + this.#oldDocumentBytes;
    return all - old + Math.ceil(old / this.#oldBytesPerByte);
  }

  /** Whether the log has room for any entry, since it can have another chunk. */
  get isAmple(): boolean {
    if (this.#ampleUpTo < 0) this.#measure();
    return this.#last < this.#ampleUpTo;
  }

  #measure(): void {
    const chunks = this.#dropped + this.#chunks.length + 1;
    const hasPlaces = this.keepsBound || logChunkBytes * (chunks - this.#oldChunks) <= tailBytesMax;
    this.#ampleUpTo = hasPlaces && this.#taken(logChunkBytes * chunks) <= this.#bound ? entriesMax : 0;
  }

  /** Whether the log has room for an entry of at most this many bytes. */
  hasRoom(entryBytes: number): boolean {
    if (this.isAmple) return true;
    if (this.#last >= entriesMax) return false;
    const needed = this.keepsRoom ? entryBytesMax : entryBytes;
    // Without another chunk, only what fits the last one.
    const chunk = this.#chunks.at(-1);
    return chunk?.segment === this.segment && chunk.length + needed <= logChunkBytes &&
      this.#takenNow + needed <= this.#bound;
  }

  /** Adds an entry, for which there must be room, and returns its place. Its index is set. */
  append(entry: LogEntry): LogPlace {
    const { bytesMax } = entry;
    let chunk = this.#newest;
    const hasRoom = chunk.length + bytesMax <= chunk.bytes.length && chunk.segment === this.segment;
    if (!hasRoom) chunk = this.#makeRoom(entry, bytesMax);
    const start = chunk.length;
    const place = chunk.place + start;
    entry.index = ++this.#last;
    if ((entry.index - chunk.index) % logBlockEntries === 0) chunk.blocks.push(start);
    chunk.length = putLogEntry(chunk.bytes, start, place, entry, chunk, this.#texts, this.#places);
    this.#bytes += chunk.length - start;
    if (entry.index - this.lastBefore === this.#entries) {
      this.segment++;
      this.lastBefore = entry.index;
    }
    return place;
  }

  /** The last chunk, which has no room for an entry, with room for it, or else another one. */
  #makeRoom({ recordedAt }: LogEntry, bytesMax: number): Chunk {
    const last = this.#newest;
    const isFirst = last.segment !== this.segment;
    if (isFirst || last.length + bytesMax > logChunkBytes) return this.#addChunk(recordedAt, bytesMax, isFirst);
    const needed = Math.max(last.length + bytesMax, 2 * last.bytes.length);
    const grown = new Uint8Array(Math.min(logChunkBytes, needed));
    grown.set(last.bytes);
    last.bytes = grown;
    return last;
  }

  /** Adds a chunk. @param isFirst whether it is the first one of its segment. */
  #addChunk(recordedAt: number, bytesMax: number, isFirst: boolean): Chunk {
    // Two chunks with one place would be one to all that points to them.
    if (this.#chunks.length === chunksInMemory) throw new RangeError(`${logPlaces} bytes of the log are not sealed`);
    const number = this.#dropped + this.#chunks.length;
    const place = logChunkBytes * (number % chunksInMemory);
    if (isFirst) {
      this.#starts.push(number);
      this.base = place;
      // By the entry that comes, the segment before the one before becomes old.
      this.#oldChunks = this.#starts.at(Math.max(0, this.segment - 2)) ?? 0;
    }
    // Where segments have less than a chunk, the next one will.
    const roomFor = isFirst ? Math.max(firstChunkBytes, this.#newest.bytes.length) : logChunkBytes;
    const bytes = new Uint8Array(Math.max(roomFor, startBytesMax + bytesMax));
    const length = putVarint(bytes, 0, recordedAt);
    this.#bytes += length;
    const [index, { segment }] = [this.#last + 1, this];
    this.#newest = { index, recordedAt, segment, place, bytes, length, blocks: [], isShared: false };
    this.#chunks.push(this.#newest);
    this.#ampleUpTo = -1;
    return this.#newest;
  }

  /** Which of the chunks in memory has a place. */
  #chunkOf(place: LogPlace): number {
    return Math.floor(place / logChunkBytes) - this.#dropped & chunksInMemory - 1;
  }

  /** Reads the entry at a place; its texts are views, which are good for ever. */
  read(place: LogPlace, entry: LogEntry): void {
    const number = this.#chunkOf(place);
    const chunk = this.#chunks[number];
    const reader = this.#reader;
    reader.begin(chunk.bytes, place % logChunkBytes, chunk.length);
    readLogEntry(reader, chunk.bytes, place, entry, chunk, this.#texts);
    if (entry.end % logChunkBytes === chunk.length && number + 1 < this.#chunks.length) {
      entry.end = this.#placeAt(number + 1, this.#chunks[number + 1].blocks[0]);
    }
  }

  #placeAt(chunk: number, start: number): LogPlace {
    return logChunkBytes * ((this.#dropped + chunk) % chunksInMemory) + start;
  }

  /** Reads the numbers of the entry at a place, and neither its texts nor its end: `readLogNumbers`. */
  glance(place: LogPlace, entry: LogEntry): void {
    const chunk = this.#chunks[this.#chunkOf(place)];
    const reader = this.#reader;
    reader.begin(chunk.bytes, place % logChunkBytes, chunk.length);
    readLogNumbers(reader, chunk.bytes, place, entry, chunk);
  }

  /** The place of the entry with this index, up to {@link last}, which is not dropped. */
  placeOf(index: number): LogPlace {
    const number = countBefore(this.#chunks, (chunk) => chunk.index <= index) - 1;
    if (number < 0) throw new RangeError(`entry ${index} is not in memory`);
    const chunk = this.#chunks[number];
    const offset = index - chunk.index;
    const block = Math.floor(offset / logBlockEntries);
    let place = this.#placeAt(number, chunk.blocks[block]);
    for (let left = offset % logBlockEntries; left > 0; left--) {
      this.read(place, this.#passed);
      place = this.#passed.end;
    }
    return place;
  }

  /** The place where a text of the entry at a place begins, if it stands in that entry itself. */
  placeIn(place: LogPlace, text: TextRange): LogPlace {
    return place - place % logChunkBytes + text.start;
  }

  /** The bytes from a place inside of an entry on, `bytesMax` at most, as a view. */
  bytesAt(place: LogPlace, bytesMax: number): Uint8Array {
    const { bytes, length } = this.#chunks[this.#chunkOf(place)];
    const start = place % logChunkBytes;
    return bytes.subarray(start, Math.min(length, start + bytesMax));
  }

  /**
   * Overwrites what the entry at a place says of people: its note, and the reporter, unless other entries have the same
   * one, or the same text as their source. The text keeps its place and its length.
   */
  redact(place: LogPlace): void {
    const entry = this.#passed;
    this.read(place, entry);
    const { note, who } = entry;
    if (who.length > 0) this.#forgetAt(place, who);
    if (note.length > 0) this.#erase(this.placeIn(place, note), note.length);
  }

  /** The entry at a place does not say a text any more that may be a shared one. */
  #forgetAt(place: LogPlace, text: TextRange): void {
    const number = this.numberOf(place, text);
    if (number === noText) this.#erase(this.placeIn(place, text), text.length);
    else this.#release(number, text.length);
  }

  /** The number of a text of the entry at a place, as it was read; `noText`: it has none. */
  numberOf(place: LogPlace, text: TextRange): number {
    if (text.length === 0) return noText;
    const isHere = text.bytes === this.#chunks[this.#chunkOf(place)].bytes;
    return isHere ? this.#places.at(this.placeIn(place, text)) : this.#texts.find(text);
  }

  /** An entry that was sealed does not say a text any more that may be a shared one. */
  forget(text: TextRange): void {
    const number = text.length === 0 ? noText : this.#texts.find(text);
    if (number !== noText) this.#release(number, text.length);
  }

  #release(number: number, length: number): void {
    const texts = this.#texts;
    if (!texts.release(number)) return;
    texts.erase(number);
    const standing = this.#places.placeOf(number);
    if (standing !== undefined) this.#erase(standing, length);
  }

  #erase(place: LogPlace, length: number): void {
    const chunk = this.#chunks[this.#chunkOf(place)];
    const start = place % logChunkBytes;
    if (chunk.bytes.subarray(start, start + length).every((byte) => byte === erasedByte)) return;
    // Snapshots that are being taken have views of the bytes: these stay as they are. To copy them each time would make
    // long turns of many redactions.
    if (chunk.isShared) chunk.bytes = chunk.bytes.slice();
    chunk.isShared = false;
    chunk.bytes.fill(erasedByte, start, start + length);
    this.hasOverwritten = true;
  }

  /**
   * The chunks, for a snapshot: views that later entries do not change, because written bytes stay where they are. More
   * is added to the last chunk, after the part that the view shows; if that chunk grows or something in it is
   * overwritten, a copy replaces it.
   */
  chunks(): Uint8Array[] {
    return this.#chunks.map((chunk) => {
      chunk.isShared = true;
      return chunk.bytes.subarray(0, chunk.length);
    });
  }

  /**
   * Begins to read the next chunk from outside, while a log is made of such chunks again.
   *
   * @param bytes those of the chunk, which may still come.
   * @param take is given each entry, and adds it to this log: it is all that is known of what the entry may point to.
   * @returns reads what is there, the first `length` bytes of the chunk. It throws a `DecodeError` if they are not a
   *   chunk, or not the one that the log has then.
   */
  replay(bytes: Uint8Array, take: (entry: LogEntry) => void): (length: number) => void {
    const number = this.#replayed++;
    const reader = new ByteReader(bytes);
    const entry = new LogEntry();
    let at = 0;
    let compared = 0;
    let start: ChunkStart | undefined;
    return (length) => {
      const isWhole = length === bytes.length;
      reader.begin(bytes, at, length);
      if (start === undefined) {
        if (!isWhole && length < startBytesMax) return;
        start = { index: this.#last + 1, recordedAt: reader.varint(), segment: this.segment };
      }
      // Where an entry may not be there to its end, it waits: what is longer than an entry can be is none.
      while (isWhole ? reader.remaining > 0 : reader.remaining >= entryBytesMax) {
        readLogEntry(reader, bytes, logChunkBytes * number + reader.position, entry, start, this.#texts);
        take(entry);
      }
      at = reader.position;
      const made = this.#chunks.at(number);
      // Each part is compared when it was read: all of a chunk at its end would be a long turn.
      const isAsMade = made === undefined ? !isWhole : made.length === at && isSame(made.bytes, bytes, compared, at);
      if (!isAsMade) throw new DecodeError(`chunk ${number} of the log is not as its entries say`);
      if (made !== undefined) compared = at;
    };
  }

  /**
   * All chunks were read.
   *
   * @throws {DecodeError} if there are others than their entries need.
   */
  endReplay(): void {
    if (this.#chunks.length !== this.#replayed) throw new DecodeError("the log has other chunks than its entries need");
  }
}

/** Whether two arrays have the same bytes from `start` to `end`. */
function isSame(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (a[at] !== b[at]) return false;
  }
  return true;
}

/** The size of a log that takes nothing more, whatever it lacks: its bound is below what is taken. */
export function asFull({ bytes, bytesMax }: LogSize): LogSize {
  // A bound of 0 would say that there is none.
  const taken = Math.max(2, bytes);
  return { bytes: taken, bytesMax: bytesMax === 0 ? taken - 1 : Math.min(bytesMax, taken - 1) };
}
