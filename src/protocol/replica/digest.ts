/**
 * A running digest of all that a replica has executed: replicas with equal digests at the same place in the log have
 * executed the same requests in the same order, with the same outputs.
 *
 * It is not a signature. It finds a machine that is not deterministic, a disk that lies, and a bit that has flipped; it
 * does not withstand an attacker who wants a collision. So two multiplicative hashes of 32 bits are enough, four bytes
 * at a time.
 *
 * @module
 */

import type { ByteReader, ByteWriter } from "../../bytes.ts";

/** A digest of 64 bits that takes in more and more. */
export class Digest {
  #a = 0x6a09e667;
  #b = 0x3c6ef372;

  /** Takes in 32 bits. */
  #word(word: number): void {
    const a = Math.imul(this.#a ^ word, 0x85ebca6b);
    this.#a = (a << 13) | (a >>> 19);
    const b = Math.imul(this.#b + word, 0xc2b2ae35);
    this.#b = b ^ (b >>> 15);
  }

  /** Takes in an integer from 0 to 2^53 - 1. */
  number(value: number): void {
    this.#word(value | 0);
    this.#word(Math.floor(value / 2 ** 32));
  }

  /** Takes in ASCII text of a fixed length. */
  text(value: string): void {
    for (let at = 0; at < value.length; at++) this.#word(value.charCodeAt(at));
  }

  /** Takes in bytes, with their count. */
  bytes(bytes: Uint8Array): void {
    this.length(bytes.length);
    this.some(bytes);
  }

  /** Takes in how many bytes follow, piece by piece. */
  length(bytes: number): void {
    this.#word(bytes);
  }

  /** Takes in the next of these bytes: a multiple of 4, except the last piece. */
  some(bytes: Uint8Array): void {
    // As #word does, with both halves at hand: this takes in all that is executed.
    let [a, b] = [this.#a, this.#b];
    const length = bytes.length;
    for (let at = 0; at < length;) {
      let word = bytes[at];
      if (at + 4 <= length) {
        word |= bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
        at += 4;
      } else at++;
      a = Math.imul(a ^ word, 0x85ebca6b);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b + word, 0xc2b2ae35);
      b ^= b >>> 15;
    }
    this.#a = a;
    this.#b = b;
  }

  /** Another one, that takes in something else from here on. */
  copy(): Digest {
    const copy = new Digest();
    copy.#a = this.#a;
    copy.#b = this.#b;
    return copy;
  }

  /** Appends the digest. */
  write(writer: ByteWriter): void {
    writer.uint32(this.#a >>> 0);
    writer.uint32(this.#b >>> 0);
  }

  /** Continues from a digest that {@link write} gave. */
  read(reader: ByteReader): void {
    this.#a = reader.uint32() | 0;
    this.#b = reader.uint32() | 0;
  }

  /** 53 bits of it, as an integer. */
  get value(): number {
    return (this.#a >>> 0) * 2 ** 21 + (this.#b >>> 11);
  }
}

/** A digest's value as people read it: 14 hexadecimal digits. */
export function digestText(value: number): string {
  return value.toString(16).padStart(14, "0");
}
