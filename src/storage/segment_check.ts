/**
 * Compares a file of sealed history with what was sealed, without a database that names it.
 *
 * @module
 */

import { DamageError } from "../database/segments/damage.ts";
import type { Packing } from "../packing.ts";
import { type OpenSegment, openSegment, type SegmentFile } from "./segment_file.ts";

/** Bytes that one step reads, at most: a block has 512 KiB at most, and 5 KB as a rule. */
const readBytes = 512 * 1024;

/** How a file is checked. */
export interface SegmentChecking {
  /** Whether blocks are unpacked. If not, what a disk has damaged is found all the same, and 20 times as fast. */
  readonly unpacks: boolean;
  /** Is called with the bytes that a step has read. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Compares all of a file.
 *
 * @returns what is damaged, a part each.
 * @throws {StorageError} if the system does not give the bytes for another reason than damage.
 */
export function* checkingSegment(
  file: SegmentFile,
  packing: Packing,
  { unpacks, onBytes = () => {} }: SegmentChecking,
): Generator<void, DamageError[]> {
  let segment: OpenSegment;
  try {
    const { tail, fileBytes } = file.tail();
    segment = openSegment(file.ref, tail, fileBytes, packing);
    onBytes(tail.length);
  } catch (error) {
    if (error instanceof DamageError) return [error];
    throw error;
  }
  const damages: DamageError[] = [];
  for (let block = 0; block < segment.blocks;) {
    const start = segment.rangeOf(block).start;
    let end = block + 1;
    while (end < segment.blocks && segment.rangeOf(end).end - start <= readBytes) end++;
    try {
      const bytes = file.range(start, segment.rangeOf(end - 1).end - start);
      onBytes(bytes.length);
      for (; block < end; block++) {
        const range = segment.rangeOf(block);
        damages.push(...damageOf(segment, block, bytes.subarray(range.start - start, range.end - start), unpacks));
        if (unpacks) yield;
      }
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      damages.push(error);
      block = end;
    }
    yield;
  }
  return damages;
}

function damageOf(segment: OpenSegment, block: number, packed: Uint8Array, unpacks: boolean): DamageError[] {
  try {
    if (unpacks) segment.unpack(block, packed);
    else segment.compare(block, packed);
    return [];
  } catch (error) {
    if (error instanceof DamageError) return [error];
    throw error;
  }
}
