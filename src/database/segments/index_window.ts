/**
 * Entries of a part of a large segment in the order of the log.
 *
 * A segment whose entries have long texts does not fit memory twice. So only the entries between two indices are kept,
 * as copies: all blocks are read for them, one in each step, and once more for the entries that follow.
 *
 * @module
 */

import { DamageError } from "./damage.ts";
import type { LogOrder } from "./index_order.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import { SegmentEntry } from "./segment_entry.ts";

/** Reads a part of a segment in the order of the log. */
export class IndexWindow implements LogOrder {
  readonly #segment: SealedSegment;
  readonly #first: number;
  readonly #entries: SegmentEntry[];
  #blocks = 0;
  #read = 0;

  /**
   * The entries of `segment` from one index on.
   *
   * @param count how many of them, at most.
   */
  constructor(segment: SealedSegment, first: number, count: number) {
    this.#segment = segment;
    this.#first = first;
    this.#entries = new Array(Math.min(count, segment.first + segment.count - first));
  }

  get needs(): number | undefined {
    return this.#blocks < this.#segment.blocks ? this.#blocks : undefined;
  }

  has(index: number): boolean {
    return index >= this.#first && index < this.#first + this.#entries.length;
  }

  take(packed: Uint8Array): void {
    const block = this.#segment.open(this.#blocks++, packed);
    for (let at = 0; at < block.count; at++) {
      const index = block.indexAt(at);
      if (!this.has(index)) continue;
      const entry = new SegmentEntry();
      block.read(at, entry);
      keepTexts(entry);
      if (this.#entries[index - this.#first] === undefined) this.#read++;
      this.#entries[index - this.#first] = entry;
    }
    if (this.needs !== undefined || this.#read === this.#entries.length) return;
    throw new DamageError(`segment ${this.#segment.number}`, "footer", "its blocks do not have all entries");
  }

  entry(index: number): SegmentEntry {
    return this.#entries[index - this.#first];
  }
}

/** Copies the texts of an entry out of its block, which is not kept. */
function keepTexts(entry: SegmentEntry): void {
  const { name, newName, identifiers, document, locationId, who, source, note, product, by } = entry;
  for (const text of [name, newName, identifiers, document, locationId, who, source, note, product, by]) {
    if (text.length > 0) text.set(text.view().slice(), 0, text.length);
  }
}
