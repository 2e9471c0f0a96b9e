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

/** How much is sealed, such as `12 segments, 61 MB`. */
export function historyText({ segments, bytes }: Pick<HistoryFigures, "segments" | "bytes">): string {
  return `${segments} ${segments === 1 ? "segment" : "segments"}, ${amountOf(bytes)}`;
}

function amountOf(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e8) / 10} GB`;
}
