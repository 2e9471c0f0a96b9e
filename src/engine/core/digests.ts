/**
 * Whether nodes have come to the same state: they compare their digests after the same records (rule E12).
 *
 * @module
 */

/** A node says its digest of each record of which this many is a divisor. */
export const digestEvery = 32;

/** How many such records a node remembers: another node may be behind. */
const marksMax = 256;

/** The digest after one record. */
export interface DigestMark {
  readonly n: number;
  readonly digest: number;
}

/** The digests of a node, and what others have said of theirs. */
export class Digests {
  readonly #own = new Map<number, number>();
  #latest: DigestMark | undefined;
  // By node, what it has said of records that this node does not have yet.
  readonly #ahead = new Map<string, DigestMark>();

  /** The last one of this node. */
  get latest(): DigestMark | undefined {
    return this.#latest;
  }

  /** The digest of this node after record n; undefined: it does not know it any more. */
  at(n: number): DigestMark | undefined {
    const digest = this.#own.get(n);
    return digest === undefined ? undefined : { n, digest };
  }

  /**
   * Record n was applied.
   *
   * @returns the node that has another digest after it.
   */
  note(n: number, digest: () => number): string | undefined {
    if (n % digestEvery !== 0) return undefined;
    this.#latest = { n, digest: digest() };
    this.#own.set(n, this.#latest.digest);
    for (const first of this.#own.keys()) {
      if (this.#own.size <= marksMax) break;
      this.#own.delete(first);
    }
    for (const [node, told] of this.#ahead) {
      if (told.n > n) continue;
      this.#ahead.delete(node);
      if (this.differs(node, told)) return node;
    }
    return undefined;
  }

  /** Another node says its digest. Whether this node has another one after the same record. */
  differs(node: string, told: DigestMark): boolean {
    const own = this.#own.get(told.n);
    if (own !== undefined) return own !== told.digest;
    if (told.n > (this.#latest?.n ?? 0)) this.#ahead.set(node, { n: told.n, digest: told.digest });
    return false;
  }

  /** Another node is there no more. */
  forget(node: string): void {
    this.#ahead.delete(node);
  }

  /** The node has begun again from a snapshot: it has no digests before that. */
  restored(): void {
    this.#own.clear();
    this.#latest = undefined;
  }
}
