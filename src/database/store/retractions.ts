/**
 * Reports that were taken back, and what their sites show then.
 *
 * @module
 */

import { retractedEntriesMax, retractedSegmentsMax } from "../../limits.ts";
import { entryKinds } from "../wire/entries.ts";
import { shownAfter } from "../wire/entry_fields.ts";
import type { PackedLog } from "./entry_log.ts";
import { EntryMarks } from "./entry_marks.ts";
import { LogEntry } from "./log_entry.ts";
import type { Reports } from "./reports.ts";
import { noPlace } from "./site_run.ts";
import type { SiteHistory } from "./site_history.ts";
import type { SiteTable } from "./site_table.ts";
import { noStrand } from "./strands.ts";

/** Which reports were taken back. */
export class Retractions {
  readonly #table: SiteTable;
  readonly #log: PackedLog;
  readonly #reports: Reports;
  readonly #history: SiteHistory;
  /** The reports that were taken back, each by an entry. */
  readonly marks: EntryMarks = new EntryMarks();
  readonly #known = new LogEntry();
  /** The report that was found last. */
  readonly #found = new LogEntry();

  /** Those in `log` about the sites of `table`, of which `reports` say what they show; `history` has them by site. */
  constructor(table: SiteTable, log: PackedLog, reports: Reports, history: SiteHistory) {
    this.#table = table;
    this.#log = log;
    this.#reports = reports;
    this.#history = history;
  }

  /** How many reports were taken back. */
  get size(): number {
    return this.marks.size;
  }

  /** Whether the report with this index was taken back. */
  has(index: number): boolean {
    return this.marks.has(index);
  }

  /** The index of the entry that takes back the report with this index; 0: none does. */
  find(index: number): number {
    return this.marks.find(index);
  }

  /**
   * What the source of a report shows when an entry takes that back: one of {@link shownAfter}, or the index of another
   * report, added to the last one.
   */
  shownWithout({ site, of }: LogEntry): number {
    const [table, reports] = [this.#table, this.#reports];
    const strand = reports.strandSaying(site, of);
    const isSaid = table.hasStrands(site) ? strand !== noStrand : table.shownIndex(site) === of;
    if (!isSaid) return shownAfter.same;
    const known = this.#known;
    let [best, bestObservedAt] = [0, -1];
    let left = retractedEntriesMax;
    let segmentsLeft = retractedSegmentsMax;
    const unknown = () => best === 0 ? shownAfter.unknown : shownAfter.report + best;
    for (let segment = table.lastSegment(site); segment > 0;) {
      if (segment <= this.#log.lastOld && segmentsLeft-- === 0) return unknown();
      const run = this.#history.runIn(site, segment)!;
      for (let place = run.newest; place !== noPlace; place = run.previous(place)) {
        // Most are neither reports nor in question: their texts are not read.
        run.glance(place, known);
        // No report before an entry was observed later than its reach.
        if (known.reach < bestObservedAt) return unknown();
        if (left-- === 0) return unknown();
        const isBetter = known.kind === entryKinds.report && known.observedAt > bestObservedAt && known.index !== of;
        if (!isBetter || this.has(known.index)) continue;
        run.read(place, known);
        if (!reports.isOf(known, strand)) continue;
        [best, bestObservedAt] = [known.index, known.observedAt];
        run.read(place, this.#found);
      }
      segment = run.segmentBefore;
    }
    return best === 0 ? shownAfter.nothing : shownAfter.report + best;
  }

  /** Takes back the report that an entry names: its source shows what that says. There must be room. */
  take({ site, of, shows, index }: LogEntry): void {
    this.marks.add(of, index);
    if (shows === shownAfter.same) return;
    if (shows <= shownAfter.report) {
      return this.#reports.retract(site, of, undefined, shows === shownAfter.unknown);
    }
    // The search has just read it.
    if (this.#found.index !== shows - shownAfter.report) throw new Error(`entry ${index} shows what was not searched`);
    this.#reports.retract(site, of, this.#found, false);
  }
}
