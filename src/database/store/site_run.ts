/**
 * The entries of a site in one segment, wherever that is kept.
 *
 * @module
 */

import type { LogEntry } from "./log_entry.ts";

/** Which entry of a run: a number that only the run understands. */
export type RunPlace = number;

/** Says that there is no such entry in a run. */
export const noPlace: RunPlace = -1;

/** The entries of a site in a segment; there is one at least. */
export interface SiteRun {
  /** The number of the segment. */
  readonly segment: number;
  /** The segment with the entries of the site before these; 0: there is none. */
  readonly segmentBefore: number;
  /** The newest entry of the run. */
  readonly newest: RunPlace;
  /** The entry before one of the run, or {@link noPlace}. */
  previous(place: RunPlace): RunPlace;
  /** The newest entry before an index, or {@link noPlace}. */
  before(index: number): RunPlace;
  /** The oldest entries after an index, `most` of them at most, from the newest to the oldest. */
  after(index: number, most: number): RunPlace[];
  /** The oldest entry whose reach is at least that, or {@link noPlace}. */
  reaching(reach: number): RunPlace;
  /** Reads an entry; its texts are views, which are good for ever. */
  read(place: RunPlace, entry: LogEntry): void;
  /** Reads the index, the kind and the reach of an entry, and the numbers of a report. */
  glance(place: RunPlace, entry: LogEntry): void;
}
