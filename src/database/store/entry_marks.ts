/**
 * Entries that later entries say something of: that they were taken back, or that they were redacted.
 *
 * @module
 */

import { GrowingBytes } from "./growing_bytes.ts";
import { hashOfNumber } from "./hash.ts";
import { IndexSet } from "./index_set.ts";
import { Slots } from "./slots.ts";

// A mark, in integers of 4 bytes: the index of the entry that is marked, and that of the one that marks it.
const ofAt = 0;
const byAt = 1;
const markIntegers = 2;
const markBytes = 4 * markIntegers;

/** Bytes of all marks, at most: each is an entry. */
const marksBytesMax = 2 ** 32;

/** Which entries are marked, each by one other entry. */
export class EntryMarks {
  readonly #memory = new GrowingBytes(8 * markBytes, marksBytesMax);
  #marks = new Int32Array(this.#memory.buffer);
  /** The numbers of the marks, from 1, by the entries that are marked. */
  readonly #slots = new Slots((a, b) => this.#of(a) - this.#of(b));
  readonly #marked = new IndexSet();
  #size = 0;

  /** How many entries are marked. */
  get size(): number {
    return this.#size;
  }

  /** The entry with the index `by` marks the one with the index `of`, which is not marked yet. */
  add(of: number, by: number): void {
    const number = ++this.#size;
    if (markIntegers * (number + 1) > this.#marks.length) {
      this.#memory.grow(markBytes * (number + 1));
      this.#marks = new Int32Array(this.#memory.buffer);
    }
    this.#marks[markIntegers * number + ofAt] = of;
    this.#marks[markIntegers * number + byAt] = by;
    this.#marked.add(of);
    this.#slots.put(number, hashOfNumber(of));
  }

  /** Whether the entry with this index is marked. */
  has(of: number): boolean {
    return this.#marked.has(of);
  }

  /** The index of the entry that marks the one with this index; 0: none does. */
  find(of: number): number {
    if (!this.has(of)) return 0;
    const number = this.#slots.find(hashOfNumber(of), (number) => this.#of(number) - of);
    return this.#marks[markIntegers * number + byAt];
  }

  /** A mark by its number, from 1 to {@link size}, in the order in which they came: it never changes. */
  at(number: number): { readonly of: number; readonly by: number } {
    return { of: this.#of(number), by: this.#marks[markIntegers * number + byAt] };
  }

  #of(number: number): number {
    return this.#marks[markIntegers * number + ofAt];
  }
}
