/**
 * How fast a newcomer fetches sealed history, and so how long it still takes.
 *
 * @module
 */

/** A moment in which it was heard to have more than before. */
interface Rise {
  readonly percent: number;
  readonly atMs: number;
}

/** Rises that are kept: with load, the pace changes within a minute. */
const risesMax = 10;

/** What a newcomer has said while it fetches. */
export class FetchPace {
  #percent: number | undefined;
  /** The first thing that it says is none: what its own folder has is there at once. */
  #rises: Rise[] = [];

  /**
   * It has said how much it has.
   *
   * @param percent from 0 to 100; undefined: it fetches nothing.
   * @param nowMs the time, in milliseconds from any moment on.
   */
  heard(percent: number | undefined, nowMs: number): void {
    const before = this.#percent;
    this.#percent = percent;
    if (percent === undefined || before === undefined || percent < before) this.#rises = [];
    else if (percent > before) this.#rises = [...this.#rises, { percent, atMs: nowMs }].slice(-risesMax);
  }

  /** How many milliseconds it still fetches, about; undefined: it does not, or has not said enough. */
  leftMs(nowMs: number): number | undefined {
    const [first, last] = [this.#rises.at(0), this.#rises.at(-1)];
    if (first === undefined || last === undefined || first === last) return undefined;
    const msPerPercent = (last.atMs - first.atMs) / (last.percent - first.percent);
    return Math.max(0, Math.round((100 - last.percent) * msPerPercent - (nowMs - last.atMs)));
  }
}
