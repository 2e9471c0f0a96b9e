/**
 * One time limit for many short waits at the price of one timer, which runs only while something waits. A timer for
 * each request would cost the gateway more than all else that it does for the limit.
 *
 * @module
 */

/** A wait that has begun. */
export interface Wait {
  /** When it is late. */
  readonly at: number;
  /** Is called if it is. */
  readonly onLate: () => void;
  /** Whether it was. */
  isLate: boolean;
}

/** Waits with the same time limit. */
export class Deadlines {
  readonly #withinMs: number;
  /** In the order in which they began. */
  readonly #pending = new Set<Wait>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param withinMs the limit in milliseconds; up to twice as much may pass before a wait is found late. */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /**
   * Begins a wait.
   *
   * @param now the time, on the clock of `performance.now()`.
   * @param onLate is called if {@link end} is not called in time.
   */
  begin(now: number, onLate: () => void): Wait {
    const wait = { at: now + this.#withinMs, onLate, isLate: false };
    this.#pending.add(wait);
    this.#arm();
    return wait;
  }

  /** Ends a wait. @returns whether it was in time. */
  end(wait: Wait): boolean {
    this.#pending.delete(wait);
    return !wait.isLate;
  }

  /**
   * The value of a promise.
   *
   * @param promise what to wait for; if it is late, nobody is told what becomes of it.
   * @param late makes the error for a promise that is late.
   */
  within<T>(promise: Promise<T>, late: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait = this.begin(performance.now(), () => reject(late()));
      const ending = <A>(settle: (outcome: A) => void) => (outcome: A) => {
        this.end(wait);
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
        wait.isLate = true;
        wait.onLate();
      }
      if (this.#pending.size > 0) this.#arm();
    }, this.#withinMs);
  }
}
