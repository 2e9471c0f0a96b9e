/**
 * Work in steps, none of which takes long.
 *
 * @module
 */

/** Does the steps of some work in one turn, and returns what they return. */
export function atOnce<T>(steps: Iterator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
