/**
 * Memory that many share, and nobody can keep from the others.
 *
 * @module
 */

/** Bytes that holders have in sum. */
export class ByteBudget<T> {
  readonly #bytesMax: number;
  readonly #freeBytes: number;
  readonly #drop: (holder: T, bytes: number) => void;
  /** Those above what is free; the one that has made no progress for longest comes first. */
  readonly #holders = new Map<T, number>();
  #bytes = 0;

  /**
   * Nobody holds anything yet.
   *
   * @param bytesMax the most bytes in sum, of those that hold more than `freeBytes`.
   * @param drop takes everything, that many bytes, from the holder that has made no progress for longest: the sum was
   * exceeded.
   */
  constructor(bytesMax: number, freeBytes: number, drop: (holder: T, bytes: number) => void) {
    this.#bytesMax = bytesMax;
    this.#freeBytes = freeBytes;
    this.#drop = drop;
  }

  /** Bytes in sum. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What a holder holds from now on; `progress`: some of what it held before was of use. */
  hold(holder: T, bytes: number, progress: boolean): void {
    const before = this.#holders.get(holder);
    if (before === undefined && bytes <= this.#freeBytes) return;
    this.#bytes -= before ?? 0;
    if (progress || bytes <= this.#freeBytes) this.#holders.delete(holder);
    if (bytes <= this.#freeBytes) return;
    this.#holders.set(holder, bytes);
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax) {
      const [[first, held]] = this.#holders;
      this.hold(first, 0, false);
      this.#drop(first, held);
    }
  }
}
