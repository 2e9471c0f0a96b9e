/**
 * A hash table of numbers: it finds the numbers of a hash, and its caller decides which of them is meant.
 *
 * A table of our own, because what is looked up are bytes: to look a name up in a `Map` it must first become a string,
 * which takes four to seven times as long as the whole look-up by bytes does. Beside each number stands its whole hash,
 * so that hardly ever something else than what was meant is compared, and so that the table grows without looking at
 * anything but itself.
 *
 * An attacker who knows the hash can choose any number of names with the same hash, or on one stretch of the table. So
 * a look-up takes a bounded number of steps. Numbers that would be further away, or after many of their hash, are kept
 * apart, in the order of what they stand for. Without such an attack there are hardly any. The result does not depend
 * on the place of a number.
 *
 * @module
 */

import { probesMax, sameHashMax } from "../../limits.ts";
import { SortedNames } from "./sorted_names.ts";

const noSlots = new Int32Array(0);

/** Slots whose numbers are moved each time when one is put in; divides the size of each table. */
const slotsPerMove = 16;

/** Open addressing, linear probing; nothing is ever taken out. */
export class Slots {
  /** Pairs of a number (0: free) and its hash. */
  #slots = new Int32Array(2 * 64);
  #mask = 63;
  #size = 0;
  /**
   * The table before the last widening, while its numbers are being moved. It stays as it is, so that a look-up finds
   * numbers that were not moved yet. Empty when all were.
   */
  #old = noSlots;
  #oldMask = 0;
  /** Slots of it whose numbers were moved. */
  #moved = 0;
  readonly #crowded: SortedNames;
  readonly #compare: (a: number, b: number) => number;

  /**
   * Without numbers.
   *
   * @param compare negative if what `a` stands for comes before that of `b`, positive if after; never changes its mind,
   * except about what was forgotten.
   */
  constructor(compare: (a: number, b: number) => number) {
    this.#compare = compare;
    this.#crowded = new SortedNames(compare);
  }

  /**
   * The number of a hash that stands for what is wanted, or 0.
   *
   * @param compare negative if the thing of a number comes before the wanted one, positive if after, 0 if it is the
   * same.
   */
  find(hash: number, compare: (number: number) => number): number {
    for (let slot = this.first(hash); slot >= 0; slot = this.next(slot, hash)) {
      const number = this.at(slot);
      if (compare(number) === 0) return number;
    }
    return this.isCrowded ? this.findCrowded(compare) : 0;
  }

  /** How many numbers there are. */
  get size(): number {
    return this.#size;
  }

  /** Whether some numbers have no slot: what has none may be one of them, see {@link findCrowded}. */
  get isCrowded(): boolean {
    return this.#crowded.size > 0;
  }

  /** {@link find} among the numbers without a slot. */
  findCrowded(compare: (number: number) => number): number {
    let found = 0;
    this.#crowded.scan((number) => compare(number) < 0, (number) => {
      if (compare(number) === 0) found = number;
      return false;
    });
    return found;
  }

  /**
   * What a number stands for will be something else, which nobody looks up. It may stay in its slot, where nothing
   * depends on it; among those without a slot it would stand in the wrong place.
   */
  forget(number: number): void {
    if (this.isCrowded && this.findCrowded((other) => this.#compare(other, number)) === number) {
      this.#crowded.remove(number);
    }
  }

  /** The slot of the first number of this hash, or -1. */
  first(hash: number): number {
    const slot = this.#from(hash & this.#mask, hash);
    return slot >= 0 || this.#old.length === 0 ? slot : this.#fromOld(hash & this.#oldMask, hash);
  }

  /** The slot after `slot` with a number of the same hash, or -1. */
  next(slot: number, hash: number): number {
    if (slot > this.#mask) return this.#fromOld((slot - this.#mask) & this.#oldMask, hash);
    const next = this.#from((slot + 1) & this.#mask, hash);
    return next >= 0 || this.#old.length === 0 ? next : this.#fromOld(hash & this.#oldMask, hash);
  }

  #from(slot: number, hash: number): number {
    return find(this.#slots, this.#mask, slot, hash, 0);
  }

  /** Slots of the old table have numbers above those of the present one. */
  #fromOld(slot: number, hash: number): number {
    const found = find(this.#old, this.#oldMask, slot, hash, this.#moved);
    return found < 0 ? found : this.#mask + 1 + found;
  }

  /** The number in a slot. */
  at(slot: number): number {
    return slot > this.#mask ? this.#old[2 * (slot - this.#mask - 1)] : this.#slots[2 * slot];
  }

  /** Puts in a number of 31 bits, which is not 0, and already stands for something that no other number stands for. */
  put(number: number, hash: number): void {
    if (this.#old.length > 0) this.#moveSome();
    // Half of the slots stay free, so that a look-up ends after one or two.
    if (2 * ++this.#size > this.#mask) this.#widen();
    this.#put(number, hash);
  }

  #put(number: number, hash: number): void {
    let slot = hash & this.#mask;
    let left = probesMax;
    let same = sameHashMax;
    for (; this.#slots[2 * slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#slots[2 * slot + 1] === hash) same--;
      if (--left === 0 || same === 0) return this.#crowded.insert(number);
    }
    this.#slots[2 * slot] = number;
    this.#slots[2 * slot + 1] = hash;
  }

  /** Begins with a table of twice the size: to move all numbers at once would take the longer the more there are. */
  #widen(): void {
    this.#old = this.#slots;
    this.#oldMask = this.#mask;
    this.#moved = 0;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array(2 * (this.#mask + 1));
  }

  /** Moves the numbers of the next few slots: all are moved long before the table must be widened again. */
  #moveSome(): void {
    const old = this.#old;
    const end = this.#moved + slotsPerMove;
    for (; this.#moved < end; this.#moved++) {
      const at = 2 * this.#moved;
      if (old[at] !== 0) this.#put(old[at], old[at + 1]);
    }
    if (end > this.#oldMask) this.#old = noSlots;
  }

  /**
   * Looks many hashes up at once, so that the memory that they are in is fetched while others are looked up.
   *
   * @param numbers where the first number of each hash is put, 0 if there is none.
   * @returns something of what was fetched, so that the fetching is not left out as useless.
   */
  touch(hashes: Int32Array, numbers: Int32Array, count: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    // Nothing in this loop depends on its reads, so the processor has several under way at a time.
    let sum = 0;
    for (let at = 0; at < count; at++) sum ^= slots[2 * (hashes[at] & mask)];
    for (let at = 0; at < count; at++) {
      const slot = this.first(hashes[at]);
      numbers[at] = slot < 0 ? 0 : this.at(slot);
    }
    return sum;
  }

  /** Does that for hashes of which nothing was found elsewhere. */
  touchMore(hashes: Int32Array, numbers: Int32Array, count: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let sum = 0;
    for (let at = 0; at < count; at++) if (numbers[at] === 0) sum ^= slots[2 * (hashes[at] & mask)];
    for (let at = 0; at < count; at++) {
      const slot = numbers[at] === 0 ? this.first(hashes[at]) : -1;
      if (slot >= 0) numbers[at] = this.at(slot);
    }
    return sum;
  }
}

/** From `slot` on, the slot with a number of this hash, or -1. It passes over slots before `moved`, which are gone. */
function find(slots: Int32Array, mask: number, slot: number, hash: number, moved: number): number {
  let left = probesMax - ((slot - hash) & mask);
  for (; left > 0 && slots[2 * slot] !== 0; left--, slot = (slot + 1) & mask) {
    if (slots[2 * slot + 1] === hash && slot >= moved) return slot;
  }
  return -1;
}
