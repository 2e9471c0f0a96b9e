/**
 * A block of entries that was compared and unpacked. It knows which sites it has, and reads entries when somebody asks.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import type { Anchors } from "./anchors.ts";
import { type BlockPlace, BlockRuns, type Run } from "./block_runs.ts";
import { readFirstOffset } from "./block_times.ts";
import { readColumns } from "./columns.ts";
import { DamageError, readPart } from "./damage.ts";
import { EntryBlock } from "./entry_block.ts";

/** What a block is read with. */
export interface BlockReading {
  /** How its segment is called in messages. */
  readonly what: string;
  /** The names of its columns. */
  readonly columns: readonly string[];
  readonly place: BlockPlace;
  readonly anchors: Anchors;
  /** Is told if entries turn out to contradict each other. */
  readonly damaged?: (damage: DamageError) => void;
}

/** A block of entries, unpacked. */
export class SealedBlock {
  readonly #bytes: Uint8Array;
  readonly #reading: BlockReading;
  /** Its runs. */
  readonly runs: BlockRuns;
  /** The index of its first entry. */
  readonly firstIndex: number;
  /** The run that was read last. */
  #last: EntryBlock | undefined;

  /**
   * Reads its runs.
   *
   * @param bytes they may not change.
   * @throws {DamageError} if they are not a block of the segment.
   */
  constructor(bytes: Uint8Array, reading: BlockReading) {
    this.#bytes = bytes;
    this.#reading = reading;
    [this.runs, this.firstIndex] = this.#read(() => this.#readRuns(reading));
  }

  #readRuns({ columns, place }: BlockReading): [BlockRuns, number] {
    const named = readColumns(this.#bytes, columns);
    // Before anything is made for them: each entry has a byte at least.
    if (named.kind.remaining !== place.count || named.marks.remaining !== place.count) {
      throw new DecodeError(`a block of ${place.count} entries has ${named.kind.remaining} kinds`);
    }
    const runs = new BlockRuns(named, place);
    for (const column of [named.site, named.count, named.before]) column.end();
    return [runs, place.first + readFirstOffset(named.first)];
  }

  #read<Value>(read: () => Value): Value {
    const { what, place: { block } } = this.#reading;
    return readPart(what, block, read);
  }

  /** All entries. @throws {DamageError} if they contradict each other. */
  all(): EntryBlock {
    return this.#entries();
  }

  /** Those of a run, which are kept until others are asked for. @throws {DamageError} as {@link all}. */
  of(run: Run): EntryBlock {
    if (this.#last?.start !== run.start) this.#last = this.#entries(run);
    return this.#last;
  }

  #entries(run?: Run): EntryBlock {
    const { columns, place, anchors, damaged } = this.#reading;
    try {
      return this.#read(() => new EntryBlock(this.#bytes, columns, place, anchors, this.runs, run));
    } catch (error) {
      if (error instanceof DamageError) damaged?.(error);
      throw error;
    }
  }
}
