/**
 * Numbers that come from a cluster.
 *
 * @module
 */

/**
 * The value, which is to be a number.
 *
 * @throws {Error} if it is none.
 */
export function assertCount(value: unknown, what: string): number {
  if (typeof value !== "number") throw new Error(`${what} is "${value}"; a number was to come`);
  return value;
}
