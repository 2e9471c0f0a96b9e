/**
 * The sealed history in a copy of the database: it is read where it is, checked, or put into the history of a replica.
 *
 * @module
 */

import { DamageError } from "../database/segments/damage.ts";
import type { FileSteps } from "../file_steps.ts";
import { segmentName, type SegmentRef } from "../history.ts";
import type { CopyContents } from "./copy_contents.ts";
import { RefusedBytesError } from "./history_errors.ts";
import { finished } from "./history_files.ts";
import { HistoryStore } from "./history_store.ts";
import { wholeName } from "./segment_names.ts";
import { zstdPacking } from "./zstd_packing.ts";

/** The history in a copy, to be read. All that is damaged shows when it is read, or by {@link checkingHistory}. */
export function historyIn(contents: CopyContents): HistoryStore {
  const { files, segments } = contents;
  return finished(files, HistoryStore.open(files, zstdPacking, segments));
}

/** Whether an error says that a copy is not what was sealed, and nothing of the disk. */
export function isUnsound(error: unknown): error is Error {
  return error instanceof DamageError || error instanceof RefusedBytesError;
}

/** Why a copy does not have just the segments that its state names; undefined: it has. */
export function whyNotNamed({ segments }: CopyContents, named: readonly SegmentRef[]): string | undefined {
  const there = new Set(segments.map(wholeName));
  const missing = named.find((ref) => !there.has(wholeName(ref)));
  if (missing !== undefined) return `its state names ${segmentName(missing)}, which is not there`;
  const wanted = new Set(named.map(wholeName));
  const extra = segments.find((ref) => !wanted.has(wholeName(ref)));
  return extra === undefined ? undefined : `it has ${segmentName(extra)}, which its state does not name`;
}

/**
 * Compares all of a history with the digests of its segments, a block in each step.
 *
 * @param onBytes is called with the bytes that a step has read.
 * @returns what is damaged, as a sentence; undefined: nothing is.
 */
export function* checkingHistory(
  history: HistoryStore,
  onBytes: (bytes: number) => void = () => {},
): Generator<void, string | undefined> {
  for (const place of history.named) {
    const { bytes, blocks } = history.check(place, "file");
    onBytes(bytes);
    for (let block = 0; block < blocks; block++) {
      onBytes(history.check(place, block).bytes);
      yield;
    }
    const [damage] = history.damages;
    if (damage !== undefined) return damage.message;
    yield;
  }
}

/**
 * Puts the history of a copy into that of a replica: when this returns, all of it is on the disk and named, and nothing
 * else is.
 *
 * @param onSegment is called when a segment is on the disk.
 * @throws {DamageError} if a part of it is damaged.
 * @throws {StorageError} if the disk does not take it.
 */
export function* copyingHistory(
  from: HistoryStore,
  to: HistoryStore,
  onSegment: (segment: SegmentRef) => void = () => {},
): FileSteps<void> {
  for (const ref of from.named) {
    const segment = to.receive(ref, from.tail(ref), from.fileBytes(ref));
    try {
      for (let block = 0; segment.needs !== undefined; block++) yield* segment.take(from.packed(ref, block));
      yield* segment.end();
    } finally {
      segment.discard();
    }
    onSegment(ref);
  }
  yield* to.restored(from.named);
}
