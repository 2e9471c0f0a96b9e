/**
 * Names and counts of one hash, as somebody makes them who wants look-ups to take long.
 *
 * @module
 */

import { hashOfNumber } from "../../../src/database/store/hash.ts";

/** Pairs that bring FNV-1a of 32 bits from one state to the same next one; the last one any number of times. */
const pairs = [["__7pfs", "__ovja"], ["__12vu", "__cuea"], ["__5vl8", "__mpd6"], ["__1unw", "__ywba"], [
  "__35zx",
  "__apcd",
], ["__5wzx", "__c6cd"]] as const;

/** `count` different names with one hash. */
export function collidingNames(count: number): string[] {
  const digits = Math.max(pairs.length, Math.ceil(Math.log2(count)));
  const pairAt = (digit: number) => pairs[Math.min(digit, pairs.length - 1)];
  return Array.from({ length: count }, (_, number) => {
    let name = "";
    for (let digit = 0; digit < digits; digit++) name += pairAt(digit)[number >>> digit & 1];
    return name;
  });
}

const prime = 0x01000193;
const wanted = hashOfNumber(2 ** 40);

/** `count` different counts for which `hashOfNumber()` gives the same. */
export function collidingCounts(count: number): number[] {
  // The low half follows from the high one: a multiplication by an odd number can be undone.
  let inverse = 1;
  for (let bits = 1; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(prime, inverse));
  const unmixed = (mixed: number) => mixed ^ mixed >>> 15 ^ mixed >>> 30;
  return Array.from({ length: count }, (_, high) => {
    const start = (high + 1) * 2 ** 32;
    const before = Math.imul(unmixed(hashOfNumber(start)), inverse);
    return start + ((before ^ Math.imul(unmixed(wanted), inverse)) >>> 0);
  });
}
