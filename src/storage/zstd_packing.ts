/**
 * Packs by Zstandard at its first level, and takes digests by SHA-256, both within a turn.
 *
 * What packs asynchronously in Deno runs on the event loop all the same, so it would only hide how long a turn is.
 *
 * @module
 */

import { hash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DecodeError } from "../bytes.ts";
import type { Packing } from "../packing.ts";

/** 60 to 110 µs for a block of 12 KB. The next level takes longer for few bytes less. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Bytes of the piece that an unpacked block is written to at first: most blocks fit. */
const pieceBytes = 16 * 1024;

/** By Zstandard and SHA-256. */
export const zstdPacking: Packing = {
  pack: (bytes) => plain(zstdCompressSync(bytes, options)),
  unpack(packed, length) {
    let bytes: Uint8Array;
    try {
      bytes = zstdDecompressSync(packed, { maxOutputLength: Math.max(1, length), chunkSize: pieceBytes });
    } catch {
      // The reasons of the library name its buffers, which help nobody.
      throw new DecodeError(`packed bytes are not those of ${length} bytes`);
    }
    if (bytes.length === length) return plain(bytes);
    throw new DecodeError(`packed bytes are those of ${bytes.length} bytes, and not of ${length}`);
  },
  digest: (bytes) => plain(hash("sha256", bytes, "buffer")),
};

/** The same bytes not as a `Buffer`, whose `slice()` does not copy. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
