/**
 * The hash of everything that is found by its bytes.
 *
 * @module
 */

const prime = 0x01000193;
const offset = 0x811c9dc5 | 0;

/** FNV-1a of 32 bits over a range of bytes, with the high bits mixed into the low ones that choose a slot. */
export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = offset;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], prime);
  return hash ^ (hash >>> 15);
}

/** A hash of two. */
export function mixed(hash: number, other: number): number {
  const both = Math.imul(hash ^ other, prime);
  return both ^ (both >>> 15);
}

/** The hash of a safe integer. */
export function hashOfNumber(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return mixed(mixed(offset, high), (value - high * 2 ** 32) | 0);
}
