/**
 * A hash table of numbers: it finds those that were put in with a hash, and leaves it to whoever asks which of them it is.
 *
 * A table of our own, because what is looked up are bytes: to look a name up in a `Map` it must first become a string,
 * which takes four to seven times as long as the whole look-up by bytes does. Beside each number stands its whole hash,
 * so that hardly ever something else than what was meant is compared, and so that the table grows without looking at
 * anything but itself.
 *
 * @module
 */

/** Open addressing, linear probing; nothing is ever taken out. */
export class Slots {
  /** Pairs of a number (0: free) and its hash. */
  #slots: Int32Array;
  #mask: number;
  #size = 0;

  /** @param size how many numbers are expected; there may be more. */
  constructor(size = 0) {
    this.#mask = 63;
    while (2 * size > this.#mask) this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array(2 * (this.#mask + 1));
  }

  /** The slot of the first number of this hash, or -1. */
  first(hash: number): number {
    return this.#from(hash & this.#mask, hash);
  }

  /** The slot after `slot` with a number of the same hash, or -1. */
  next(slot: number, hash: number): number {
    return this.#from((slot + 1) & this.#mask, hash);
  }

  #from(slot: number, hash: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (; slots[2 * slot] !== 0; slot = (slot + 1) & mask) {
      if (slots[2 * slot + 1] === hash) return slot;
    }
    return -1;
  }

  /** The number in a slot. */
  at(slot: number): number {
    return this.#slots[2 * slot];
  }

  /** Puts in a number of 31 bits, which is not 0. */
  put(number: number, hash: number): void {
    // Half of the slots stay free, so that a look-up ends after one or two.
    if (2 * ++this.#size > this.#mask) this.#widen();
    this.#put(number, hash);
  }

  #put(number: number, hash: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[2 * slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[2 * slot] = number;
    this.#slots[2 * slot + 1] = hash;
  }

  #widen(): void {
    const old = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array(2 * (this.#mask + 1));
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] !== 0) this.#put(old[at], old[at + 1]);
    }
  }

  /**
   * Looks many hashes up at once, so that the memory that they are in is fetched while others are looked up.
   *
   * @param numbers where the first number of each hash is put, 0 if there is none.
   */
  touch(hashes: Int32Array, numbers: Int32Array, count: number): void {
    const slots = this.#slots;
    for (let at = 0; at < count; at++) {
      const slot = this.#from(hashes[at] & this.#mask, hashes[at]);
      numbers[at] = slot < 0 ? 0 : slots[2 * slot];
    }
  }
}
