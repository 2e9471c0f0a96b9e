/**
 * How long the commits of a replica take on its disk, for those who look for a slow one.
 *
 * @module
 */

/** The weight of a commit in the mean: about the last sixteen count. */
const weight = 1 / 16;

/** The mean of the last commits, of which later ones count more. */
export class CommitTimes {
  #meanMs: number | undefined;

  /** A commit took that many milliseconds. */
  took(ms: number): void {
    this.#meanMs = this.#meanMs === undefined ? ms : this.#meanMs + weight * (ms - this.#meanMs);
  }

  /** The mean in microseconds; 0: there was none. */
  get meanMicros(): number {
    return Math.ceil(1_000 * (this.#meanMs ?? 0));
  }
}
