/**
 * The few statistics that the bench prints: of several repeats the median, and how far they spread.
 *
 * The median and not the mean, since what disturbs a run on a shared machine only ever makes it slower, and then by
 * much.
 *
 * @module
 */

/** Several measurements of the same thing. */
export interface Spread {
  /** The one in the middle, or half-way between the two in the middle. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many there were. */
  readonly count: number;
}

/**
 * The value below which a part `q` of all values lies, between neighbours in proportion.
 *
 * @param sorted in ascending order, one value at least.
 * @param q from 0 to 1.
 * @throws {RangeError} if there is no value.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) throw new RangeError("Cannot take a quantile: there is no value");
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/**
 * What several measurements come to.
 *
 * @throws {RangeError} if there is none.
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  return { median: quantile(sorted, 0.5), min: sorted[0], max: sorted[sorted.length - 1], count: sorted.length };
}

/** How far the middle half of all values spreads, as a part of the median: a few runs that went wrong do not count. */
export function scatterOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / quantile(sorted, 0.5);
}

/**
 * How many times as much each of `values` is as the one of `bases` that was measured right before or after it: what
 * disturbs the machine for longer than that disturbs both alike.
 */
export function ratioOf(values: readonly number[], bases: readonly number[]): Spread {
  return spreadOf(values.map((value, at) => value / bases[at]));
}
