/**
 * When the entries of a block were, and at which index: what the columns say by differences from what is expected.
 *
 * Each function reads the entries up to `end`, where a run ends, into an array that has room for them.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";
import { timeMsMax } from "../../limits.ts";
import { entryKinds } from "../wire/entries.ts";
import type { BlockRuns } from "./block_runs.ts";
import { isObserved } from "./block_writer.ts";
import { beforeStates, checked, type EntryColumn, entryMarks, ReadResiduals } from "./columns.ts";

/** Reads the offset of the first entry of a block. */
export function readFirstOffset(firsts: ByteReader): number {
  return new ReadResiduals(firsts, 1, false).next();
}

/**
 * Reads the offsets of entries in their segment.
 *
 * @param entries how many entries the segment has.
 */
export function readOffsets(
  named: Record<EntryColumn, ByteReader>,
  { starts }: BlockRuns,
  end: number,
  entries: number,
  offsets: Uint32Array,
): void {
  const [firsts, steps] = [new ReadResiduals(named.first, 1, false), new ReadResiduals(named.step, 2, true, named.low)];
  let [priorStart, priorCount, firstOffset] = [0, 0, 0];
  for (let run = 0; starts[run] < end; run++) {
    const [start, next] = [starts[run], starts[run + 1]];
    firstOffset += firsts.next();
    let offset = offsets[start] = checked(firstOffset, entries - 1, "an index");
    for (let at = start + 1; at < next; at++) {
      const position = at - start;
      const prior = priorStart + position;
      const isToldByPrior = steps.way === 1 && position < priorCount;
      offset += 1 + steps.next() + (isToldByPrior ? offsets[prior] - offsets[prior - 1] - 1 : 0);
      if (!(offset > offsets[at - 1])) throw new DecodeError("the entries of a site are not in order");
      offsets[at] = checked(offset, entries - 1, "an index");
    }
    priorStart = start;
    priorCount = next - start;
  }
}

/** Whether an entry is told in the column of times, by its kind and its marks. */
function isTold(kindBits: number, marks: number): boolean {
  const kind = kindBits & 15;
  if (kind === entryKinds.report) return (marks & entryMarks.told) !== 0;
  return kind === entryKinds.confirmed || (kind === entryKinds.documented && (marks & entryMarks.explicit) !== 0);
}

/** Reads when entries were observed, confirmed or made; 0 where nothing says so. */
export function readTimes(
  reader: ByteReader,
  { starts }: BlockRuns,
  kinds: Uint8Array,
  marks: Uint8Array,
  recordedAt: Float64Array,
  end: number,
  times: Float64Array,
): void {
  const residuals = new ReadResiduals(reader, 3, false);
  const { way } = residuals;
  let [priorStart, priorCount, priorFirst] = [0, 0, -1];
  for (let run = 0; starts[run] < end; run++) {
    const [start, next] = [starts[run], starts[run + 1]];
    let [inRun, first] = [-1, -1];
    for (let at = start; at < next; at++) {
      if (!isTold(kinds[at], marks[at])) {
        times[at] = isObserved(kinds[at] & 15) ? recordedAt[at] : 0;
        continue;
      }
      let expected = recordedAt[at];
      if (way > 0) {
        const before = inRun >= 0 ? inRun : priorFirst;
        if (before >= 0) expected = before;
        const prior = priorStart + at - start;
        if (way === 2 && at - start < priorCount && isTold(kinds[prior], marks[prior])) expected = times[prior];
      }
      inRun = times[at] = checked(expected + residuals.next(), timeMsMax, "a time");
      if (first < 0) first = inRun;
    }
    priorStart = start;
    priorCount = next - start;
    if (first >= 0) priorFirst = first;
  }
}

/** Reads the newest observation of the site with each entry. */
export function readReaches(
  reader: ByteReader,
  runs: BlockRuns,
  kinds: Uint8Array,
  times: Float64Array,
  recordedAt: Float64Array,
  end: number,
  reaches: Float64Array,
): void {
  const residuals = new ReadResiduals(reader, 2, false);
  const { starts } = runs;
  let stored = -1;
  for (let run = 0; starts[run] < end; run++) {
    const [start, next] = [starts[run], starts[run + 1]];
    const state = runs.stateOf(run);
    const kind = kinds[start] & 15;
    let reach = 0;
    if (state === beforeStates.raised) {
      if (kind !== entryKinds.report) throw new DecodeError("an entry that reports nothing is a newest observation");
      reach = times[start];
    } else if (state === beforeStates.stored) {
      const own = isObserved(kind) ? times[start] : recordedAt[start];
      const expected = residuals.way === 0 ? own : stored < 0 ? recordedAt[start] : stored;
      stored = reach = checked(expected - residuals.next(), timeMsMax, "a time");
    }
    reaches[start] = reach;
    for (let at = start + 1; at < next; at++) {
      if ((kinds[at] & 15) === entryKinds.report && times[at] > reach) reach = times[at];
      reaches[at] = reach;
    }
  }
}
