/**
 * When old revisions may go: etcd keeps each value that a key ever had, until somebody compacts (rule K9).
 *
 * @module
 */

/** Milliseconds after which nobody needs what a key was before: readers of old revisions are told to read again. */
export const keptMs = 300_000;

/** Which revision is to be compacted, and when. */
export class Compacting {
  readonly #keptMs: number;
  // The last revision of a moment, of which nothing older is needed when enough time has passed.
  #mark: { readonly revision: number; readonly atMs: number } | undefined;

  constructor(keptMillis: number = keptMs) {
    this.#keptMs = keptMillis;
  }

  /**
   * This is the last revision now.
   *
   * @returns the revision to compact, if it is time.
   */
  next(revision: number, nowMs: number): number | undefined {
    const mark = this.#mark ??= { revision, atMs: nowMs };
    if (nowMs - mark.atMs < this.#keptMs) return undefined;
    this.#mark = { revision, atMs: nowMs };
    return mark.revision;
  }
}
