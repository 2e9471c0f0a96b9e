/**
 * Simulated time: what is to happen, by when.
 *
 * @module
 */

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Everything that is to happen; the first thing is at the top of a heap. */
export class Agenda {
  nowMs = 0;
  #order = 0;
  readonly #heap: Due[] = [];

  /** Has something happen some time from now. */
  after(ms: number, run: () => void): void {
    const heap = this.#heap;
    const due = { atMs: this.nowMs + ms, order: this.#order++, run };
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent], due)) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = due;
  }

  /** Does the next thing; false if there is none. */
  next(): boolean {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
        if (isBefore(last, heap[child])) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
    }
    // Time may have leapt meanwhile: then much is late.
    this.nowMs = Math.max(this.nowMs, first.atMs);
    first.run();
    return true;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs !== b.atMs ? a.atMs < b.atMs : a.order < b.order;
}
