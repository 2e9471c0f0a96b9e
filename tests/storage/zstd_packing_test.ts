import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { constants, createZstdDecompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DecodeError } from "../../src/bytes.ts";
import { ReusedStream } from "../../src/storage/zstd_streams.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";

const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Bytes that become fewer, and others; some of more than a block has. */
const anyBytes = fc.tuple(fc.nat(300_000), fc.constantFrom(1, 3, 256), fc.nat()).map(([length, kinds, seed]) => {
  const bytes = new Uint8Array(length);
  for (let at = 0, state = seed | 1; at < length; at++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[at] = (state >>> 16) % kinds;
  }
  return bytes;
});

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

Deno.test("a stream that is used again packs and unpacks as one of its own", () => {
  fc.assert(
    fc.property(fc.array(anyBytes, { minLength: 1, maxLength: 3 }), (all) => {
      for (const bytes of all) {
        const packed = zstdPacking.pack(bytes);
        assert(isSame(zstdDecompressSync(packed), bytes), "others cannot unpack it");
        assert(isSame(zstdPacking.unpack(packed, bytes.length), bytes), "it is unpacked to other bytes");
        assert(isSame(zstdPacking.unpack(zstdCompressSync(bytes, options), bytes.length), bytes), "it reads no others");
      }
    }),
    { numRuns: 30, endOnFailure: true },
  );
});

Deno.test("whatever a stream was given before, it unpacks what comes, and refuses what is not as told", () => {
  const bytes = new Uint8Array(5_000).map((_, at) => at % 50);
  const packed = zstdPacking.pack(bytes);
  const refused = [
    () => zstdPacking.unpack(packed, bytes.length - 1),
    () => zstdPacking.unpack(packed, bytes.length + 1),
    () => zstdPacking.unpack(packed, 0),
    () => zstdPacking.unpack(packed.subarray(0, packed.length - 3), bytes.length),
    () => zstdPacking.unpack(packed.subarray(0, 6), bytes.length),
    () => zstdPacking.unpack(packed.map((byte) => byte ^ 0x55), bytes.length),
    () => zstdPacking.unpack(new Uint8Array(0), bytes.length),
  ];
  for (const refuse of refused) {
    assertThrows(refuse, DecodeError, "packed bytes are");
    assertEquals(zstdPacking.unpack(packed, bytes.length), bytes);
  }
  // Nothing that is given out is used again.
  const first = zstdPacking.unpack(packed, bytes.length);
  zstdPacking.unpack(zstdPacking.pack(new Uint8Array(5_000)), 5_000);
  assertEquals(first, bytes);
});

Deno.test("streams of this version of Deno can be used again; of one without a handle, none is", () => {
  const packed = zstdPacking.pack(new Uint8Array(100));
  const stream = new ReusedStream(() => createZstdDecompress());
  assertEquals(stream.run(packed, 100), new Uint8Array(100));
  assertEquals(stream.run(packed, 99), undefined);
  assertEquals(stream.run(Uint8Array.of(1, 2, 3, 4, 5), 100), undefined);
  assertEquals(stream.run(packed, 100), new Uint8Array(100));
  assertEquals(new ReusedStream(() => ({})).run(packed, 100), undefined);
});
