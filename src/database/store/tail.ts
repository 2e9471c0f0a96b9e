/**
 * The tail of the log: its last entries, which commands find by their indices.
 *
 * The log is cut into segments of N entries each. With k the segment of the last entry, the segments up to k - 2 are
 * old. Only old segments may be sealed, and a sealed segment finds no entry by its index. So an old entry is found by
 * its site. Which entries are old follows from the log alone, and not from what a replica has sealed.
 *
 * @module
 */

/**
 * The index of the last old entry of a log; 0: all entries are in the tail.
 *
 * @param last the index of its last entry.
 * @param segmentEntries entries of a segment.
 */
export function lastOldEntry(last: number, segmentEntries: number): number {
  return Math.max(0, Math.ceil(last / segmentEntries) - 2) * segmentEntries;
}
