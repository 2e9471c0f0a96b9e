/**
 * One time limit for many short waits at the price of one timer, which runs only while something waits. A timer for
 * each request would cost the gateway more than all else that it does for the limit.
 *
 * @module
 */

/** A wait; {@link Deadlines.end} ends it. */
export interface Wait<T> {
  /** The work that waits. */
  readonly what: T;
  /** When it is late, on the clock of `performance.now()`. */
  readonly lateAt: number;
}

/**
 * A wait among those that began before and after it.
 *
 * One that has ended refers to nothing. The collector takes whatever something old refers to for alive, so that the
 * first wait that grew old would keep all later requests until a full collection. A `Map` keeps them so, as each of its
 * tables refers to the next one: a fifth of all garbage then outlived the collections of young objects.
 */
class ListedWait<T> implements Wait<T> {
  before: ListedWait<T> | undefined;
  after: ListedWait<T> | undefined;
  /** Whether it has neither ended nor been late. */
  isPending = true;

  constructor(readonly what: T, readonly lateAt: number) {}
}

/** Waits with the same time limit, each for something else. */
export class Deadlines<T> {
  readonly #withinMs: number;
  readonly #onLate: (what: T) => void;
  /** The waits in the order in which they began, which is that in which they are late. */
  #first: ListedWait<T> | undefined;
  #last: ListedWait<T> | undefined;
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
  begin(what: T, now: number): Wait<T> {
    const wait = new ListedWait(what, now + this.#withinMs);
    wait.before = this.#last;
    if (this.#last === undefined) this.#first = wait;
    else this.#last.after = wait;
    this.#last = wait;
    if (this.#timer === undefined && !this.#isClosed) this.#arm();
    return wait;
  }

  /** Ends a wait that began here. @returns whether it was in time, and has not ended before. */
  end(wait: Wait<T>): boolean {
    const ended = wait as ListedWait<T>;
    if (!ended.isPending) return false;
    ended.isPending = false;
    const { before, after } = ended;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    ended.before = ended.after = undefined;
    return true;
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
      for (let wait = this.#first; wait !== undefined && wait.lateAt <= now; wait = this.#first) {
        this.end(wait);
        this.#onLate(wait.what);
      }
      if (this.#first !== undefined) this.#arm();
    }, this.#withinMs);
  }
}
