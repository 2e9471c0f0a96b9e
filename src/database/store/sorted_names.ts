/**
 * Sites in the order of their names, or other things in an order, for a million of them: insertion and paging cost
 * little wherever they happen.
 *
 * A sorted array that is cut into chunks. A sorted array alone moves half of itself at each insertion; a tree needs
 * balancing and an object per site. Two levels are enough: at a million sites the outer array has a few thousand
 * chunks, and an insertion moves a few hundred numbers.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { countBefore } from "../name_order.ts";

/** Items in a chunk before it is split. */
const chunkItemsMax = 512;

/** Numbers that stand for something, sorted by what they stand for. */
export class SortedNames {
  /** Never an empty chunk, except the only one of an empty list. */
  #chunks: number[][] = [[]];
  // Chunks that nobody else has seen: only these are changed. All others are in a frozen list, and are replaced by a
  // copy before something is put into them.
  #own = new WeakSet(this.#chunks);
  #size = 0;
  readonly #compare: (a: number, b: number) => number;

  /**
   * An empty list.
   *
   * @param compare negative if the name of `a` comes before that of `b`, positive if after; never changes its mind.
   */
  constructor(compare: (a: number, b: number) => number) {
    this.#compare = compare;
  }

  /** How many items there are. */
  get size(): number {
    return this.#size;
  }

  /** All items, in order, in chunks that never change any more. */
  freeze(): readonly (readonly number[])[] {
    this.#own = new WeakSet();
    return this.#chunks.slice();
  }

  /** The chunk with this number, which may be changed. */
  #changeable(index: number): number[] {
    let chunk = this.#chunks[index];
    if (!this.#own.has(chunk)) {
      chunk = this.#chunks[index] = chunk.slice();
      this.#own.add(chunk);
    }
    return chunk;
  }

  /**
   * Puts an item behind all others.
   *
   * @throws {DecodeError} if it belongs before the last one, or is that.
   */
  append(item: number): void {
    const last = this.#chunks[this.#chunks.length - 1];
    if (this.#size > 0 && this.#compare(last[last.length - 1], item) >= 0) {
      throw new DecodeError("the sites are not in the order of their names");
    }
    if (last.length === chunkItemsMax / 2) this.#chunks.push([]);
    this.#changeable(this.#chunks.length - 1).push(item);
    this.#size++;
  }

  /** Puts in an item, which must not be there yet. */
  insert(item: number): void {
    const isBefore = (other: number) => this.#compare(other, item) < 0;
    const index = this.#chunkOf(isBefore);
    const chunk = this.#changeable(index);
    chunk.splice(countBefore(chunk, isBefore), 0, item);
    this.#size++;
    if (chunk.length <= chunkItemsMax) return;
    const half = chunk.splice(chunkItemsMax / 2);
    this.#own.add(half);
    this.#chunks.splice(index + 1, 0, half);
  }

  /** Takes out an item, which must be there, and compares as it did when it was put in. */
  remove(item: number): void {
    const isBefore = (other: number) => this.#compare(other, item) < 0;
    const index = this.#chunkOf(isBefore);
    const chunk = this.#changeable(index);
    chunk.splice(countBefore(chunk, isBefore), 1);
    this.#size--;
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(index, 1);
  }

  /**
   * Visits items in order, until `visit` returns false.
   *
   * @param isBefore whether an item comes before the first one to visit; true for the items up to some point, and false
   *   from there on.
   */
  scan(isBefore: (item: number) => boolean, visit: (item: number) => boolean): void {
    let index = this.#chunkOf(isBefore);
    let at = countBefore(this.#chunks[index], isBefore);
    for (; index < this.#chunks.length; index++, at = 0) {
      const chunk = this.#chunks[index];
      for (; at < chunk.length; at++) {
        if (!visit(chunk[at])) return;
      }
    }
  }

  /** The first chunk with an item that is not before; the last chunk if there is none. */
  #chunkOf(isBefore: (item: number) => boolean): number {
    const index = countBefore(this.#chunks, (chunk) => chunk.length > 0 && isBefore(chunk[chunk.length - 1]));
    return Math.min(index, this.#chunks.length - 1);
  }
}
