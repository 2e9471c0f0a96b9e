/**
 * The keys of commands that were executed, each with the output: a command whose key is here has that output, and is
 * not executed again. So a client may send a command once more whenever it does not know what became of it, through
 * whichever gateway, and after any of them has started again.
 *
 * The order of the commands alone decides which keys are kept. The oldest go first, when there are too many keys or
 * bytes: none is kept for anybody in particular, so nobody can fill the table for others. When a command with a known
 * key was recorded over {@link keyTtlMs} after the first, its key is new. Its clock decides of no other key: one that
 * is years ahead makes nobody's command execute twice but its own.
 *
 * A record: a byte of {@link recordMarks}; the hash of the key and that of the request (`commands.ts`); `recordedAt`:
 * varint; the index of the last entry of the log then: varint; how many bytes of a reason end the output: varint; and
 * the output: blob. Records stand one after the other in pieces, which are shared with snapshots: a record is never
 * changed in place.
 *
 * @module
 */

import { ByteReader, DecodeError, putVarint, varintBytes } from "../../bytes.ts";
import { answeredKeyBytesMax, answeredKeysMax, keyTtlMs, pageBytesMax } from "../../limits.ts";
import { keyBytes, keyHashBytes } from "../wire/commands.ts";
import { TextRange } from "../wire/text_range.ts";
import { hashOf } from "./hash.ts";
import { Slots } from "./slots.ts";

/** A record whose key was given to another command after its time. */
const recordMarks = { replaced: 1 } as const;

/** Bytes of a record, at most. */
export const keyRecordBytesMax: number = 1 + keyBytes + 3 * 8 + 3 + pageBytesMax;

/** Bytes of a piece, unless it has one longer record. */
const pieceBytes = 2 ** 14;

/** A place is the number of a piece times this, and where the record is in it, from 1. */
const placesPerPiece = 2 ** 17;

/** All keys are in about as many generations, each with a table of its own, which goes when all of its keys have. */
const generations = 8;

/** What overwrites each byte of a reason that is to be forgotten. */
const forgottenByte = "*".charCodeAt(0);

/** Bounds of the table: fewer than usual only in tests. */
export interface KeyBounds {
  /** How many records are kept. */
  readonly keysMax: number;
  /** Bytes of these. */
  readonly bytesMax: number;
}

/** Says that a key was given to another request. */
export const otherRequest = "other request";

/** A record, used again and again. */
class KeyRecord {
  marks = 0;
  /** The hash of the key and that of the request. */
  readonly key = new TextRange();
  recordedAt = 0;
  index = 0;
  reasonBytes = 0;
  readonly output = new TextRange();

  /** Reads the next one, as views. @throws {DecodeError} if there is none. */
  read(reader: ByteReader): void {
    this.marks = reader.byte();
    this.key.set(reader.view(keyBytes), 0, keyBytes);
    this.recordedAt = reader.varint();
    this.index = reader.varint();
    this.reasonBytes = reader.varint();
    const length = reader.varint();
    this.output.set(reader.view(length), 0, length);
  }

  /** How many bytes it takes. */
  get bytes(): number {
    const { recordedAt, index, reasonBytes, output: { length } } = this;
    return 1 + keyBytes + varintBytes(recordedAt) + varintBytes(index) + varintBytes(reasonBytes) +
      varintBytes(length) + length;
  }

  /** Puts it into bytes with room for it. */
  put(bytes: Uint8Array, at: number): void {
    bytes[at] = this.marks;
    this.key.putInto(bytes, at + 1);
    at = putVarint(bytes, at + 1 + keyBytes, this.recordedAt);
    at = putVarint(bytes, at, this.index);
    at = putVarint(bytes, at, this.reasonBytes);
    this.output.putInto(bytes, putVarint(bytes, at, this.output.length));
  }
}

/** Some records, one after the other. */
class Generation {
  readonly pieces: Uint8Array[] = [];
  /** How many bytes of each piece are full. */
  readonly fills: number[] = [];
  /** The place of the first record that was not forgotten. */
  first = placeOf(0, 0);
  size = 0;
  bytes = 0;
  /** The places of the records that say a reason. */
  #reasons: number[] = [];
  readonly #slots: Slots = new Slots((a, b) => this.#compare(a, b));
  readonly #reader = new ByteReader(new Uint8Array(0));
  readonly #record = new KeyRecord();

  /** Reads the record at a place. */
  read(place: number, record: KeyRecord): void {
    const piece = this.pieces[pieceOf(place)];
    this.#reader.begin(piece, offsetOf(place), piece.length);
    record.read(this.#reader);
  }

  /** The place of the record of a key, or 0. */
  find(key: TextRange): number {
    return this.#slots.find(hashOfKey(key), (place) => {
      // One that was forgotten or replaced may still be in its slot.
      const isGone = place < this.first || (this.#marksAt(place) & recordMarks.replaced) !== 0;
      return isGone ? -1 : this.#compareTo(place, key.bytes, key.start);
    });
  }

  #compare(a: number, b: number): number {
    return this.#compareTo(a, this.pieces[pieceOf(b)], offsetOf(b) + 1);
  }

  /** Compares the hash of the key of a record with another one. */
  #compareTo(place: number, bytes: Uint8Array, start: number): number {
    const [own, at] = [this.pieces[pieceOf(place)], offsetOf(place) + 1];
    for (let k = 0; k < keyHashBytes; k++) {
      const difference = own[at + k] - bytes[start + k];
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #marksAt(place: number): number {
    return this.pieces[pieceOf(place)][offsetOf(place)];
  }

  /** Adds a record, whose key no other one has that was neither forgotten nor replaced. */
  add(record: KeyRecord): void {
    const { bytes } = record;
    let last = this.pieces.length - 1;
    if (last < 0 || this.fills[last] + bytes > this.pieces[last].length) {
      last = this.pieces.push(new Uint8Array(Math.max(pieceBytes, bytes))) - 1;
      this.fills.push(0);
    }
    const place = placeOf(last, this.fills[last]);
    record.put(this.pieces[last], this.fills[last]);
    this.fills[last] += bytes;
    this.size++;
    this.bytes += bytes;
    if ((record.marks & recordMarks.replaced) === 0) this.#slots.put(place, hashOfKey(record.key));
    if (record.reasonBytes > 0) this.#reasons.push(place);
  }

  /** Forgets the first record. Returns how many bytes it had. */
  forgetFirst(): number {
    const place = this.first;
    this.read(place, this.#record);
    const { bytes } = this.#record;
    this.#slots.forget(place);
    const [piece, end] = [pieceOf(place), offsetOf(place) + bytes];
    this.first = end < this.fills[piece] ? placeOf(piece, end) : placeOf(piece + 1, 0);
    return bytes;
  }

  /** Whether all of its records were forgotten. */
  get isEmpty(): boolean {
    return pieceOf(this.first) >= this.pieces.length;
  }

  /** The key of a record is given to another command. */
  replace(place: number): void {
    this.#slots.forget(place);
    this.#change(pieceOf(place))[offsetOf(place)] |= recordMarks.replaced;
  }

  /** A piece, to change something of it: a snapshot may have the former one. */
  #change(piece: number): Uint8Array {
    return this.pieces[piece] = this.pieces[piece].slice();
  }

  /** Overwrites the reasons. */
  forgetReasons(): void {
    let changed = -1;
    for (const place of this.#reasons) {
      if (place < this.first) continue;
      if (pieceOf(place) !== changed) this.#change(changed = pieceOf(place));
      this.read(place, this.#record);
      const { output, reasonBytes } = this.#record;
      output.bytes.fill(forgottenByte, output.end - reasonBytes, output.end);
    }
    this.#reasons = [];
  }

  /** The records that were not forgotten, as they are. */
  parts(): Uint8Array[] {
    const [piece, offset] = [pieceOf(this.first), offsetOf(this.first)];
    const parts = this.pieces.map((bytes, at) => bytes.subarray(at === piece ? offset : 0, this.fills[at]));
    return parts.slice(piece);
  }
}

function placeOf(piece: number, offset: number): number {
  return piece * placesPerPiece + offset + 1;
}

function pieceOf(place: number): number {
  return (place - 1) / placesPerPiece | 0;
}

function offsetOf(place: number): number {
  return (place - 1) % placesPerPiece;
}

function hashOfKey({ bytes, start }: TextRange): number {
  return hashOf(bytes, start, start + keyHashBytes);
}

/** Whether two keys come with the same request. */
function isOfOneRequest(a: TextRange, b: TextRange): boolean {
  for (let at = keyHashBytes; at < keyBytes; at++) {
    if (a.bytes[a.start + at] !== b.bytes[b.start + at]) return false;
  }
  return true;
}

/** The records at one moment, which later commands do not change. */
export interface FrozenKeys {
  /** How many there are. */
  readonly size: number;
  /** Their bytes. */
  readonly parts: readonly Uint8Array[];
}

/** Keys of commands that were executed. */
export class AnsweredKeys {
  readonly #bounds: KeyBounds;
  /** The oldest first. */
  readonly #generations: Generation[] = [];
  #size = 0;
  #bytes = 0;
  /** The index that was kept last. */
  #index = 0;
  readonly #record = new KeyRecord();

  /** Without keys. */
  constructor({ keysMax = answeredKeysMax, bytesMax = answeredKeyBytesMax }: Partial<KeyBounds> = {}) {
    this.#bounds = { keysMax, bytesMax };
  }

  /** How many records there are. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of these. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The output of the command with this key; {@link otherRequest} if another request came with the key; undefined if
   * the key is new, or new again.
   *
   * @param key the hash of the key and that of the request.
   * @param recordedAt when the command was recorded that has it now.
   */
  find(key: TextRange, recordedAt: number): Uint8Array | typeof otherRequest | undefined {
    const record = this.#record;
    for (let at = this.#generations.length - 1; at >= 0; at--) {
      const generation = this.#generations[at];
      const place = generation.find(key);
      if (place === 0) continue;
      generation.read(place, record);
      if (recordedAt - record.recordedAt <= keyTtlMs) {
        return isOfOneRequest(record.key, key) ? record.output.view() : otherRequest;
      }
      return undefined;
    }
    return undefined;
  }

  /**
   * Keeps what a command with a new key was answered.
   *
   * @param index the index of the last entry of the log then.
   * @param reasonBytes how many bytes of the reason of a retirement end the output.
   */
  add(key: TextRange, recordedAt: number, index: number, output: Uint8Array, reasonBytes: number): void {
    const record = this.#record;
    record.marks = 0;
    record.key.copy(key);
    record.recordedAt = recordedAt;
    record.index = index;
    record.reasonBytes = reasonBytes;
    record.output.set(output, 0, output.length);
    this.#replace(record.key);
    this.#append();
    while (this.#size > this.#bounds.keysMax || this.#bytes > this.#bounds.bytesMax) this.#forgetOldest();
  }

  /** A key is given to the next record, and the one that had it is over its time. */
  #replace(key: TextRange): void {
    for (const generation of this.#generations) {
      const place = generation.find(key);
      if (place !== 0) generation.replace(place);
    }
  }

  #append(): void {
    const record = this.#record;
    const { bytes } = record;
    const { keysMax, bytesMax } = this.#bounds;
    let last = this.#generations.at(-1);
    if (last === undefined || last.size * generations >= keysMax || (last.bytes + bytes) * generations > bytesMax) {
      this.#generations.push(last = new Generation());
    }
    last.add(record);
    this.#index = record.index;
    this.#size++;
    this.#bytes += bytes;
  }

  #forgetOldest(): void {
    const [oldest] = this.#generations;
    this.#size--;
    this.#bytes -= oldest.forgetFirst();
    if (oldest.isEmpty) this.#generations.shift();
  }

  /** Overwrites what the outputs say of why sites are retired: an entry was redacted that may have said it. */
  forgetReasons(): void {
    for (const generation of this.#generations) generation.forgetReasons();
  }

  /** The records as they are now. */
  freeze(): FrozenKeys {
    return { size: this.#size, parts: this.#generations.flatMap((generation) => generation.parts()) };
  }

  /**
   * Reads the next record that {@link freeze} gave.
   *
   * @param last the index of the last entry of the log.
   * @throws {DecodeError} if it cannot be.
   */
  putBack(reader: ByteReader, last: number): void {
    const record = this.#record;
    record.read(reader);
    const { marks, key, index, output: { length }, reasonBytes } = record;
    const isThere = marks === 0 && this.#generations.some((generation) => generation.find(key) !== 0);
    if (
      isThere || marks > recordMarks.replaced || index < this.#index || index > last || length === 0 ||
      length > pageBytesMax || reasonBytes >= length || this.#size === this.#bounds.keysMax ||
      this.#bytes + record.bytes > this.#bounds.bytesMax
    ) throw new DecodeError("the output of a key cannot be");
    this.#append();
  }

  /** Takes those of another table that were kept up to an entry of the log, some in each step. */
  *take(others: AnsweredKeys, last: number): Generator<void> {
    const record = this.#record;
    const reader = new ByteReader(new Uint8Array(0));
    for (const part of others.freeze().parts) {
      reader.begin(part, 0, part.length);
      while (reader.remaining > 0) {
        record.read(reader);
        if (record.index > last) return;
        // Whatever replaced it may have come later.
        record.marks = 0;
        this.#replace(record.key);
        this.#append();
      }
      yield;
    }
  }
}
