/**
 * Long work in slices, with a turn for everything else between two of them.
 *
 * @module
 */

/** Milliseconds of a turn that reads or checks a file, before others have one. The time of one step comes on top. */
export const sliceMs = 5;

/**
 * Slices of some work, one after the other. The timer for the turn between two of them is set when a slice begins, so
 * it is due when the slice ends: one that is set only then goes off a millisecond or two later, which is a third of the
 * whole work. An immediate callback would not wait either, but the event loop looks at no socket and no pipe before it.
 */
export class Slices implements Disposable {
  readonly #eachMs: number;
  #begunAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> | undefined;

  /** Begins the first. @param eachMs milliseconds after which a slice is over. */
  constructor(eachMs = sliceMs) {
    this.#eachMs = eachMs;
    this.begin();
  }

  /** Whether it is time for the others. */
  get isOver(): boolean {
    return performance.now() - this.#begunAt >= this.#eachMs;
  }

  /** Gives everything else a turn, and begins the next slice. */
  async next(): Promise<void> {
    await this.#turn;
    this.begin();
  }

  /** Begins a slice: others have just had a turn. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#turn = new Promise((resolve) => this.#timer = setTimeout(resolve, 0));
    this.#begunAt = performance.now();
  }

  /** No slice follows. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Runs short steps of some work for `eachMs` milliseconds at a time, and returns what they return. */
export async function inSlices<T>(steps: Iterator<unknown, T>, eachMs = sliceMs): Promise<T> {
  using slices = new Slices(eachMs);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (slices.isOver) await slices.next();
  }
}

/**
 * Bytes of a state that are read in one step: a few thousand reports take 1 ms, and ten times that in a process that
 * has just started, whose code is not compiled yet.
 */
export const partBytes: number = 16 * 1024;

/** Bytes in parts of {@link partBytes} at most. */
export function* partsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes);
}

/** Gives everything else a turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
