/**
 * Writes a file of sealed history again: with a part that was healed, or without what was redacted.
 *
 * The new file takes its place when it is whole and on the disk. Until then the old one stays as it is, so a crash
 * leaves one of them.
 *
 * @module
 */

import { endBytes, footerStart } from "../database/segments/container.ts";
import { DamageError } from "../database/segments/damage.ts";
import { SealedSegment } from "../database/segments/sealed_segment.ts";
import { segmentKinds, segmentName, type SegmentRef } from "../history.ts";
import type { Packing } from "../packing.ts";
import { received } from "./history_errors.ts";
import type { FileSteps } from "../file_steps.ts";
import type { NamedSegment, NamedSegments } from "./named_segments.ts";
import type { NewSegment } from "./new_segment.ts";
import { ReceivedSegment } from "./received_segment.ts";
import { openSegment, partTitle } from "./segment_file.ts";

/** What the file is written with. */
export interface Rewriting {
  readonly segments: NamedSegments;
  readonly packing: Packing;
  /** Begins a file of the same place. */
  begin(): NewSegment;
}

/** Discards a file unless all steps are done. */
function* whole<T>(file: NewSegment, steps: FileSteps<T>): FileSteps<T> {
  try {
    return yield* steps;
  } finally {
    file.discard();
  }
}

/**
 * Heals a block of a file whose other blocks may be damaged as well.
 *
 * @param bytes the packed block, as any replica has it.
 * @returns what is still damaged.
 * @throws {RefusedBytesError} if it is not the block that was sealed.
 * @throws {DamageError} if the footer is damaged, or the disk has lost other bytes: then the whole file is needed.
 */
export function* healBlock(
  { segments, begin }: Rewriting,
  named: NamedSegment,
  block: number,
  bytes: Uint8Array,
): FileSteps<DamageError[]> {
  const segment = segments.open(named);
  const tail = received(partTitle(named.ref, block), () => segment.repacked(block, bytes));
  const file = begin();
  yield* whole(file, copy());
  // What follows the blocks is right now, whatever it was.
  return [...named.damages.values()].filter(({ part }) => typeof part === "number" && part !== block);

  function* copy(): FileSteps<void> {
    for (let at = 0; at < segment.blocks; at++) {
      // As they are: another damaged block stays one, and is found to be.
      yield* file.add(at === block ? bytes : named.file.packed(segment, at));
    }
    yield* file.add(tail);
    yield* file.end(named.ref.digest);
  }
}

/**
 * Heals what follows the blocks.
 *
 * @param tail what follows them in the file of a replica that has packed them in the same way.
 * @returns the blocks that are damaged, which nobody could see without a footer.
 * @throws {RefusedBytesError} if it is not that of the segment, or of other packed blocks: then the whole file is
 * needed.
 */
export function* healTail(
  { packing, begin }: Rewriting,
  named: NamedSegment,
  tail: Uint8Array,
): FileSteps<DamageError[]> {
  const { ref } = named;
  const fileBytes = named.file.bytes();
  const segment = received(partTitle(ref, "footer"), () => openSegment(ref, tail, fileBytes, packing));
  const file = begin();
  const found: DamageError[] = [];
  yield* whole(file, copy());
  return found;

  function* copy(): FileSteps<void> {
    for (let block = 0; block < segment.blocks; block++) {
      const packed = named.file.packed(segment, block);
      try {
        segment.unpack(block, packed);
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
        found.push(error);
      }
      yield* file.add(packed);
    }
    yield* file.add(tail);
    yield* file.end(ref.digest);
  }
}

/**
 * Heals a whole file.
 *
 * @param bytes that of any replica.
 * @throws {RefusedBytesError} if it is not the segment.
 */
export function* healFile({ packing, begin }: Rewriting, ref: SegmentRef, bytes: Uint8Array): FileSteps<void> {
  const end = bytes.subarray(-endBytes);
  const start = received(partTitle(ref, "file"), () => footerStart(end, bytes.length, segmentName(ref)));
  const file = new ReceivedSegment(ref, bytes.subarray(start), bytes.length, packing, begin);
  try {
    for (let range = file.needs; range !== undefined; range = file.needs) {
      yield* file.take(bytes.subarray(range.start, range.end));
    }
    yield* file.end();
  } catch (error) {
    file.discard();
    throw error;
  }
}

/**
 * Writes a segment without what redacted entries say of people.
 *
 * @param isRedacted whether the entry with an index was redacted.
 * @returns the segment with its new digest, or the same one if nothing was to be overwritten.
 * @throws {DamageError} if a part of it is damaged: heal it first.
 */
export function* redactSegment(
  { segments, packing, begin }: Rewriting,
  named: NamedSegment,
  isRedacted: (index: number) => boolean,
): FileSteps<SegmentRef> {
  const { ref, ref: { kind, number } } = named;
  const old = segments.open(named);
  if (kind !== segmentKinds.entries || !(old instanceof SealedSegment)) return ref;
  const file = begin();
  return yield* whole(file, copy(old));

  function* copy(before: SealedSegment): FileSteps<SegmentRef> {
    let now = before;
    let blockBytes = before.rangeOf(before.blocks - 1).end;
    let last: { readonly tail: Uint8Array; readonly digest: Uint8Array } | undefined;
    for (let block = 0; block < before.blocks; block++) {
      const packed = segments.packed(named, block);
      const erased = now.erased(block, packed, isRedacted);
      yield* file.add(erased?.packed ?? packed);
      if (erased === undefined) continue;
      // The footer names the digest of each block, so the next one is erased in the segment that this has made.
      blockBytes += erased.packed.length - packed.length;
      now = new SealedSegment(erased.tail, blockBytes + erased.tail.length, number, erased.digest, packing);
      last = erased;
    }
    if (last === undefined) {
      file.discard();
      return ref;
    }
    yield* file.add(last.tail);
    return yield* file.end(last.digest);
  }
}
