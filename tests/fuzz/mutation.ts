/**
 * Bytes that are nearly right: valid ones with faults, as damage and liars make them.
 *
 * @module
 */

import type { Random } from "../../src/simulator/random.ts";

/** Bytes that decide something: flags, lengths of one byte, the ends of varints, and what is not UTF-8. */
const telling = [0x00, 0x01, 0x02, 0x03, 0x04, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xed, 0xff];

/** Varints at the bounds, some of which no reader may take. */
const varints = [
  [0x80, 0x00],
  [0x81, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x20],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
];

/** As many random bytes. */
export function randomBytes(random: Random, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at++) bytes[at] = random.below(256);
  return bytes;
}

function replaced(bytes: Uint8Array, at: number, count: number, by: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(bytes.length - count + by.length);
  made.set(bytes.subarray(0, at));
  made.set(by, at);
  made.set(bytes.subarray(at + count), at + by.length);
  return made;
}

/** The bytes with one fault; `others` are valid ones, whose parts may take the place of some. */
function withFault(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const count = Math.min(random.between(1, 4), bytes.length - at);
  switch (random.below(8)) {
    case 0:
      return new Uint8Array(bytes.subarray(0, at));
    case 1:
      return replaced(bytes, at, Math.min(count, 1), [random.chance(0.5) ? random.pick(telling) : random.below(256)]);
    case 2:
      return replaced(bytes, at, count, []);
    case 3:
      return replaced(bytes, at, 0, randomBytes(random, random.between(1, 4)));
    case 4:
      return replaced(bytes, at, random.below(count + 1), random.pick(varints));
    case 5: {
      const made = new Uint8Array(bytes);
      if (at < made.length) made[at] ^= 1 << random.below(8);
      return made;
    }
    case 6: {
      const other = random.pick(others);
      return replaced(bytes, at, bytes.length - at, other.subarray(random.below(other.length + 1)));
    }
    default:
      return replaced(bytes, at, 0, bytes.subarray(at, at + random.between(1, 32)));
  }
}

/** Bytes with some faults, or with none. */
export function mutated(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let made = new Uint8Array(bytes);
  for (let faults = random.weighted([1, 6, 2, 1]); faults > 0; faults--) made = withFault(random, made, others);
  return made;
}
