/**
 * Events that are still to come, in the order of time.
 *
 * @module
 */

/** Events by time; those of one time in the order in which they were pushed. A binary heap. */
export class EventQueue<E> {
  readonly #heap: { readonly at: number; readonly order: number; readonly event: E }[] = [];
  #pushed = 0;

  /** When the next one happens; `Infinity`: there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Puts one in. */
  push(at: number, event: E): void {
    const heap = this.#heap;
    let place = heap.push({ at, order: this.#pushed++, event }) - 1;
    for (let parent = (place - 1) >> 1; place > 0 && this.#isBefore(place, parent); parent = (place - 1) >> 1) {
      this.#swap(place, parent);
      place = parent;
    }
  }

  /**
   * Takes the next one.
   *
   * @throws {RangeError} if there is none.
   */
  take(): E {
    const heap = this.#heap;
    if (heap.length === 0) throw new RangeError("Cannot take an event: there is none");
    this.#swap(0, heap.length - 1);
    const { event } = heap.pop()!;
    for (let place = 0;;) {
      let least = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === place) return event;
      this.#swap(place, least);
      place = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b], this.#heap[a]];
  }
}
