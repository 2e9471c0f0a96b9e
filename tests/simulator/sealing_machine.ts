/**
 * The state machine of the simulator with a log that it seals: entries of a few commands each segment. Its outputs are
 * those of the machine without one.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { ByteReader, ByteWriter } from "../../src/bytes.ts";
import { SegmentEntry } from "../../src/database/segments/segment_entry.ts";
import { firstIndexOf, segmentOf, SegmentWriter } from "../../src/database/segments/segment_writer.ts";
import { textMarks } from "../../src/database/wire/entry_fields.ts";
import { type Sealing, segmentKinds, type SegmentPlace, type SegmentRef } from "../../src/history.ts";
import { digestBytes, type Packing } from "../../src/packing.ts";
import { Gathering, Parts, type Restoring, type Snapshot } from "../../src/snapshot.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { HistoryStore } from "../../src/storage/history_store.ts";
import { DigestMachine } from "./digest_machine.ts";

/** Entries of a segment. */
export const sealedEntries = 4;

const kind = segmentKinds.entries;

/** An entry as it is read: the number of its command, and its note. */
export interface ReadEntry {
  readonly number: number;
  readonly note: Uint8Array;
}

/** A machine that seals. */
export class SealingMachine implements StateMachine {
  readonly store: HistoryStore;
  readonly #packing: Packing;
  #digest = new DigestMachine();
  lastEntry = 0;
  /** The numbers of the commands of each segment that is in memory. */
  readonly #open = new Map<number, number[]>();
  readonly #named = new Map<number, Uint8Array>();
  /** The entries that were redacted, by index. */
  readonly #redacted = new Set<number>();
  readonly #due = new Set<number>();
  /** How many entries of a segment had been redacted when its file was begun. */
  readonly #begun = new Map<number, number>();

  /** One that has executed nothing, and reads what is named of this store. */
  constructor(store: HistoryStore, packing: Packing) {
    this.store = store;
    this.#packing = packing;
  }

  // Commands.

  read(commands: Uint8Array): Uint8Array | undefined {
    return this.#digest.read(commands);
  }

  apply(commands: Uint8Array): Uint8Array {
    for (const command of itemsOf(commands)) this.#add(new ByteReader(command).varint());
    return this.#digest.apply(commands);
  }

  #add(number: number): void {
    this.#append(number);
    // Some redact an earlier entry.
    if (number % 5 === 0 && this.lastEntry > 3) this.#redact(1 + number * 7 % this.lastEntry);
  }

  #append(number: number): void {
    const segment = segmentOf(++this.lastEntry, sealedEntries);
    const open = this.#open.get(segment);
    if (open === undefined) this.#open.set(segment, [number]);
    else open.push(number);
  }

  #redact(index: number): void {
    if (this.#redacted.has(index)) return;
    this.#redacted.add(index);
    const segment = segmentOf(index, sealedEntries);
    if (this.#named.has(segment)) this.#due.add(segment);
  }

  entriesAfter(): undefined {
    return undefined;
  }

  // Sealing.

  get unsealed(): SegmentPlace | undefined {
    const last = segmentOf(Math.max(1, this.lastEntry), sealedEntries);
    const number = this.#named.size + 1;
    return number <= last - 2 ? { kind, number } : undefined;
  }

  get unsealedBytes(): number {
    return 16 * sealedEntries * this.#open.size;
  }

  sealing(): Sealing {
    const place = this.unsealed!;
    const { number } = place;
    const numbers = this.#open.get(number)!;
    const first = firstIndexOf(number, sealedEntries);
    this.#begun.set(number, this.#redactedIn(number).length);
    const before = (site: number) => {
      let index = first - 1;
      while (index > 0 && siteOf(index) !== site) index--;
      return index;
    };
    const writer = new SegmentWriter(number, first, sealedEntries, {
      read: (offset, entry) => fill(entry, first + offset, numbers[offset], this.#redacted.has(first + offset)),
      segmentBefore: (site) => before(site) === 0 ? 0 : segmentOf(before(site), sealedEntries),
      reachBefore: (site) => before(site) === 0 ? 0 : timeOf(before(site)),
    }, this.#packing);
    return {
      place,
      step: () => writer.step(),
      get digest() {
        return writer.digest;
      },
    };
  }

  sealed({ number, digest }: SegmentRef): void {
    const isNew = number === this.#named.size + 1 && this.#open.has(number);
    if (!isNew && !this.#named.has(number)) throw new Error(`Segment ${number} was not to be sealed`);
    this.#named.set(number, digest);
    this.#open.delete(number);
    if (this.#redactedIn(number).length === (this.#begun.get(number) ?? 0)) this.#due.delete(number);
    else this.#due.add(number);
    this.#begun.delete(number);
  }

  get named(): SegmentRef[] {
    return [...this.#named].map(([number, digest]) => ({ kind, number, digest }));
  }

  get redactionsDue(): SegmentPlace[] {
    return [...this.#due].map((number) => ({ kind, number }));
  }

  redacting(number: number): (index: number) => boolean {
    const redacted = new Set(this.#redactedIn(number));
    this.#begun.set(number, redacted.size);
    return (index) => redacted.has(index);
  }

  #redactedIn(number: number): number[] {
    return [...this.#redacted].filter((index) => segmentOf(index, sealedEntries) === number);
  }

  // Checks.

  /** The same at all replicas where the digest of the segment must be; undefined: entries are still to be redacted. */
  contentOf(number: number): string | undefined {
    if (this.#due.has(number)) return undefined;
    return `${number} without ${this.#redactedIn(number).sort().join()}`;
  }

  /** Whether an entry was redacted, and nothing of it may be left. */
  isErased(index: number): boolean {
    const segment = segmentOf(index, sealedEntries);
    return this.#redacted.has(index) && this.#named.has(segment) && !this.#due.has(segment);
  }

  /** The entries, from memory or from files. */
  *entries(): Generator<ReadEntry> {
    for (let segment = 1; firstIndexOf(segment, sealedEntries) <= this.lastEntry; segment++) {
      if (this.#named.has(segment)) yield* this.#read(segment);
      else for (const number of this.#open.get(segment)!) yield { number, note: noteOf(number) };
    }
  }

  #read(segment: number): ReadEntry[] {
    const read: ReadEntry[] = [];
    const first = firstIndexOf(segment, sealedEntries);
    const entry = new SegmentEntry();
    for (let block = 0; block < this.store.segment(segment).blocks; block++) {
      const some = this.store.entries(segment, block);
      for (let at = 0; at < some.count; at++) {
        some.read(at, entry);
        read[entry.index - first] = { number: entry.availability, note: entry.note.view().slice() };
      }
    }
    return read;
  }

  // Snapshots.

  freeze(): Snapshot {
    const writer = new ByteWriter();
    writer.raw(this.#digest.snapshot());
    writer.varint(this.lastEntry);
    for (const { number } of this.entries()) writer.varint(number);
    for (const set of [this.#redacted, this.#due]) {
      writer.varint(set.size);
      for (const number of set) writer.varint(number);
    }
    writer.varint(this.#named.size);
    for (const digest of this.#named.values()) writer.raw(digest);
    return new Parts([writer.copy()]);
  }

  restoring(): Restoring {
    return new Gathering((bytes) => this.#restore(bytes), (bytes) => {
      const read = new SealingMachine(this.store, this.#packing);
      read.#restore(bytes);
      return read.named;
    });
  }

  #restore(bytes: Uint8Array): void {
    for (const each of [this.#open, this.#named, this.#redacted, this.#due, this.#begun]) each.clear();
    this.lastEntry = 0;
    this.#digest = new DigestMachine();
    const reader = new ByteReader(bytes);
    const digest = new ByteWriter();
    digest.varint(reader.varint());
    this.#digest.restore(digest.view());
    for (let left = reader.varint(); left > 0; left--) this.#append(reader.varint());
    for (const set of [this.#redacted, this.#due]) {
      for (let left = reader.varint(); left > 0; left--) set.add(reader.varint());
    }
    const named = reader.varint();
    for (let number = 1; number <= named; number++) {
      this.#named.set(number, reader.view(digestBytes).slice());
      this.#open.delete(number);
    }
  }
}

function siteOf(index: number): number {
  return 1 + index % 3;
}

function timeOf(index: number): number {
  return 1_790_000_000_000 + 100 * index;
}

/** The note of the command with a number. */
export function noteOf(number: number): Uint8Array {
  return new Uint8Array(6).fill(97 + number % 20);
}

function fill(entry: SegmentEntry, index: number, number: number, isErased: boolean): void {
  Object.assign(entry, new SegmentEntry(), {
    kind: 1,
    site: siteOf(index),
    index,
    recordedAt: timeOf(index),
    observedAt: timeOf(index),
    reach: timeOf(index),
    availability: number,
    marked: textMarks.note,
  });
  entry.note.set(isErased ? new Uint8Array(6) : noteOf(number), 0, 6);
}
