/**
 * Packs by Zstandard at its first level, and takes digests by SHA-256, both within a turn.
 *
 * What packs asynchronously in Deno runs on the event loop all the same, so it would only hide how long a turn is.
 *
 * @module
 */

import { hash } from "node:crypto";
import { constants, createZstdCompress, createZstdDecompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DecodeError } from "../bytes.ts";
import type { Packing } from "../packing.ts";
import { ReusedStream } from "./zstd_streams.ts";

/** 25 µs for a piece of 5 KB. The next level takes longer for few bytes less. */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const [packing, unpacking] = [
  new ReusedStream(() => createZstdCompress(options)),
  new ReusedStream(() => createZstdDecompress()),
];

/** By Zstandard and SHA-256. */
export const zstdPacking: Packing = {
  pack: (bytes) => packing.run(bytes, packedBytesMax(bytes.length)) ?? plain(zstdCompressSync(bytes, options)),
  unpack(packed, length, into) {
    const bytes = unpacking.run(packed, length, into) ?? unpackedAlone(packed, length);
    if (bytes.length === length) return bytes;
    throw new DecodeError(`packed bytes are those of ${bytes.length} bytes, and not of ${length}`);
  },
  digest: (bytes) => plain(hash("sha256", bytes, "buffer")),
};

/** As many bytes as others become at most: the library is faster where it knows that they have room. */
function packedBytesMax(bytes: number): number {
  return bytes + (bytes >>> 8) + 128;
}

/** Unpacks by a stream of its own. */
function unpackedAlone(packed: Uint8Array, length: number): Uint8Array {
  try {
    return plain(zstdDecompressSync(packed, { maxOutputLength: Math.max(1, length) }));
  } catch {
    // The reasons of the library name its buffers, which help nobody.
    throw new DecodeError(`packed bytes are not those of ${length} bytes`);
  }
}

/** The same bytes not as a `Buffer`, whose `slice()` does not copy. */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
