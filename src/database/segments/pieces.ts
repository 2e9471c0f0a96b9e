/**
 * A block as it is in a file: in pieces, since bytes are packed into fewer beside others that are like them.
 *
 * It is the count of pieces; for each the bytes that it has unpacked, and twice those that are there, and 1 if they
 * are not packed: varints; and then the pieces.
 *
 * @module
 */

import { ByteReader, ByteWriter, DecodeError } from "../../bytes.ts";
import type { Packing } from "../../packing.ts";

/** Pieces of a block, at most. */
const piecesMax = 8;

/** Packs the pieces of a block; one that would not become smaller stays as it is. */
export function packPieces(bytes: Uint8Array, borders: readonly number[], packing: Packing): Uint8Array {
  const [head, body] = [new ByteWriter(), new ByteWriter(bytes.length)];
  const ends = [...borders, bytes.length];
  head.varint(ends.length);
  let start = 0;
  for (const end of ends) {
    const piece = bytes.subarray(start, end);
    start = end;
    const packed = piece.length === 0 ? piece : packing.pack(piece);
    const isPacked = packed.length < piece.length;
    head.varint(piece.length);
    head.varint(2 * (isPacked ? packed.length : piece.length) + (isPacked ? 0 : 1));
    body.raw(isPacked ? packed : piece);
  }
  head.raw(body.view());
  return head.copy();
}

/**
 * Undoes {@link packPieces}.
 *
 * @param length how many bytes there must be.
 * @throws {DecodeError} if it cannot be.
 */
export function unpackPieces(
  packed: Uint8Array,
  length: number,
  packing: Packing,
): { bytes: Uint8Array; borders: number[] } {
  const reader = new ByteReader(packed);
  const pieces = Array.from({ length: checkedPieces(reader.varint()) }, () => [reader.varint(), reader.varint()]);
  // One byte more shows that a piece has more.
  const room = new Uint8Array(length + 1);
  const borders: number[] = [];
  let at = 0;
  for (const [pieceBytes, told] of pieces) {
    const piece = reader.view(Math.floor(told / 2));
    // No more is made than there is room for.
    if (pieceBytes > length - at) throw new DecodeError(`it is packed as more than ${length} bytes`);
    if (at > 0) borders.push(at);
    const into = room.subarray(at);
    const unpacked = told % 2 === 1 ? piece : packing.unpack(piece, pieceBytes, into);
    if (unpacked.length !== pieceBytes) {
      throw new DecodeError(`a piece has ${unpacked.length} bytes, and not ${pieceBytes}`);
    }
    if (unpacked.buffer !== room.buffer) into.set(unpacked);
    at += pieceBytes;
  }
  reader.end();
  if (at !== length) throw new DecodeError(`it is packed as ${at} bytes, and not ${length}`);
  return { bytes: room.subarray(0, length), borders };
}

function checkedPieces(count: number): number {
  if (count >= 1 && count <= piecesMax) return count;
  throw new DecodeError(`it is in ${count} pieces`);
}
