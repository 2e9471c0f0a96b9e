/**
 * The claims about replicas that seal: their files, the digests of their segments, and what can be read of them.
 *
 * @module
 */

import type { Entry } from "../../src/database/entries.ts";
import { readEntries } from "../../src/database/wire/entries.ts";
import { segmentKinds, segmentName, type SegmentRef, UnreadableError } from "../../src/history.ts";
import { segmentOf } from "../../src/database/segments/segment_writer.ts";
import type { Entries, EntryLog, StateMachine } from "../../src/state_machine.ts";
import { finished } from "../../src/storage/history_files.ts";
import type { HistoryStore } from "../../src/storage/history_store.ts";
import type { MemoryFiles } from "../../src/storage/memory_files.ts";
import { wholeName } from "../../src/storage/segment_names.ts";
import type { Damages } from "./damages.ts";
import type { SimFiles } from "./files.ts";
import { Violation } from "./history.ts";

/** Segments that were healed, and of which a reader hears late that they were damaged. */
const lateRefusalsMax = 100;

/** Bytes of entries that are asked for at once. */
const readBytes = 2_000;

/** A machine that never seals, and has executed all that anybody has. */
export interface Reference {
  readonly machine: StateMachine;
  /** What it reads by once it has sealed after all. */
  readonly store: HistoryStore;
  readonly files: MemoryFiles;
  /** Entries of a segment. */
  readonly segmentEntries: number;
}

/** The redacted entries of each segment, and the entries that did it: as far as a log was looked at. */
interface Redacted {
  readonly machine: StateMachine;
  after: number;
  readonly inSegment: Map<number, { readonly of: number; readonly by: number }[]>;
}

/** Reads all the entries after one, however often something has to be read for that first. */
export function allEntriesAfter(log: EntryLog, after: number, now: () => number): Entry[] {
  const read: Entry[] = [];
  for (;;) {
    const some = log.entriesAfter(after, readBytes);
    if (some === undefined) return read;
    if (some === "notYet") log.readHistory!(now());
    else {
      read.push(...readEntries(some.bytes));
      after = some.last;
    }
  }
}

/** Checks all replicas of a world. */
export class SealingClaims {
  readonly #reference: () => Reference;
  readonly #damages: Damages | undefined;
  /** The digest of each segment, by what it must hold. */
  readonly #digests = new Map<string, string>();
  #redacted: Redacted | undefined;
  #nowMs = 0;
  /** Entries that were read and compared with those of the reference, and those of them that were sealed. */
  compared = 0;
  comparedSealed = 0;

  /** Reads that were refused because of damage. */
  refused = 0;

  /** @param reference gives the present one. @param damages what may be damaged. */
  constructor(reference: () => Reference, damages?: Damages) {
    this.#reference = reference;
    this.#damages = damages;
  }

  /** Some of what was executed is given up: other entries have its indices now. */
  forked(): void {
    this.#digests.clear();
    this.#redacted = undefined;
  }

  /** A clock that only goes forward. */
  readonly now = (): number => ++this.#nowMs;

  /** Each named segment is on this disk, and what its recovery may read; and equal ones have equal digests. */
  files(name: string, machine: StateMachine, files: SimFiles, replaced: readonly SegmentRef[]): void {
    for (const segment of [...machine.named!, ...replaced]) {
      const file = wholeName(segment);
      const bytes = files.survivor(file);
      const whole = this.#damages?.see(files, file, bytes) ?? bytes;
      if (this.#damages?.isStruck(files, file)) continue;
      if (bytes === undefined || bytes.length !== files.size(file) || !areSame(bytes, whole!)) {
        const verb = replaced.includes(segment) ? "may read" : "names";
        throw new Violation(`${name} ${verb} ${segmentName(segment)}, which is not on its disk`);
      }
    }
    for (const segment of machine.named!) {
      this.#checkDigest(name, machine, segment);
      this.#checkTold(name, machine, segment);
    }
  }

  /** A member tells others of a segment what it names, with the count of redacted entries (V12). */
  #checkTold(name: string, machine: StateMachine, segment: SegmentRef): void {
    const told = machine.sealedAs!(segment);
    const erased = this.#erasedIn(machine, segment);
    const isRight = told === "due"
      ? erased === undefined
      : told?.redacted === erased?.length && told?.digest.toHex() === segment.digest.toHex();
    if (!isRight) throw new Violation(`${name} tells ${JSON.stringify(told)} of ${segmentName(segment)}`);
  }

  #checkDigest(name: string, machine: StateMachine, segment: SegmentRef): void {
    const content = this.#contentOf(machine, segment);
    if (content === undefined) return;
    const digest = segment.digest.toHex();
    const other = this.#digests.get(content);
    this.#digests.set(content, digest);
    if (other !== undefined && other !== digest) throw new Violation(`${content} has another digest at ${name}`);
  }

  /** The same wherever the digest must be; undefined: entries are still to be redacted. */
  #contentOf(machine: StateMachine, segment: SegmentRef): string | undefined {
    const erased = this.#erasedIn(machine, segment);
    return erased && `${segmentName(segment)} without ${erased.join(" ")}`;
  }

  /** The entries of a segment that are redacted in it, in their order; undefined: some are still to be. */
  #erasedIn(machine: StateMachine, { kind, number }: SegmentRef): readonly number[] | undefined {
    if (kind === segmentKinds.documents) return [];
    if (machine.redactionsDue!.some((due) => due.number === number)) return undefined;
    return this.#redactedIn(number).filter(({ by }) => by <= machine.lastEntry).map(({ of }) => of);
  }

  /** The entries of a segment that were redacted, in their order. */
  #redactedIn(segment: number): readonly { readonly of: number; readonly by: number }[] {
    const { machine, segmentEntries } = this.#reference();
    if (this.#redacted?.machine !== machine) this.#redacted = { machine, after: 0, inSegment: new Map() };
    const { after, inSegment } = this.#redacted;
    for (const entry of allEntriesAfter(machine, after, this.now)) {
      this.#redacted.after = entry.index;
      if (entry.kind !== "redacted") continue;
      const its = inSegment.getOrInsertComputed(segmentOf(entry.of, segmentEntries), () => []);
      its.push({ of: entry.of, by: entry.index });
      its.sort((a, b) => a.of - b.of);
    }
    return inSegment.get(segment) ?? [];
  }

  /** One that seals all at the end makes what those have made that sealed now and then. */
  sealedAtLast(): void {
    const { machine, store, files } = this.#reference();
    for (let place = machine.unsealed; place !== undefined; place = machine.unsealed) {
      const sealing = machine.sealing!();
      const file = store.begin(place);
      for (let bytes = sealing.step(); bytes !== undefined; bytes = sealing.step()) finished(files, file.add(bytes));
      const segment = finished(files, file.end(sealing.digest));
      store.name(segment);
      this.#checkDigest("one that seals at last", machine, segment);
      machine.sealed!(segment);
    }
  }

  /**
   * All entries can be read, and are those of the reference; where something is damaged, it is refused.
   *
   * @param isDamaged whether anything is.
   */
  readable(name: string, machine: StateMachine, isDamaged: () => boolean = () => false): void {
    let last = 0;
    let late = 0;
    for (;;) {
      const some = this.reading(() => machine.entriesAfter(last, readBytes), isDamaged);
      if (some === undefined) break;
      if (some === "notYet") machine.readHistory!(this.now());
      else if (some === "late") {
        if (late++ === lateRefusalsMax) throw new Violation(`${name} refuses entry ${last + 1}, which is not damaged`);
      } else if (some === "damaged") {
        // What follows in other segments can be read.
        const { segmentEntries } = this.#reference();
        last = Math.min(segmentOf(last + 1, segmentEntries) * segmentEntries, machine.lastEntry);
      } else {
        this.entries(name, machine, last, some);
        last = some.last;
      }
    }
    if (last !== machine.lastEntry) throw new Violation(`${name} reads ${last} of ${machine.lastEntry} entries`);
  }

  /** Reads; damage must be refused. A reader may hear late of one that was healed since. */
  reading<T>(read: () => T, isDamaged: () => boolean): T | "damaged" | "late" {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UnreadableError) || this.#damages === undefined || this.#damages.isNever) throw error;
      this.refused++;
      return isDamaged() ? "damaged" : "late";
    }
  }

  /** Entries that a replica has given to somebody who has those up to `after` are the next ones. */
  entries(name: string, machine: StateMachine, after: number, { bytes, last }: Entries): void {
    const { machine: reference, segmentEntries } = this.#reference();
    // What an entry says may depend on later ones: whether it was taken back, and what its site is called.
    if (machine.lastEntry !== reference.lastEntry) return checkIndices(name, after, readEntries(bytes));
    const same = reference.entriesAfter(after, bytes.length);
    if (same === undefined || same === "notYet" || same.last !== last || !areSame(same.bytes, bytes)) {
      throw new Violation(`${name} gives ${textOf({ bytes, last })} after ${after} for ${textOf(same)}`);
    }
    const sealed = machine.named!.filter(({ kind }) => kind === segmentKinds.entries).length;
    this.compared += last - after;
    this.comparedSealed += Math.max(0, Math.min(last, sealed * segmentEntries) - after);
  }
}

function checkIndices(name: string, after: number, entries: readonly Entry[]): void {
  entries.forEach(({ index }, at) => {
    if (index !== after + at + 1) throw new Violation(`${name} gives entry ${index} where ${after + at + 1} comes`);
  });
}

function textOf(some: Entries | "notYet" | undefined): string {
  return typeof some === "object" ? JSON.stringify(readEntries(some.bytes)) : String(some);
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
