/**
 * Long work in slices: between two of them everybody else has a turn.
 *
 * @module
 */

import { sliceMs } from "../limits.ts";

/** Does the steps of some work, none of which takes long, for so long at a time, and returns what they return. */
export async function inSlices<T>(steps: Iterator<unknown, T>, eachMs = sliceMs): Promise<T> {
  let begunAt = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - begunAt < eachMs) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    begunAt = performance.now();
  }
}
