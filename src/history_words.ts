/**
 * The sealed history of a replica in words, for every place that says how a cluster is.
 *
 * @module
 */

import type { HistoryFigures } from "./history.ts";

/** Below this share of free room, it is time to do something. */
const lowShare = 0.1;

/** Whether the disk of the files is nearly full. */
export function isDiskLow({ freeBytes, diskBytes }: Pick<HistoryFigures, "freeBytes" | "diskBytes">): boolean {
  return diskBytes > 0 && freeBytes < lowShare * diskBytes;
}

/** How full the disk of the history is, with the least share of its room left. */
export interface DiskFullness {
  /** From 0 to 100; 100 only if it is full. */
  readonly percent: number;
  /** Bytes that may still be written to it. */
  readonly freeBytes: number;
  /** Whether it is nearly full. */
  readonly isWarning: boolean;
  /** One sentence without a full stop. */
  readonly text: string;
}

/** How full the disk of several replicas is that is the fullest; undefined: nobody says, or they have none. */
export function fullestDisk(histories: readonly (HistoryFigures | undefined)[]): DiskFullness | undefined {
  const disks = histories.filter((it) => it !== undefined).filter((it) => it.diskBytes > 0);
  const [fullest] = disks.toSorted((one, other) => one.freeBytes / one.diskBytes - other.freeBytes / other.diskBytes);
  if (fullest === undefined) return undefined;
  const { freeBytes, diskBytes } = fullest;
  const percent = Math.floor(100 * Math.max(0, 1 - freeBytes / diskBytes));
  const isWarning = isDiskLow(fullest);
  const wayOut = "; make room: a replica whose disk stays full ends (see docs/operations/full_log.md)";
  const text = `The disk is ${percent} % full: ${amountOf(freeBytes)} are free${isWarning ? wayOut : ""}`;
  return { percent, freeBytes, isWarning, text };
}

/** What the owner of a disk must know of the history on it: sentences without a full stop. */
export function historyWarnings(history: HistoryFigures): string[] {
  const { freeBytes, diskBytes, damaged, damages, failure } = history;
  const warnings: string[] = [];
  if (failure !== undefined) warnings.push(failure.replace(/\.$/, ""));
  if (isDiskLow(history)) {
    const percent = Math.floor(100 * freeBytes / diskBytes);
    warnings.push(`The disk of its history has ${percent} % of its room left (${amountOf(freeBytes)}): make room`);
  }
  warnings.push(...damages.map((damage) => damage.replace(/\.$/, "")));
  const more = damaged - damages.length;
  if (more > 0) warnings.push(`${more} more ${more === 1 ? "part" : "parts"} of its history are damaged`);
  return warnings;
}

/** How much is sealed and how much waits for that, such as `12 segments, 61 MB; 5 MB wait`. */
export function historyText(
  { segments, bytes, unsealedBytes }: Pick<HistoryFigures, "segments" | "bytes" | "unsealedBytes">,
): string {
  const waiting = unsealedBytes === 0 ? "" : `; ${amountOf(unsealedBytes)} wait`;
  return `${segments} ${segments === 1 ? "segment" : "segments"}, ${amountOf(bytes)}${waiting}`;
}

/** An amount of bytes for people, such as `40 GB`. */
export function amountOf(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e8) / 10} GB`;
}
