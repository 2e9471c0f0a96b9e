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

/** Words in front of those of the commands. */
const headWords = 5;

/** Makes sums with one key. */
export class Summer {
  readonly #k0: number;
  readonly #k1: number;
  // The words that are hashed now; as many as were ever needed.
  #words = new Int32Array(0);
  #bytes = new Uint8Array(this.#words.buffer);

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
    const count = headWords + (commands.length >>> 2) + 1;
    if (count > this.#words.length) {
      this.#words = new Int32Array(2 * count);
      this.#bytes = new Uint8Array(this.#words.buffer);
    }
    const words = this.#words;
    words[0] = seq;
    words[1] = Math.floor(seq / 2 ** 32);
    words[2] = ts;
    words[3] = Math.floor(ts / 2 ** 32);
    words[4] = (commands.length << 1) | (end ? 1 : 0);
    words[count - 1] = 0;
    this.#bytes.set(commands, 4 * headWords);
    return halfSipHash(this.#k0, this.#k1, words, count);
  }
}

/** 53 bits of the hash of `count` words, which come in the byte order of all machines that Deno runs on. */
function halfSipHash(k0: number, k1: number, words: Int32Array, count: number): number {
  let [a, b, c, d] = [k0, k1 ^ 0xee, 0x6c796765 ^ k0, 0x74656462 ^ k1];
  let low = 0;
  // After the words, there are two pieces of the output; each takes as many rounds as two words of 0.
  for (let at = 0; at < count + 4; at++) {
    const word = at < count ? words[at] : 0;
    if (at === count) {
      c ^= 0xee;
    } else if (at === count + 2) {
      low = b ^ d;
      b ^= 0xdd;
    }
    d ^= word;
    // Two rounds: a loop around them would take half as long again.
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
    a ^= word;
  }
  return ((b ^ d) >>> 11) * 2 ** 32 + (low >>> 0);
}
