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

/**
 * Counts the items of a batch as {@link countItems} does, and notes where each of them begins and ends.
 *
 * @param starts room for as many items as a request may have, like `ends`.
 * @throws {DecodeError} as that.
 */
export function locateItems(batch: Uint8Array, starts: Int32Array, ends: Int32Array): number {
  const { length } = batch;
  let count = 0;
  for (let at = 0; at < length; count++) {
    const itemBytes = batch[at++];
    // Most items are short. One that is not, or is not whole, is left to `locateAll`, which says what is wrong.
    if (itemBytes >= 0x80 || at + itemBytes > length || count >= commandsPerRequestMax) {
      return locateAll(batch, starts, ends);
    }
    starts[count] = at;
    at += itemBytes;
    ends[count] = at;
  }
  return count;
}

function locateAll(batch: Uint8Array, starts: Int32Array, ends: Int32Array): number {
  const count = countItems(batch);
  const reader = new ByteReader(batch);
  for (let at = 0; at < count; at++) {
    const itemBytes = reader.varint();
    starts[at] = reader.position;
    reader.skip(itemBytes);
    ends[at] = reader.position;
  }
  return count;
}

/** The items of a well-formed batch, as views of it. */
export function* itemsOf(batch: Uint8Array): Generator<Uint8Array> {
  const reader = new ByteReader(batch);
  while (reader.remaining > 0) yield reader.view(reader.varint());
}
