/**
 * The segments that the state names: which file each one has, what is damaged in it, and what was read last.
 *
 * @module
 */

import { type DamagedPart, DamageError } from "../database/segments/damage.ts";
import { SealedBlock } from "../database/segments/sealed_block.ts";
import { SealedSegment } from "../database/segments/sealed_segment.ts";
import { segmentName, type SegmentPlace, type SegmentRef } from "../history.ts";
import type { Packing } from "../packing.ts";
import { ByteLru } from "./byte_lru.ts";
import { DamageMarks } from "./damage_marks.ts";
import type { HistoryFiles } from "./history_files.ts";
import { isInTail, type OpenSegment, openSegment, SegmentFile } from "./segment_file.ts";
import { placeName } from "./segment_names.ts";

/** Bytes of blocks that were read last. */
export const blockCacheBytes: number = 32 * 2 ** 20;

/** Bytes of open footers: of a billion reports, in segments of 2^20. */
export const footerCacheBytes: number = 64 * 2 ** 20;

/** Bytes that a block takes beside its own, each of its runs, and a document. */
const [blockBytes, runBytes, documentBytes] = [1024, 12, 60];

/** Bytes that a footer takes once it is open, for each of its own: arrays say where each block is. */
const openFactor = 3;

/** Where the packed bytes of a block are put that nobody keeps: memory that is made each time has to be collected. */
const packedRoom = new Uint8Array(64 * 1024);

/** A damaged part of a segment, as it was found. */
export interface FoundDamage {
  readonly kind: number;
  readonly number: number;
  readonly part: DamagedPart;
  /** A sentence that names the part and says what is wrong. */
  readonly message: string;
}

/** A segment that is named, and its file. */
export interface NamedSegment {
  readonly ref: SegmentRef;
  readonly file: SegmentFile;
  /** Bytes of the file; 0 if it is missing or cut. */
  readonly bytes: number;
  /** The parts that are damaged, until they were healed. */
  readonly damages: Map<DamagedPart, DamageError>;
}

/** All of them. */
export class NamedSegments {
  readonly #files: HistoryFiles;
  readonly #packing: Packing;
  /** The damage that is known of all files, also of those that are not named. */
  readonly marks: DamageMarks;
  readonly #named = new Map<string, NamedSegment>();
  /** Those of which a part is damaged. */
  readonly #damaged = new Set<NamedSegment>();
  readonly #footers: ByteLru<OpenSegment>;
  readonly #blocks: ByteLru<SealedBlock | Uint8Array[]>;

  /** @param blockBytes, footerBytes how much of what was read is kept. */
  constructor(files: HistoryFiles, packing: Packing, blockBytes: number, footerBytes: number) {
    this.#files = files;
    this.marks = new DamageMarks(files);
    this.#packing = packing;
    this.#blocks = new ByteLru(blockBytes);
    this.#footers = new ByteLru(footerBytes);
  }

  /** Bytes of blocks that were read and kept. */
  get keptBytes(): number {
    return this.#blocks.bytes;
  }

  /** Those that are named, in the order in which they were. */
  all(): IterableIterator<NamedSegment> {
    return this.#named.values();
  }

  /** The one of this place; undefined: none is named. */
  find(place: SegmentPlace): NamedSegment | undefined {
    return this.#named.get(placeName(place));
  }

  /** The one of this place. @throws {Error} if none is named. */
  get(place: SegmentPlace): NamedSegment {
    const named = this.find(place);
    if (named === undefined) throw new Error(`The history has no ${segmentName(place)}`);
    return named;
  }

  /**
   * Names a segment, in place of another one of its place. A file that is missing or does not end as it must is found
   * to be damaged.
   *
   * @throws {StorageError} if the system does not say.
   */
  name(ref: SegmentRef): void {
    const file = new SegmentFile(this.#files, ref);
    const damages = new Map<DamagedPart, DamageError>();
    let bytes = 0;
    try {
      bytes = file.size();
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      damages.set(error.part, error);
    }
    const before = this.find(ref);
    if (before !== undefined) this.#damaged.delete(before);
    const named = { ref, file, bytes, damages };
    if (damages.size > 0) this.#damaged.add(named);
    this.#named.set(placeName(ref), named);
    this.forget(ref);
    this.#compareMarked(named);
  }

  /** Compares what an earlier process found to be damaged: it may have been healed since. */
  #compareMarked(named: NamedSegment): void {
    const marked = [...this.marks.of(named.file.name)];
    try {
      for (const part of marked) {
        if (typeof part === "number") this.check(named, part);
        else this.tail(named);
      }
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
    }
    if (marked.length > 0 && named.damages.size === 0) this.marks.clear(named.file.name);
  }

  /** Names none of them any more. @returns those that were named. */
  clear(): NamedSegment[] {
    const all = [...this.#named.values()];
    for (const { ref } of all) this.forget(ref);
    this.#named.clear();
    this.#damaged.clear();
    return all;
  }

  /** Looks at a file again that was written again. @param found what is still damaged in it. */
  renew(ref: SegmentRef, found: readonly DamageError[] = []): void {
    this.marks.clear(this.get(ref).file.name);
    this.name(ref);
    for (const damage of found) this.note(this.get(ref), damage);
  }

  /** Nothing that was read of a segment before may be seen any more. */
  forget(place: SegmentPlace): void {
    this.#footers.delete(placeName(place));
    this.#blocks.deleteAll(`${placeName(place)}/`);
  }

  /** Notes damage that somebody has found who reads blocks. */
  note(named: NamedSegment, damage: DamageError): void {
    const { damages, file } = named;
    if (damages.has(damage.part)) return;
    damages.set(damage.part, damage);
    this.#damaged.add(named);
    this.marks.set(file.name, damage.part);
  }

  /** Whether anything is damaged. */
  get isDamaged(): boolean {
    return this.#damaged.size > 0;
  }

  /** All that is damaged. */
  damages(): FoundDamage[] {
    const damaged = this.isDamaged ? [...this.#named.values()] : [];
    return damaged.flatMap(({ ref: { kind, number }, damages }) =>
      [...damages.values()].map(({ part, message }) => ({ kind, number, part, message }))
    );
  }

  /**
   * Reads of a segment, and notes what is found to be damaged.
   *
   * @throws {DamageError} if what is wanted is damaged, as it was when that was found.
   */
  reading<T>(named: NamedSegment, part: DamagedPart, read: () => T): T {
    const { damages } = named;
    const known = damages.get(part) ?? damages.get("file");
    if (known !== undefined) throw known;
    try {
      return read();
    } catch (error) {
      if (error instanceof DamageError) this.note(named, error);
      throw error;
    }
  }

  /** Opens a segment, or takes it as it was opened. @throws {DamageError} @throws {StorageError} if it cannot be. */
  open(named: NamedSegment): OpenSegment {
    const key = placeName(named.ref);
    const kept = this.#footers.get(key);
    if (kept !== undefined) return kept;
    this.#checkTail(named);
    return this.reading(named, "file", () => {
      const { tail, fileBytes } = named.file.tail();
      const open = openSegment(named.ref, tail, fileBytes, this.#packing);
      this.#footers.put(key, open, openFactor * tail.length);
      return open;
    });
  }

  /** Reads a block, or takes it as it was read. @throws {DamageError} @throws {StorageError} if it cannot be. */
  block(named: NamedSegment, block: number): SealedBlock | Uint8Array[] {
    const key = `${placeName(named.ref)}/${block}`;
    const kept = this.#blocks.get(key);
    if (kept !== undefined) return kept;
    const segment = this.open(named);
    return this.reading(named, block, () => {
      const packed = named.file.packed(segment, block, packedRoom);
      const read = segment instanceof SealedSegment
        ? segment.block(block, packed, (damage) => this.note(named, damage))
        : segment.open(block, packed);
      const beside = read instanceof SealedBlock ? runBytes * read.runs.count : documentBytes * read.length;
      this.#blocks.put(key, read, segment.bytesOf(block) + blockBytes + beside);
      return read;
    });
  }

  /**
   * The packed bytes of a block, compared with those that were written. They are not kept.
   *
   * @throws {DamageError} @throws {StorageError} if it cannot be read.
   */
  packed(named: NamedSegment, block: number): Uint8Array {
    const segment = this.open(named);
    return this.reading(named, block, () => {
      const packed = named.file.packed(segment, block);
      segment.compare(block, packed);
      return packed;
    });
  }

  /**
   * Compares a block with what was sealed, as it is on the disk.
   *
   * @returns how many bytes it has in the file.
   * @throws {DamageError} @throws {StorageError} if it cannot be read.
   */
  check(named: NamedSegment, block: number): number {
    const segment = this.open(named);
    return this.reading(named, block, () => {
      const packed = named.file.packed(segment, block, packedRoom);
      segment.unpack(block, packed);
      return packed.length;
    });
  }

  /**
   * What follows the blocks as it is on the disk, compared with the digest; and the count of the blocks.
   *
   * @throws {DamageError} @throws {StorageError} if it cannot be read.
   */
  tail(named: NamedSegment): { readonly tail: Uint8Array; readonly blocks: number } {
    this.#checkTail(named);
    return this.reading(named, "file", () => {
      const { tail, fileBytes } = named.file.tail();
      return { tail, blocks: openSegment(named.ref, tail, fileBytes, this.#packing).blocks };
    });
  }

  /** @throws {DamageError} if what follows the blocks is known to be damaged. */
  #checkTail({ damages }: NamedSegment): void {
    for (const [part, damage] of damages) if (isInTail(part)) throw damage;
  }
}
