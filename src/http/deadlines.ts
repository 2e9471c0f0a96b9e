/**
 * One time limit for many short waits at the price of one timer, which runs only while something waits. A timer for
 * each request would cost the gateway more than all else that it does for the limit.
 *
 * @module
 */

/** Waits with the same time limit. */
export class Deadlines {
  readonly #withinMs: number;
  /** In the order in which they began. */
  readonly #pending = new Set<{ readonly at: number; readonly onLate: () => void }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param withinMs the limit in milliseconds; up to twice as much may pass before a wait is found late. */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /**
   * The value of a promise.
   *
   * @param promise what to wait for; if it is late, nobody is told what becomes of it.
   * @param late makes the error for a promise that is late.
   */
  within<T>(promise: Promise<T>, late: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait = { at: performance.now() + this.#withinMs, onLate: () => reject(late()) };
      this.#pending.add(wait);
      this.#arm();
      const ending = <A>(settle: (outcome: A) => void) => (outcome: A) => {
        this.#pending.delete(wait);
        settle(outcome);
      };
      promise.then(ending(resolve), ending(reject));
    });
  }

  /** From now on, nothing is late. */
  close(): void {
    clearTimeout(this.#timer);
    this.#pending.clear();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const now = performance.now();
      for (const wait of this.#pending) {
        if (wait.at > now) break;
        this.#pending.delete(wait);
        wait.onLate();
      }
      if (this.#pending.size > 0) this.#arm();
    }, this.#withinMs);
  }
}
