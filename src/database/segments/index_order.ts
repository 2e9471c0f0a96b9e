/**
 * All entries of a segment in the order of the log, for those that watch it from an index on.
 *
 * A segment is in the order of its sites, so each block has entries from all over the segment. All blocks are read
 * first, one in each step. They take about 60 bytes an entry: 15 MiB for a segment of 2^18.
 *
 * @module
 */

import type { EntryBlock } from "./entry_block.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import type { SegmentEntry } from "./segment_entry.ts";
import { blockEntriesMax } from "./block_writer.ts";
import { DamageError } from "./damage.ts";

/** Entries in the order of the log. */
export interface LogOrder {
  /** The block that {@link take} must be given next; undefined: all were. */
  readonly needs: number | undefined;

  /** Whether the entry with an index is one of them. */
  has(index: number): boolean;

  /**
   * Takes the next block in.
   *
   * @param packed its bytes in the file.
   * @throws {DamageError} if they are not those that were sealed.
   */
  take(packed: Uint8Array): void;

  /**
   * The entry with an index, once all blocks were taken.
   *
   * @param scratch may be the one that is returned.
   */
  entry(index: number, scratch: SegmentEntry): SegmentEntry;
}

/** Reads a segment in the order of the log. */
export class IndexOrder implements LogOrder {
  /** What it reads. */
  readonly segment: SealedSegment;
  readonly #blocks: EntryBlock[] = [];
  /** By the offset of an entry: its block times the most entries of a block, and its place there. */
  readonly #places: Uint32Array;
  #read = 0;

  /** The entries of `segment`. */
  constructor(segment: SealedSegment) {
    this.segment = segment;
    this.#places = new Uint32Array(segment.count).fill(nowhere);
  }

  get needs(): number | undefined {
    return this.#blocks.length < this.segment.blocks ? this.#blocks.length : undefined;
  }

  has(index: number): boolean {
    return index >= this.segment.first && index < this.segment.first + this.segment.count;
  }

  take(packed: Uint8Array): void {
    this.add(this.segment.open(this.#blocks.length, packed));
  }

  /** Takes the next block in, which was read. @throws {DamageError} if the blocks do not have all entries. */
  add(block: EntryBlock): void {
    block.putPlaces(this.#places, blockEntriesMax * this.#blocks.length);
    this.#blocks.push(block);
    this.#read += block.count;
    if (this.#read < this.segment.count) return;
    // Each index is there once, if none is missing.
    if (this.#places.includes(nowhere)) {
      throw new DamageError(`segment ${this.segment.number}`, "footer", "its blocks do not have all entries");
    }
  }

  entry(index: number, entry: SegmentEntry): SegmentEntry {
    const place = this.#places[index - this.segment.first];
    this.#blocks[Math.floor(place / blockEntriesMax)].read(place % blockEntriesMax, entry);
    return entry;
  }
}

const nowhere = 2 ** 32 - 1;
