/**
 * The old segments of the log: which of them are sealed, and how the next one is.
 *
 * @module
 */

import {
  type ComparedSegment,
  type Sealing,
  segmentKinds,
  segmentName,
  type SegmentPlace,
  type SegmentRef,
} from "../../history.ts";
import type { Packing } from "../../packing.ts";
import { firstIndexOf, type SegmentSource, SegmentWriter } from "../segments/segment_writer.ts";
import type { SegmentEntry } from "../segments/segment_entry.ts";
import type { PackedLog } from "./entry_log.ts";
import type { EntryMarks } from "./entry_marks.ts";
import { LogEntry, type LogPlace } from "./log_entry.ts";

/** Seals the log, segment by segment. */
export class EntrySealing {
  readonly #log: PackedLog;
  readonly #redactions: EntryMarks;
  readonly #packing: Packing;
  /** The digests of the segments that were sealed: segment k is at k - 1. */
  readonly #digests: Uint8Array[] = [];
  /** How many entries of each segment were redacted, and how many of these are so in what was sealed. */
  readonly #redacted = new Map<number, number>();
  readonly #erased = new Map<number, number>();
  /** The same in what is being sealed, or written again. */
  readonly #erasing = new Map<number, number>();

  /** Seals `log`; the entries of it that were redacted are in `redactions`. */
  constructor(log: PackedLog, redactions: EntryMarks, packing: Packing) {
    this.#log = log;
    this.#redactions = redactions;
    this.#packing = packing;
  }

  /** The next old segment that is not sealed, if there is one. */
  get unsealed(): SegmentPlace | undefined {
    const { firstOpen: number, lastOld } = this.#log;
    return number <= lastOld ? { kind: segmentKinds.entries, number } : undefined;
  }

  /** Bytes of the log of old segments that are not sealed. */
  get unsealedBytes(): number {
    return this.#log.bytesUpTo(this.#log.lastOld);
  }

  /** The segments that were sealed. */
  get named(): SegmentRef[] {
    return this.#digests.map((digest, at) => ({ kind: segmentKinds.entries, number: at + 1, digest }));
  }

  /** How a segment was sealed; "due": something of it was redacted since. */
  sealedAs(number: number): ComparedSegment | "due" | undefined {
    const digest = this.#digests.at(number - 1);
    if (number < 1 || digest === undefined) return undefined;
    const redacted = this.#redacted.get(number) ?? 0;
    if (redacted > (this.#erased.get(number) ?? 0)) return "due";
    return { kind: segmentKinds.entries, number, redacted, digest };
  }

  /** Begins to seal the segment {@link unsealed}. */
  sealing(): Sealing {
    const place = this.unsealed;
    if (place === undefined) throw new Error("No segment of entries is old and not sealed");
    const { number } = place;
    const { segmentEntries } = this.#log;
    const first = firstIndexOf(number, segmentEntries);
    this.#erasing.set(number, this.#redacted.get(number) ?? 0);
    const source = new OpenSource(this.#log, first, segmentEntries);
    const writer = new SegmentWriter(number, first, segmentEntries, source, this.#packing);
    return {
      place,
      step: () => writer.step(),
      get digest() {
        return writer.digest;
      },
    };
  }

  /**
   * Says that a segment is durable and named.
   *
   * @returns whether it is {@link unsealed}, which was not sealed before: its log is dropped.
   * @throws {Error} if it is neither that, nor one that was sealed.
   */
  sealed({ kind, number, digest }: SegmentRef): boolean {
    const isNew = number === this.unsealed?.number;
    if (!isNew && !(number >= 1 && number <= this.#digests.length)) {
      throw new Error(`${segmentName({ kind, number })} is not to be sealed`);
    }
    this.#digests[number - 1] = digest.slice();
    // After a restart, nobody knows what was overwritten: nothing, as far as it matters.
    this.#erased.set(number, this.#erasing.get(number) ?? 0);
    this.#erasing.delete(number);
    if (isNew) this.#log.drop();
    return isNew;
  }

  /** Nothing was sealed yet: these segments were, and all of the entries were redacted that `redactions` has. */
  putBack(digests: readonly Uint8Array[]): void {
    this.#digests.push(...digests);
    for (let number = 1; number <= this.#redactions.size; number++) this.redacted(this.#redactions.at(number).of);
  }

  /** An entry was redacted. */
  redacted(index: number): void {
    const segment = this.#log.segmentOf(index);
    this.#redacted.set(segment, (this.#redacted.get(segment) ?? 0) + 1);
  }

  /** The sealed segments that may have what was redacted since. */
  get redactionsDue(): SegmentPlace[] {
    const due: SegmentPlace[] = [];
    for (const [number, count] of this.#redacted) {
      const isDue = number <= this.#digests.length && count > (this.#erased.get(number) ?? 0);
      if (isDue) due.push({ kind: segmentKinds.entries, number });
    }
    return due.sort((a, b) => a.number - b.number);
  }

  /** Begins to write a sealed segment again: says which entries of it were redacted up to now. */
  redacting(number: number): (index: number) => boolean {
    this.#erasing.set(number, this.#redacted.get(number) ?? 0);
    const { segmentEntries } = this.#log;
    const first = firstIndexOf(number, segmentEntries);
    const redacted = new Set<number>();
    for (let index = first; index < first + segmentEntries; index++) {
      if (this.#redactions.has(index)) redacted.add(index);
    }
    return (index) => redacted.has(index);
  }
}

/** The entries of a segment that is in memory. */
class OpenSource implements SegmentSource {
  readonly #log: PackedLog;
  /** Where each entry is: those that were read in the order of the log. */
  readonly #places: Int32Array;
  #known = 1;
  readonly #entry = new LogEntry();

  constructor(log: PackedLog, first: number, count: number) {
    this.#log = log;
    this.#places = new Int32Array(count + 1);
    this.#places[0] = log.placeOf(first);
  }

  read(offset: number, entry: SegmentEntry): void {
    const [log, places, read] = [this.#log, this.#places, this.#entry];
    for (; this.#known <= offset; this.#known++) {
      log.read(places[this.#known - 1], read);
      places[this.#known] = read.end;
    }
    log.read(places[offset], read);
    if (this.#known === offset + 1) places[this.#known++] = read.end;
    this.#put(places[offset], entry);
  }

  segmentBefore(site: number): number {
    return this.#firstOf(site).segmentBefore;
  }

  reachBefore(site: number): number {
    const { segmentBefore, reachBefore } = this.#firstOf(site);
    return segmentBefore === 0 ? 0 : reachBefore;
  }

  #firstOf(site: number): LogEntry {
    const read = this.#entry;
    if (read.site === site && read.isSkip && read.skipNumber === 0) return read;
    throw new Error(`entry ${read.index} is not the first of the site at ${site} in its segment`);
  }

  /** Makes what was read last an entry of a segment. */
  #put(place: LogPlace, entry: SegmentEntry): void {
    const [log, read] = [this.#log, this.#entry];
    entry.copyButTexts(read);
    if ((read.marked | read.more) === 0) return;
    entry.marked = read.marked;
    entry.more = read.more;
    entry.who.copy(read.who);
    entry.source.copy(read.source);
    entry.note.copy(read.note);
    entry.product.copy(read.product);
    entry.by.copy(read.by);
    entry.whoNumber = log.numberOf(place, read.who);
    entry.sourceNumber = log.numberOf(place, read.source);
    entry.productNumber = log.numberOf(place, read.product);
    entry.byNumber = log.numberOf(place, read.by);
  }
}
