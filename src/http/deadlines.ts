/**
 * One time limit for many short waits at the price of one timer, which runs only while something waits. A timer for
 * each request would cost the gateway more than all else that it does for the limit.
 *
 * @module
 */

/** Waits with the same time limit, each for something else. */
export class Deadlines<T> {
  readonly #withinMs: number;
  readonly #onLate: (what: T) => void;
  /** When each is late, in the order in which they began. */
  readonly #pending = new Map<T, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * @param withinMs the limit in milliseconds; up to twice as much may pass before a wait is found late.
   * @param onLate is called for each that is late.
   */
  constructor(withinMs: number, onLate: (what: T) => void) {
    this.#withinMs = withinMs;
    this.#onLate = onLate;
  }

  /** Begins to wait for something; `now` is the time, on the clock of `performance.now()`. */
  begin(what: T, now: number): void {
    this.#pending.set(what, now + this.#withinMs);
    if (this.#timer === undefined && !this.#isClosed) this.#arm();
  }

  /** Ends the wait. @returns whether it was in time, and has not ended before. */
  end(what: T): boolean {
    return this.#pending.delete(what);
  }

  /** From now on, nothing is late. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = performance.now();
      for (const [what, lateAt] of this.#pending) {
        if (lateAt > now) break;
        this.#pending.delete(what);
        this.#onLate(what);
      }
      if (this.#pending.size > 0) this.#arm();
    }, this.#withinMs);
  }
}
