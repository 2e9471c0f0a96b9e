/**
 * Reports that say the same, whoever said it and whenever: an explicit report that is there already is not recorded.
 *
 * Those that brought a newer observation are in the order of their observations, and the other explicit ones have an
 * index of their own in each segment (`aside_index.ts`, and in a sealed segment `aside_filter.ts`). Plain reports of
 * the moment of another one remain; it looks at the newest of these.
 *
 * @module
 */

import { sameMomentMax } from "../../limits.ts";
import { entryKinds } from "../wire/entries.ts";
import { AsideIndex, saysTheSame, saysTheSameNumbers } from "./aside_index.ts";
import type { PackedLog } from "./entry_log.ts";
import type { EntryMarks } from "./entry_marks.ts";
import { LogEntry, type LogPlace } from "./log_entry.ts";
import { noPlace, type RunPlace, type SiteRun } from "./site_run.ts";
import type { Retractions } from "./retractions.ts";
import { SealedRun } from "./sealed_run.ts";
import type { SiteHistory } from "./site_history.ts";

/** Finds reports by what they say. */
export class SameReports {
  readonly #log: PackedLog;
  readonly #history: SiteHistory;
  readonly #retractions: Retractions;
  readonly #redactions: EntryMarks;
  /** The explicit reports that brought no newer observation, of each segment in memory. */
  readonly #aside = new Map<number, AsideIndex>();
  readonly #known = new LogEntry();

  /** Those of `history`, whose entries in memory are in `log`; some were taken back, and some redacted. */
  constructor(log: PackedLog, history: SiteHistory, retractions: Retractions, redactions: EntryMarks) {
    this.#log = log;
    this.#history = history;
    this.#retractions = retractions;
    this.#redactions = redactions;
  }

  /** An explicit report at `place` brought no newer observation. */
  addAside(report: LogEntry, place: LogPlace): void {
    const segment = this.#log.segmentOf(report.index);
    this.#aside.getOrInsertComputed(segment, () => new AsideIndex(this.#log, this.#retractions)).add(report, place);
  }

  /** The entry with this index, at `place` in memory, will say something else, which nobody reports. */
  forget(index: number, place: LogPlace): void {
    this.#aside.get(this.#log.segmentOf(index))?.forget(place);
  }

  /** The reports of a segment are not in memory any more. */
  drop(segment: number): void {
    this.#aside.delete(segment);
  }

  /**
   * The index of a report of a site that says the same as an explicit one, or 0.
   *
   * @throws {crowdedHistory} if that needs too much of the old history.
   */
  find(report: LogEntry): number {
    const { site, observedAt } = report;
    const known = this.#known;
    let left = sameMomentMax;
    let run = this.#history.lastInTail(site);
    while (run !== undefined) {
      const same = this.#findIn(run, report, left);
      // A run in the tail tells what the one before it reaches.
      if (same !== 0 || run.reachBefore < observedAt) return same;
      left = this.#left;
      run = this.#history.beforeInTail(run);
    }
    for (let segment = this.#history.lastOldSegment(site); segment > 0;) {
      const old = this.#history.runIn(site, segment)!;
      old.glance(old.newest, known);
      if (known.reach < observedAt) return 0;
      const same = this.#findIn(old, report, left);
      if (same !== 0) return same;
      left = this.#left;
      segment = old.segmentBefore;
    }
    return 0;
  }

  /** How many entries of the moment may still be looked at. */
  #left = 0;

  #findIn(run: SiteRun, report: LogEntry, left: number): number {
    const { observedAt } = report;
    const aside = run instanceof SealedRun ? this.#asideIn(run, report) : this.#asideInMemory(run, report);
    if (aside !== 0) return aside;
    const known = this.#known;
    const later = run.reaching(observedAt + 1);
    const first = run.reaching(observedAt);
    let place = later === noPlace ? run.newest : run.previous(later);
    for (; left > 0 && place !== noPlace; left--, place = run.previous(place)) {
      run.glance(place, known);
      if (known.reach < observedAt) break;
      const same = this.#same(run, place, report);
      if (same !== 0) return same;
    }
    this.#left = left;
    return first === noPlace ? 0 : this.#same(run, first, report);
  }

  #asideInMemory(run: SiteRun, report: LogEntry): number {
    const place = this.#aside.get(run.segment)?.find(report) ?? 0;
    return place === 0 ? 0 : this.#same(run, place, report);
  }

  #asideIn(run: SealedRun, report: LogEntry): number {
    if (!run.mayHaveAside(report)) return 0;
    const known = this.#known;
    for (let place = run.newest; place !== noPlace; place = run.previous(place)) {
      run.glance(place, known);
      if (known.reach < report.observedAt) return 0;
      if (known.kind !== entryKinds.report || !known.isExplicit) continue;
      const same = this.#same(run, place, report);
      if (same !== 0) return same;
    }
    return 0;
  }

  /** The index of the report at a place, if it says the same and was not taken back; else 0. */
  #same(run: SiteRun, place: RunPlace, report: LogEntry): number {
    const known = this.#known;
    run.glance(place, known);
    if (known.kind !== entryKinds.report || !saysTheSameNumbers(known, report)) return 0;
    run.read(place, known);
    if (!saysTheSame(known, report) || this.#retractions.has(known.index)) return 0;
    // A note that was redacted says nothing, whether it was overwritten already or not.
    return known.note.length > 0 && this.#redactions.has(known.index) ? 0 : known.index;
  }
}
