/**
 * The documents of one segment as they came, in memory.
 *
 * They are in chunks, and what was written never moves: views are good for ever.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { logChunkBytes } from "../../limits.ts";
import type { Part } from "../../snapshot.ts";

/** Bytes that the first chunk begins with, since most databases are small. */
const firstChunkBytes = 4096;

/** Documents for which there is room at first. */
const firstCount = 64;

/** Bytes of a length in a snapshot. */
export const documentLengthBytes = 2;

/** Documents, one after the other. */
export class RawDocuments {
  readonly #chunks: Uint8Array[] = [];
  /** How many bytes of each chunk are written. */
  readonly #fills: number[] = [];
  /** Where each begins: the number of its chunk times the size of a chunk, and where it is in the chunk. */
  #places = new Uint32Array(firstCount);
  #lengths = new Uint16Array(firstCount);
  #count = 0;
  #bytes = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a document, which has less than 64 KiB. */
  put(document: Uint8Array): void {
    const count = this.#count++;
    if (count === this.#places.length) {
      this.#places = grown(this.#places, new Uint32Array(2 * count));
      this.#lengths = grown(this.#lengths, new Uint16Array(2 * count));
    }
    const chunk = this.#chunkFor(document.length);
    const at = this.#fills[chunk];
    this.#chunks[chunk].set(document, at);
    this.#fills[chunk] = at + document.length;
    this.#places[count] = logChunkBytes * chunk + at;
    this.#lengths[count] = document.length;
    this.#bytes += document.length;
  }

  /** The number of the last chunk, with room for that many bytes. */
  #chunkFor(bytes: number): number {
    const last = this.#chunks.length - 1;
    const needed = last < 0 ? Infinity : this.#fills[last] + bytes;
    if (needed > logChunkBytes) {
      this.#chunks.push(new Uint8Array(last < 0 ? Math.max(firstChunkBytes, bytes) : logChunkBytes));
      this.#fills.push(0);
      return last + 1;
    }
    const chunk = this.#chunks[last];
    if (needed > chunk.length) {
      this.#chunks[last] = grown(chunk, new Uint8Array(Math.min(logChunkBytes, Math.max(needed, 2 * chunk.length))));
    }
    return last;
  }

  /** A document by how many there are before it, as a view. */
  at(offset: number): Uint8Array {
    const place = this.#places[offset];
    const start = place % logChunkBytes;
    return this.#chunks[Math.floor(place / logChunkBytes)].subarray(start, start + this.#lengths[offset]);
  }

  /** The lengths of all, two bytes each, and then the documents: for a snapshot, which later ones do not change. */
  parts(): Part[] {
    const lengths = this.#lengths.subarray(0, this.#count);
    const bytes = () => {
      const writer = new ByteWriter(documentLengthBytes * lengths.length);
      for (const length of lengths) {
        writer.byte(length >>> 8);
        writer.byte(length & 0xff);
      }
      return writer.view();
    };
    return [
      { length: documentLengthBytes * lengths.length, bytes },
      ...this.#chunks.map((chunk, at) => chunk.subarray(0, this.#fills[at])),
    ];
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(before: T, after: T): T {
  after.set(before);
  return after;
}
