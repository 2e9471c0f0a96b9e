/**
 * The entries of a segment in the order of their sites, and those of a site in the order of the log.
 *
 * It is found by a radix sort, which keeps the order of those that are equal, and whose work can be cut into slices: no
 * turn sorts a quarter of a million entries.
 *
 * @module
 */

/** Bits of a site that one pass sorts by. */
const digitBits = 11;
const digits = 2 ** digitBits;

/** Entries that one step moves: about a tenth of a millisecond. */
const sliceEntries = 16 * 1024;

/** Sorts entries by their sites. */
export class SiteOrder {
  /** The site of each entry, by its offset in the segment; filled before the first {@link step}. */
  readonly sites: Uint32Array;
  #order: Uint32Array;
  #other: Uint32Array;
  readonly #starts = new Uint32Array(digits);
  #pass = 0;
  #at = 0;
  #isCounted = false;
  #passes = 0;

  /** The order of `count` entries. */
  constructor(count: number) {
    this.sites = new Uint32Array(count);
    this.#order = Uint32Array.from({ length: count }, (_, offset) => offset);
    this.#other = new Uint32Array(count);
  }

  /** Notes the site of an entry. */
  set(offset: number, site: number): void {
    this.sites[offset] = site;
    // One pass for each digit of the largest site.
    while (this.#passes < 3 && site >= 2 ** (digitBits * this.#passes)) this.#passes++;
  }

  /** Does a slice of the work. Returns whether more is to be done. */
  step(): boolean {
    if (this.#pass >= this.#passes) return false;
    const { sites } = this;
    const [order, other, starts] = [this.#order, this.#other, this.#starts];
    const shift = digitBits * this.#pass;
    const end = Math.min(order.length, this.#at + sliceEntries);
    if (!this.#isCounted) {
      for (let at = this.#at; at < end; at++) starts[sites[order[at]] >>> shift & (digits - 1)]++;
    } else {
      for (let at = this.#at; at < end; at++) {
        const offset = order[at];
        other[starts[sites[offset] >>> shift & (digits - 1)]++] = offset;
      }
    }
    this.#at = end;
    if (end === order.length) this.#endRound();
    return true;
  }

  #endRound(): void {
    const starts = this.#starts;
    this.#at = 0;
    if (!this.#isCounted) {
      let start = 0;
      for (let digit = 0; digit < digits; digit++) {
        const count = starts[digit];
        starts[digit] = start;
        start += count;
      }
    } else {
      [this.#order, this.#other] = [this.#other, this.#order];
      starts.fill(0);
      this.#pass++;
    }
    this.#isCounted = !this.#isCounted;
  }

  /** The offset of the entry at a place of the order, once {@link step} has returned false. */
  at(place: number): number {
    return this.#order[place];
  }
}
