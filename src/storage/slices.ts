/**
 * Long work in slices, with a turn for everything else between two of them.
 *
 * @module
 */

/** Milliseconds of a turn that reads or checks a file, before others have one. The time of one step comes on top. */
export const sliceMs = 5;

/** Runs short steps of some work for `eachMs` milliseconds at a time, and returns what they return. */
export async function inSlices<T>(steps: Iterator<unknown, T>, eachMs = sliceMs): Promise<T> {
  let begunAt = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - begunAt < eachMs) continue;
    await nextTurn();
    begunAt = performance.now();
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
