/**
 * What a replica says of its files in words, for every place that says how a cluster is.
 *
 * @module
 */

import type { HistoryFigures } from "./history.ts";
import { historyWarnings } from "./history_words.ts";

/** What a replica says of its files, except those of its sealed history. */
export interface FilesFigures {
  /** Whether its log cannot be written now. */
  readonly isLogFailing: boolean;
  /** Lines that its log lacks, since it began. */
  readonly logMissing: number;
  /** Whether its disk has so little room that it takes no changes. */
  readonly isShort: boolean;
  /** Microseconds that a commit takes on its disk, as a mean of the last ones; 0: there was none. */
  readonly commitMicros: number;
}

/** What the owner of the files of a replica must know: sentences without a full stop. */
export function filesWarnings({ isLogFailing, logMissing, isShort }: FilesFigures): string[] {
  const warnings: string[] = [];
  if (isShort) warnings.push("Its disk has too little room: it takes no changes, and answers reads; make room");
  if (!isLogFailing && logMissing === 0) return warnings;
  const lines = `${logMissing} ${logMissing === 1 ? "line is" : "lines are"} missing in it`;
  const log = isLogFailing
    ? `Its log cannot be written, and ${lines}: make room`
    : `Its log could not be written: ${lines}`;
  return [...warnings, log];
}

/** The same of all its files; undefined: it says nothing. */
export function warningsOf(
  said: { readonly history?: HistoryFigures; readonly files?: FilesFigures } | undefined,
): string[] {
  const { history, files } = said ?? {};
  return [
    ...history === undefined ? [] : historyWarnings(history),
    ...files === undefined ? [] : filesWarnings(files),
  ];
}

/** Microseconds of a commit below which no disk is called slow: that is a disk that turns, and no trouble. */
const slowMicrosMin = 20_000;

/** How many times as long as the others a slow disk takes, at least. */
const slowFactor = 4;

/**
 * Names the replica whose disk is slow against those of the others, as a sentence without a full stop; undefined: there
 * is none, or nothing to compare it with.
 *
 * @param replicas those that say how they are.
 */
export function slowDiskText(
  replicas: readonly { readonly slot: number; readonly files?: FilesFigures }[],
): string | undefined {
  const disks = replicas.flatMap(({ slot, files }) =>
    files === undefined || files.commitMicros === 0 ? [] : [{ slot, micros: files.commitMicros }]
  );
  const [slowest, ...others] = disks.toSorted((one, other) => other.micros - one.micros);
  const usual = others.at((others.length - 1) >> 1)?.micros;
  if (usual === undefined || slowest.micros < Math.max(slowMicrosMin, slowFactor * usual)) return undefined;
  const [slow, quick] = [slowest.micros, usual].map((micros) => `${Math.ceil(micros / 100) / 10} ms`);
  return `The disk of replica ${slowest.slot} is slow: a commit takes ${slow}, and ${quick} on those of others`;
}
