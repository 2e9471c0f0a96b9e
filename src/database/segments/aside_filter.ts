/**
 * Which explicit reports a segment may have that brought no newer observation: a Bloom filter.
 *
 * No order leads to such reports. The filter says of one in a hundred others that it may be there, so a report that it
 * finds must be read and compared. It knows numbers alone: whether a note was redacted since makes no difference.
 *
 * @module
 */

import { type ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import type { PackedAvailability, PackedUnit } from "../wire/packed.ts";

/** Bits for each report, and bits that each one sets: about one in a hundred others is taken for one. */
const bitsEach = 10;
const setEach = 5;

/** The numbers of a report. */
export interface AsideKey {
  readonly site: number;
  readonly observedAt: number;
  readonly availability: PackedAvailability;
  readonly unit: PackedUnit;
}

/** Reports that one step puts into a filter: a few tenths of a millisecond. */
const sliceReports = 4096;

/** The hashes of reports, until it is known how many there are; then the filter of them. */
export class AsideHashes {
  readonly #hashes: number[] = [];
  #bytes = new Uint8Array(0);
  #done = 0;

  /** Adds a report. */
  add(key: AsideKey): void {
    this.#hashes.push(hashOfAside(key, 1), hashOfAside(key, 2));
  }

  /** Makes a slice of the filter, once all reports were added. Returns whether more is to be done. */
  step(): boolean {
    const hashes = this.#hashes;
    if (this.#done === 0) this.#bytes = new Uint8Array(Math.ceil(hashes.length / 2 * bitsEach / 8));
    const bytes = this.#bytes;
    const set = (bit: number) => {
      bytes[bit >>> 3] |= 1 << (bit & 7);
      return true;
    };
    const end = Math.min(hashes.length, this.#done + 2 * sliceReports);
    for (; this.#done < end; this.#done += 2) {
      visitBits(hashes[this.#done], hashes[this.#done + 1], 8 * bytes.length, set);
    }
    return end < hashes.length;
  }

  /** Writes the filter, once {@link step} has returned false: its bits in bytes, with their count in front. */
  write(writer: ByteWriter): void {
    writer.blob(this.#bytes);
  }
}

/** The filter of a segment. */
export class AsideFilter {
  readonly #bytes: Uint8Array;

  /** Reads it; as a view of the footer. */
  constructor(reader: ByteReader, countMax: number) {
    const length = reader.varint();
    if (length > Math.ceil(countMax * bitsEach / 8)) throw new DecodeError(`a filter has ${length} bytes`);
    this.#bytes = reader.view(length);
  }

  /** Whether there may be such a report; false: there is none. */
  mayHave(key: AsideKey): boolean {
    const bytes = this.#bytes;
    if (bytes.length === 0) return false;
    return visitBits(hashOfAside(key, 1), hashOfAside(key, 2), 8 * bytes.length, (bit) => {
      return (bytes[bit >>> 3] & 1 << (bit & 7)) !== 0;
    });
  }
}

/** Visits the bits of a report, as long as `visit` returns true. Returns whether it always did. */
function visitBits(hash: number, other: number, bits: number, visit: (bit: number) => boolean): boolean {
  for (let left = setEach; left > 0; left--) {
    if (!visit(hash % bits)) return false;
    hash = (hash + other) >>> 0;
  }
  return true;
}

/** A hash of 32 bits. It is a part of the format. */
function hashOfAside({ site, observedAt, availability, unit }: AsideKey, seed: number): number {
  let hash = Math.imul(seed, 0x9e3779b1);
  for (const value of [site, observedAt, availability, unit]) {
    const high = Math.floor(value / 2 ** 32);
    hash = stirred(stirred(hash ^ high) ^ (value - high * 2 ** 32));
  }
  return hash >>> 0;
}

/** The last steps of MurmurHash3: each bit of the input changes about half of those of the output. */
function stirred(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return hash ^ hash >>> 16;
}
