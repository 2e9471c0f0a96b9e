/**
 * A packing that remembers what it has done: all replicas of a world seal the same blocks, and read them again and
 * again.
 *
 * @module
 */

import type { Packing } from "../../src/packing.ts";

/** Bytes that are remembered as a key, at most: longer ones are seldom the same. */
const keyBytesMax = 4096;

/** Results that are remembered, at most. */
const keptMax = 4096;

/** The same bytes for the same ones and the same length, if one is given; each caller gets a copy. */
function remembering(
  work: (bytes: Uint8Array, length: number) => Uint8Array,
): (bytes: Uint8Array, length?: number) => Uint8Array {
  const kept = new Map<string, Uint8Array>();
  return (bytes, length = 0) => {
    if (bytes.length > keyBytesMax) return work(bytes, length);
    const key = `${length} ${String.fromCharCode(...bytes)}`;
    let done = kept.get(key);
    if (done === undefined) {
      if (kept.size === keptMax) kept.clear();
      kept.set(key, done = work(bytes, length));
    }
    return done.slice();
  };
}

/** The same as a packing, sooner where it is asked again. */
export function memoPacking(packing: Packing): Packing {
  return {
    pack: remembering((bytes) => packing.pack(bytes)),
    // A refusal is not remembered.
    unpack: remembering((packed, length) => packing.unpack(packed, length)),
    digest: remembering((bytes) => packing.digest(bytes)),
  };
}
