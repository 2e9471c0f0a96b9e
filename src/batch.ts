/**
 * A batch: the commands of one request, or their outputs, as one run of bytes.
 *
 * Each item is its length as a varint, then its bytes. The protocol never looks into an item; the state machine takes
 * and gives whole batches, so a request of a thousand commands costs the protocol no more than one of one command.
 *
 * @module
 */

import { ByteReader, DecodeError } from "./bytes.ts";
import { commandsPerRequestMax } from "./limits.ts";

/**
 * Counts the items of a batch.
 *
 * @throws {DecodeError} if the bytes are not whole items, or more items than a request may have.
 */
export function countItems(batch: Uint8Array): number {
  const reader = new ByteReader(batch);
  let count = 0;
  while (reader.remaining > 0) {
    reader.skip(reader.varint());
    if (++count > commandsPerRequestMax) throw new DecodeError(`a batch has over ${commandsPerRequestMax} items`);
  }
  return count;
}

/** The items of a well-formed batch, as views of it. */
export function* itemsOf(batch: Uint8Array): Generator<Uint8Array> {
  const reader = new ByteReader(batch);
  while (reader.remaining > 0) yield reader.view(reader.varint());
}
