/**
 * Deadlines of many short things at the price of one timer: it rings now and then, and only while something is awaited.
 *
 * @module
 */

/** Things that must be over within the same time. */
export class Deadlines {
  readonly #withinMs: number;
  /** In the order in which they began: when each must be over, and what happens if it is not. */
  readonly #pending = new Map<number, { readonly at: number; readonly onLate: () => void }>();
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param withinMs milliseconds that each has; it may take as long again until that is noticed. */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /**
   * Something begins.
   *
   * @param onLate is called if it does not end in time.
   * @returns what {@link end} takes.
   */
  begin(onLate: () => void): number {
    const id = this.#next++;
    this.#pending.set(id, { at: performance.now() + this.#withinMs, onLate });
    this.#arm();
    return id;
  }

  /** It is over. */
  end(id: number): void {
    this.#pending.delete(id);
  }

  /** Nothing is awaited any more, and nothing is late. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending.clear();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.#ring(), this.#withinMs);
  }

  #ring(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [id, { at, onLate }] of this.#pending) {
      if (at > now) break;
      this.#pending.delete(id);
      onLate();
    }
    if (this.#pending.size > 0) this.#arm();
  }
}
