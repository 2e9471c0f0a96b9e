/**
 * A set of indices of entries, as bits: a look into it costs two reads of memory.
 *
 * @module
 */

/** Indices of one page, a power of two. */
const pageIndices = 32_768;

/** Numbers from 0 on; pages in which there is none take no memory. */
export class IndexSet {
  readonly #pages: (Int32Array | undefined)[] = [];

  /** Puts one in. */
  add(index: number): void {
    const number = Math.floor(index / pageIndices);
    while (this.#pages.length <= number) this.#pages.push(undefined);
    const page = this.#pages[number] ??= new Int32Array(pageIndices / 32);
    page[index % pageIndices >>> 5] |= 1 << index;
  }

  /** Whether one is there. */
  has(index: number): boolean {
    const page = this.#pages[Math.floor(index / pageIndices)];
    return page !== undefined && (page[index % pageIndices >>> 5] >>> index & 1) !== 0;
  }
}
