/**
 * The order of the sites: that of their names by code point.
 *
 * @module
 */

/** Compares names by code points, which is the order of the sites, and not that of JavaScript's `<`. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length - b.length;
  // Names are well-formed: where the second half of a character differs, both are halves, and in the order of code
  // points.
  return a.codePointAt(at)! - b.codePointAt(at)!;
}

/**
 * How many items at the front of a sorted array are before a point, found by bisection.
 *
 * @param isBefore true for the items up to the point, and false from there on.
 */
export function countBefore<T>(items: ArrayLike<T>, isBefore: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(items[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
