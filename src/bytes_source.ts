/**
 * Bytes that are read where they are needed, wherever they are.
 *
 * @module
 */

/** Bytes that never change. */
export interface BytesSource {
  /** How many there are. */
  readonly length: number;
  /** Some of them, all of which must be there. @throws what the system says where it does not give them. */
  read(start: number, length: number): Uint8Array;
}

/** Bytes in memory. A read gives a view of them. */
export class BytesInMemory implements BytesSource {
  readonly #bytes: Uint8Array;

  /** Nothing may change them any more. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  read(start: number, length: number): Uint8Array {
    return this.#bytes.subarray(start, start + length);
  }
}

/** Some of the bytes of another source. */
export class BytesRange implements BytesSource {
  readonly length: number;
  readonly #source: BytesSource;
  readonly #start: number;

  /** Those from `start` on. */
  constructor(source: BytesSource, start: number, length: number) {
    this.#source = source;
    this.#start = start;
    this.length = length;
  }

  read(start: number, length: number): Uint8Array {
    return this.#source.read(this.#start + start, length);
  }
}

/** All bytes in pieces of this many at most. */
export function* piecesOf(source: BytesSource, bytesMax: number): Generator<Uint8Array, void> {
  for (let at = 0; at < source.length; at += bytesMax) yield source.read(at, Math.min(bytesMax, source.length - at));
}
