/**
 * When the entries of a block were, and at which index: what the columns say by differences from what is expected.
 *
 * Each function fills an array for the entries from `start` to `end`, where runs begin and end, and for those before
 * them as far as these tell what is expected.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";
import { timeMsMax } from "../../limits.ts";
import { entryKinds } from "../wire/entries.ts";
import type { Anchors } from "./anchors.ts";
import type { BlockRuns } from "./block_runs.ts";
import { blockEntriesMax, isObserved } from "./block_writer.ts";
import { beforeStates, checked, type EntryColumn, entryMarks, ReadResiduals, unfolded } from "./columns.ts";

/** Differences, as they are read. A block is read at once, so all share these. */
const [differences, firstDifferences] = [new Float64Array(blockEntriesMax), new Float64Array(blockEntriesMax)];

/** For each entry, whether it is told in the column of times: the same. */
const areTold = new Uint8Array(blockEntriesMax);

/** Reads the offset of the first entry of a block. */
export function readFirstOffset(firsts: ByteReader): number {
  new ReadResiduals(firsts, 1, false).read(firstDifferences, 1);
  return firstDifferences[0];
}

/**
 * Reads the offsets of entries in their segment, of all up to `end`.
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
  let runs = 0;
  while (starts[runs] < end) runs++;
  new ReadResiduals(named.first, 1, false).read(firstDifferences, runs);
  const steps = new ReadResiduals(named.step, 2, true, named.low);
  steps.read(differences, end - runs);
  const isToldByPrior = steps.way === 1;
  let [priorStart, priorCount, firstOffset, read] = [0, 0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const [start, next] = [starts[run], starts[run + 1]];
    firstOffset += firstDifferences[run];
    let offset = offsets[start] = checked(firstOffset, entries - 1, "an index");
    for (let at = start + 1; at < next; at++) {
      const position = at - start;
      const before = offset;
      offset += 1 + differences[read++];
      if (isToldByPrior && position < priorCount) {
        const prior = priorStart + position;
        offset += offsets[prior] - offsets[prior - 1] - 1;
      }
      if (!(offset > before)) throw new DecodeError("the entries of a site are not in order");
      offsets[at] = checked(offset, entries - 1, "an index");
    }
    priorStart = start;
    priorCount = next - start;
  }
}

/** When entries were recorded. */
export class RecordedTimes {
  readonly #anchors: Anchors;
  readonly #offsets: Uint32Array;
  readonly #from: number;
  readonly #times: Float64Array;

  /** Reads those of all entries up to `end`. @param times is filled. */
  constructor(
    reader: ByteReader,
    anchors: Anchors,
    offsets: Uint32Array,
    [from, end]: readonly [number, number],
    times: Float64Array,
  ) {
    this.#anchors = anchors;
    this.#offsets = offsets;
    this.#from = from;
    this.#times = times;
    // Those before `from` stay differences, until somebody asks for one of them.
    reader.varints(times, end);
    for (let at = from; at < end; at++) times[at] = this.#timeOf(at);
  }

  /** That of the entry at a place of the block. */
  at(at: number): number {
    return at < this.#from ? this.#timeOf(at) : this.#times[at];
  }

  #timeOf(at: number): number {
    return checked(this.#anchors.at(this.#offsets[at]) + unfolded(this.#times[at]), timeMsMax, "a time");
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
  recorded: RecordedTimes,
  [from, end]: readonly [number, number],
  times: Float64Array,
): void {
  const residuals = new ReadResiduals(reader, 3, false);
  const { way } = residuals;
  let [told, toldBefore] = [0, 0];
  for (let at = 0; at < end; at++) {
    if (at === from) toldBefore = told;
    const count = areTold[at] = isTold(kinds[at], marks[at]) ? 1 : 0;
    told += count;
  }
  residuals.read(differences, told);
  let [priorStart, priorCount, priorFirst, read, run] = [0, 0, -1, 0, 0];
  // Where each is told by itself, nothing is needed of those before.
  if (way === 0) {
    read = toldBefore;
    while (starts[run] < from) run++;
  }
  for (; starts[run] < end; run++) {
    const [start, next] = [starts[run], starts[run + 1]];
    let [inRun, first] = [-1, -1];
    for (let at = start; at < next; at++) {
      if (areTold[at] === 0) {
        if (at >= from) times[at] = isObserved(kinds[at] & 15) ? recorded.at(at) : 0;
        continue;
      }
      let expected = -1;
      if (way > 0) {
        expected = inRun >= 0 ? inRun : priorFirst;
        const prior = priorStart + at - start;
        if (way === 2 && at - start < priorCount && areTold[prior] === 1) expected = times[prior];
      }
      if (expected < 0) expected = recorded.at(at);
      inRun = times[at] = checked(expected + differences[read++], timeMsMax, "a time");
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
  recorded: RecordedTimes,
  [from, end]: readonly [number, number],
  reaches: Float64Array,
): void {
  const residuals = new ReadResiduals(reader, 2, false);
  const { starts } = runs;
  let told = 0;
  for (let run = 0; starts[run] < end; run++) if (runs.stateOf(run) === beforeStates.stored) told++;
  residuals.read(differences, told);
  let [stored, read] = [-1, 0];
  for (let run = 0; starts[run] < end; run++) {
    const [start, next] = [starts[run], starts[run + 1]];
    const state = runs.stateOf(run);
    const kind = kinds[start] & 15;
    const isWanted = start >= from;
    let reach = 0;
    if (state === beforeStates.stored) {
      const difference = differences[read++];
      if (residuals.way > 0 || isWanted) {
        const isTime = residuals.way === 0 && isObserved(kind);
        const expected = isTime ? times[start] : residuals.way === 0 || stored < 0 ? recorded.at(start) : stored;
        stored = reach = checked(expected - difference, timeMsMax, "a time");
      }
    }
    if (!isWanted) continue;
    if (state === beforeStates.raised) {
      if (kind !== entryKinds.report) throw new DecodeError("an entry that reports nothing is a newest observation");
      reach = times[start];
    }
    reaches[start] = reach;
    for (let at = start + 1; at < next; at++) {
      if ((kinds[at] & 15) === entryKinds.report && times[at] > reach) reach = times[at];
      reaches[at] = reach;
    }
  }
}
