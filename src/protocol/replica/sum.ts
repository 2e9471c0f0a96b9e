/**
 * A keyed checksum of a request, so that replicas can compare what a client has sent to each of them.
 *
 * A client that lies may send two requests under one seq. Two replicas find that out by their sums only if the client
 * cannot choose two requests with one sum. So no client knows the key, and no sum is ever sent to one. It is
 * HalfSipHash-2-4 with an output of 64 bits (Aumasson and Bernstein, *SipHash: a fast short-input PRF*), of which 53
 * are kept.
 *
 * @module
 */

/** What a sum covers besides the bytes of the commands. */
export interface Summed {
  readonly seq: number;
  readonly ts: number;
  readonly end: boolean;
  /** A batch. */
  readonly commands: Uint8Array;
}

/** Makes sums with one key. */
export class Summer {
  readonly #k0: number;
  readonly #k1: number;
  // The state of the hash.
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param key hexadecimal digits, of which the first 16 count. */
  constructor(key: string) {
    this.#k0 = parseInt(key.slice(0, 8), 16) | 0;
    this.#k1 = parseInt(key.slice(8, 16), 16) | 0;
  }

  /** The sum of a request that remembers it. */
  sumOf(request: Summed & { sum: number | undefined }): number {
    return request.sum ??= this.of(request);
  }

  /** The sum of a request: an integer from 0 to 2^53 - 1. */
  of({ seq, ts, end, commands }: Summed): number {
    this.#a = this.#k0;
    this.#b = this.#k1 ^ 0xee;
    this.#c = 0x6c796765 ^ this.#k0;
    this.#d = 0x74656462 ^ this.#k1;
    this.#number(seq);
    this.#number(ts);
    this.#word((commands.length << 1) | (end ? 1 : 0));
    const length = commands.length;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      this.#word(commands[at] | commands[at + 1] << 8 | commands[at + 2] << 16 | commands[at + 3] << 24);
    }
    let last = 0;
    for (let shift = 0; at < length; at++, shift += 8) last |= commands[at] << shift;
    this.#word(last);
    this.#c ^= 0xee;
    for (let round = 0; round < 4; round++) this.#round();
    const low = (this.#b ^ this.#d) >>> 0;
    this.#b ^= 0xdd;
    for (let round = 0; round < 4; round++) this.#round();
    return ((this.#b ^ this.#d) >>> 11) * 2 ** 32 + low;
  }

  #number(value: number): void {
    this.#word(value | 0);
    this.#word(Math.floor(value / 2 ** 32));
  }

  #word(word: number): void {
    this.#d ^= word;
    this.#round();
    this.#round();
    this.#a ^= word;
  }

  #round(): void {
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d];
    a = (a + b) | 0;
    b = (b << 5 | b >>> 27) ^ a;
    a = a << 16 | a >>> 16;
    c = (c + d) | 0;
    d = (d << 8 | d >>> 24) ^ c;
    a = (a + d) | 0;
    d = (d << 7 | d >>> 25) ^ a;
    c = (c + b) | 0;
    b = (b << 13 | b >>> 19) ^ c;
    c = c << 16 | c >>> 16;
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}
