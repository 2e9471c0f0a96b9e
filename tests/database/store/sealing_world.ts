/**
 * A state machine whose history is sealed, step by step, into files in memory.
 *
 * @module
 */

import { assert } from "@std/assert";
import { itemsOf } from "../../../src/batch.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { type Output, readOutput } from "../../../src/database/wire/outputs.ts";
import { batchOf } from "./memory.ts";
import type { MachineParts } from "../../../src/database/store/machine_parts.ts";
import { Sites as AnySites } from "../../../src/database/store/sites.ts";
import type { DocumentSegment } from "../../../src/database/segments/document_segments.ts";
import type { SealedBlock } from "../../../src/database/segments/sealed_block.ts";
import type { SealedSegment } from "../../../src/database/segments/sealed_segment.ts";
import type { SegmentReader } from "../../../src/database/segments/segment_reader.ts";
import { segmentKinds, type SegmentPlace, type SegmentRef } from "../../../src/history.ts";
import type { FileSteps } from "../../../src/file_steps.ts";
import { finished } from "../../../src/storage/history_files.ts";
import { HistoryStore } from "../../../src/storage/history_store.ts";
import { MemoryFiles } from "../../../src/storage/memory_files.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";

/** Counts what is read. */
export class CountingReader implements SegmentReader {
  readonly #reader: SegmentReader;
  /** Blocks of entries, with those that are read again. */
  blocks = 0;

  /** Reads by `reader`. */
  constructor(reader: SegmentReader) {
    this.#reader = reader;
  }

  segment(number: number): SealedSegment {
    return this.#reader.segment(number);
  }

  documentSegment(number: number): DocumentSegment {
    return this.#reader.documentSegment(number);
  }

  entries(number: number, block: number): SealedBlock {
    this.blocks++;
    return this.#reader.entries(number, block);
  }

  documents(number: number, block: number): Uint8Array[] {
    return this.#reader.documents(number, block);
  }

  packed(place: SegmentPlace, block: number): Uint8Array {
    return this.#reader.packed(place, block);
  }
}

/** Applies one command and reads its output. */
export function outputOf(sites: AnySites, command: Command): Output {
  return readOutput([...itemsOf(sites.apply(batchOf(command)))][0]);
}

/** The class of the machine, as it is or as a mutant has it. */
export type SitesClass = new (parts: MachineParts) => AnySites;

/** A machine and its files. */
export class SealingWorld {
  readonly files: MemoryFiles = new MemoryFiles();
  readonly store: HistoryStore;
  readonly reader: CountingReader;
  readonly sites: AnySites;
  /** Segments that were sealed, and those that were written again. */
  sealed = 0;
  rewritten = 0;
  #work: Generator<void, void> | undefined;

  /**
   * Nothing is sealed yet.
   *
   * @param parts what is other than usual.
   */
  constructor(parts: Partial<MachineParts>, Sites: SitesClass = AnySites) {
    this.store = this.#done(HistoryStore.open(this.files, zstdPacking, [], { blockBytes: 4000 }));
    this.reader = new CountingReader(this.store);
    this.sites = new Sites({ packing: zstdPacking, reader: this.reader, ...parts });
  }

  #done<T>(steps: FileSteps<T>): T {
    return finished(this.files, steps);
  }

  /** Does some steps of sealing what is old, and of writing again what was redacted, as many as there are. */
  step(count: number): void {
    for (; count > 0; count--) {
      this.#work ??= this.#next();
      if (this.#work === undefined) return;
      if (this.#work.next().done) this.#work = undefined;
    }
  }

  /** Does all steps. */
  settle(): void {
    do this.step(1000); while (this.#work !== undefined || this.#next() !== undefined);
  }

  #next(): Generator<void, void> | undefined {
    const due = this.sites.redactionsDue?.at(0);
    if (due !== undefined) return this.#rewriting(due.number);
    return this.sites.unsealed === undefined ? undefined : this.#sealing();
  }

  *#sealing(): Generator<void, void> {
    const sealing = this.sites.sealing();
    const { place } = sealing;
    const bytes = new ByteWriter();
    for (let some = sealing.step(); some !== undefined; some = sealing.step()) {
      bytes.raw(some);
      yield;
    }
    const ref = { ...place, digest: sealing.digest };
    const { store } = this;
    this.#done((function* () {
      const file = store.begin(place);
      yield* file.add(bytes.view());
      yield* file.end(ref.digest);
    })());
    yield;
    this.#named(ref);
    this.sealed++;
  }

  *#rewriting(number: number): Generator<void, void> {
    const isRedacted = this.sites.redacting(number);
    yield;
    const ref = this.#done(this.store.redact(number, isRedacted));
    yield;
    this.#named(ref);
    this.rewritten++;
  }

  #named(ref: SegmentRef): void {
    this.store.name(ref);
    this.sites.sealed(ref);
  }

  /** The digests of the segments of entries, once all that is old was sealed. */
  digests(): string[] {
    this.settle();
    assert(this.sites.redactionsDue?.length === 0);
    return this.sites.named.filter(({ kind }) => kind === segmentKinds.entries).map(({ digest }) => digest.toHex());
  }
}
