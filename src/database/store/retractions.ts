/**
 * Reports that were taken back, and what their sites show then.
 *
 * @module
 */

import { retractedEntriesMax } from "../../limits.ts";
import { entryKinds } from "../wire/entries.ts";
import { shownAfter } from "../wire/entry_fields.ts";
import type { PackedLog } from "./entry_log.ts";
import { EntryMarks } from "./entry_marks.ts";
import { LogEntry, noEntry } from "./log_entry.ts";
import type { Reports } from "./reports.ts";
import type { SiteTable } from "./site_table.ts";
import { noStrand } from "./strands.ts";

/** Which reports were taken back. */
export class Retractions {
  readonly #table: SiteTable;
  readonly #log: PackedLog;
  readonly #reports: Reports;
  readonly #marks = new EntryMarks();
  readonly #known = new LogEntry();

  /** Those in `log` about the sites of `table`, of which `reports` say what they show. */
  constructor(table: SiteTable, log: PackedLog, reports: Reports) {
    this.#table = table;
    this.#log = log;
    this.#reports = reports;
  }

  /** How many reports were taken back. */
  get size(): number {
    return this.#marks.size;
  }

  /** Whether the report with this index was taken back. */
  has(index: number): boolean {
    return this.#marks.has(index);
  }

  /** The index of the entry that takes back the report with this index; 0: none does. */
  find(index: number): number {
    return this.#marks.find(index);
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
    // No report before an entry was observed later than its reach.
    for (let place = table.head(site); place !== noEntry; place = known.previous) {
      // Most are neither reports nor in question: their texts are not read.
      this.#log.glance(place, known);
      if (known.reach < bestObservedAt) break;
      if (left-- === 0) return best === 0 ? shownAfter.unknown : shownAfter.report + best;
      const isBetter = known.kind === entryKinds.report && known.observedAt > bestObservedAt && known.index !== of;
      if (!isBetter || this.has(known.index)) continue;
      this.#log.read(place, known);
      if (reports.isOf(known, strand)) [best, bestObservedAt] = [known.index, known.observedAt];
    }
    return best === 0 ? shownAfter.nothing : shownAfter.report + best;
  }

  /** Takes back the report that an entry names: its source shows what that says. There must be room. */
  take({ site, of, shows, index }: LogEntry): void {
    this.#marks.add(of, index);
    if (shows === shownAfter.same) return;
    if (shows <= shownAfter.report) {
      return this.#reports.retract(site, of, undefined, shows === shownAfter.unknown);
    }
    this.#log.read(this.#log.placeOf(shows - shownAfter.report), this.#known);
    this.#reports.retract(site, of, this.#known, false);
  }
}
