/**
 * How fast long work is, and so how long it still takes: a newcomer fetches sealed history, or a start restores a
 * backup.
 *
 * @module
 */

/** A moment in which it was heard to be further than before. */
interface Rise {
  readonly percent: number;
  readonly atMs: number;
}

/** Rises that are kept: with load, the pace changes within a minute. */
const risesMax = 10;

/** How far the work was at which moments. */
export class Pace {
  #percent: number | undefined;
  /** The first thing that is heard is none: what the folder of a newcomer has is there at once. */
  #rises: Rise[] = [];

  /**
   * It is that far.
   *
   * @param percent from 0 to 100; undefined: no work is under way.
   * @param nowMs the time, in milliseconds from any moment on.
   */
  heard(percent: number | undefined, nowMs: number): void {
    const before = this.#percent;
    this.#percent = percent;
    if (percent === undefined || before === undefined || percent < before) this.#rises = [];
    else if (percent > before) this.#rises = [...this.#rises, { percent, atMs: nowMs }].slice(-risesMax);
  }

  /** How many milliseconds it still takes, about; undefined: nothing is under way, or too little was heard. */
  leftMs(nowMs: number): number | undefined {
    const [first, last] = [this.#rises.at(0), this.#rises.at(-1)];
    if (first === undefined || last === undefined || first === last) return undefined;
    const msPerPercent = (last.atMs - first.atMs) / (last.percent - first.percent);
    return Math.max(0, Math.round((100 - last.percent) * msPerPercent - (nowMs - last.atMs)));
  }
}
