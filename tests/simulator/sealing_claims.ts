/**
 * The claims about replicas that seal: their files, the digests of their segments, and what can be read of them.
 *
 * @module
 */

import type { Entry } from "../../src/database/entries.ts";
import { readEntries } from "../../src/database/wire/entries.ts";
import { segmentKinds, segmentName, type SegmentRef } from "../../src/history.ts";
import type { EntryLog, StateMachine } from "../../src/state_machine.ts";
import { finished } from "../../src/storage/history_files.ts";
import type { HistoryStore } from "../../src/storage/history_store.ts";
import type { MemoryFiles } from "../../src/storage/memory_files.ts";
import { wholeName } from "../../src/storage/segment_names.ts";
import type { SimFiles } from "./files.ts";
import { Violation } from "./history.ts";

/** Bytes of entries that are asked for at once. */
const watchBytes = 300;

/** A machine that never seals, and has executed all that anybody has. */
export interface Reference {
  readonly machine: StateMachine;
  /** What it reads by once it has sealed after all. */
  readonly store: HistoryStore;
  readonly files: MemoryFiles;
  /** Entries of a segment. */
  readonly segmentEntries: number;
}

interface Known {
  readonly machine: StateMachine;
  readonly entries: readonly Entry[];
  readonly texts: readonly string[];
}

/** Reads all the entries after one, however often something has to be read for that first. */
export function allEntriesAfter(log: EntryLog, after: number, now: () => number): Entry[] {
  const read: Entry[] = [];
  for (;;) {
    const some = log.entriesAfter(after, watchBytes);
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
  /** The digest of each segment, by what it must hold. */
  readonly #digests = new Map<string, string>();
  /** All entries of a reference, as text. */
  #known: Known | undefined;
  #nowMs = 0;
  /** Entries that were read and compared with those of the reference, and those of them that were sealed. */
  compared = 0;
  comparedSealed = 0;

  /** @param reference gives the present one. */
  constructor(reference: () => Reference) {
    this.#reference = reference;
  }

  /** A clock that only goes forward. */
  readonly now = (): number => ++this.#nowMs;

  /** Each named segment is on this disk, and what its recovery may read; and equal ones have equal digests. */
  files(name: string, machine: StateMachine, files: SimFiles, replaced: readonly SegmentRef[]): void {
    for (const segment of [...machine.named!, ...replaced]) {
      const file = wholeName(segment);
      const bytes = files.survivor(file);
      if (bytes === undefined || bytes.length !== files.size(file)) {
        const verb = replaced.includes(segment) ? "may read" : "names";
        throw new Violation(`${name} ${verb} ${segmentName(segment)}, which is not on its disk`);
      }
    }
    for (const segment of machine.named!) this.#checkDigest(name, machine, segment);
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
    if (segment.kind === segmentKinds.documents) return segmentName(segment);
    if (machine.redactionsDue!.some(({ number }) => number === segment.number)) return undefined;
    const { entries } = this.#all();
    const first = (segment.number - 1) * this.#reference().segmentEntries;
    const redacted = new Set<number>();
    for (const entry of entries.slice(0, machine.lastEntry)) {
      if (entry.kind !== "redacted") continue;
      if (entry.of > first && entry.of <= first + this.#reference().segmentEntries) redacted.add(entry.of);
    }
    return `${segmentName(segment)} without ${[...redacted].sort().join()}`;
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

  /** All entries of the reference. */
  #all(): Known {
    const { machine } = this.#reference();
    if (this.#known?.machine === machine && this.#known.entries.length === machine.lastEntry) return this.#known;
    const entries = allEntriesAfter(machine, 0, this.now);
    return this.#known = { machine, entries, texts: entries.map((entry) => JSON.stringify(entry)) };
  }

  /** All entries after one can be read, and are those of the reference. */
  readable(name: string, machine: StateMachine, after = 0): void {
    const entries = allEntriesAfter(machine, after, this.now);
    this.entries(name, machine, after, entries);
    const last = after + entries.length;
    if (last !== machine.lastEntry) throw new Violation(`${name} reads ${last} of ${machine.lastEntry} entries`);
  }

  /** Entries that a replica has given to somebody who has those up to `after` are the next ones. */
  entries(name: string, machine: StateMachine, after: number, entries: readonly Entry[]): void {
    const sealed = machine.named!.filter(({ kind }) => kind === segmentKinds.entries).length;
    const lastSealed = sealed * this.#reference().segmentEntries;
    const known = this.#all();
    // What an entry says may depend on later ones: whether it was taken back, and what its site is called.
    const isSame = machine.lastEntry === known.entries.length;
    entries.forEach((entry, at) => {
      const index = after + at + 1;
      if (entry.index !== index) throw new Violation(`${name} gives entry ${entry.index} where ${index} comes`);
      if (!isSame) return;
      if (JSON.stringify(entry) !== known.texts[index - 1]) {
        throw new Violation(`${name} gives ${JSON.stringify(entry)} for ${known.texts[index - 1]}`);
      }
      this.compared++;
      if (index <= lastSealed) this.comparedSealed++;
    });
  }
}
