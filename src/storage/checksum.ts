/**
 * The checksum of everything that is kept: CRC-32 over a number and bytes.
 *
 * It finds every damage of up to 32 bits in a row, so every flipped byte. The number is covered as well, so that a row
 * cannot take the place of another one.
 *
 * @module
 */

import { crc32 } from "node:zlib";

const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

/** The CRC-32 of `number` (an integer up to 2^53 - 1, as a float of 8 bytes) and then `bytes`. */
export function checksum(number: number, bytes: Uint8Array): number {
  scratchView.setFloat64(0, number);
  return crc32(bytes, crc32(scratch));
}
