/**
 * The sites and the log of what happened to them. The log is the truth: everything else follows from it.
 *
 * The caller has checked its arguments; each method does its work whole.
 *
 * @module
 */

import { logBytesMax, sameMomentMax } from "../../limits.ts";
import { AsideIndex, saysTheSame } from "./aside_index.ts";
import { Chains } from "./chains.ts";
import { entryKinds } from "../wire/entries.ts";
import { PackedLog } from "./entry_log.ts";
import { LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { isOutOfDate, observedByDefault } from "../site_rules.ts";
import { SiteTable } from "./site_table.ts";
import { SortedNames } from "./sorted_names.ts";

/** All sites, their order, and all entries. */
export class SiteLog {
  /** The sites as they are. */
  readonly table: SiteTable = new SiteTable();
  /** The entries. */
  readonly log: PackedLog;
  /** The entries of each site. */
  readonly chains: Chains;
  /** The sites in the order of their names. */
  readonly order: SortedNames = new SortedNames((a, b) => this.table.compare(a, b));
  readonly #aside: AsideIndex;
  readonly #known = new LogEntry();

  /**
   * Without sites and entries.
   *
   * @param logBytes bytes of the log, at most; less than can be only where a test wants it full.
   */
  constructor(logBytes = logBytesMax) {
    this.log = new PackedLog(logBytes);
    this.chains = new Chains(this.table, this.log);
    this.#aside = new AsideIndex(this.log);
  }

  /** Whether there is room for an entry, and for the site that it adds. */
  hasRoom(entry: LogEntry): boolean {
    return this.log.hasRoom(entry.bytesMax) &&
      (entry.kind !== entryKinds.added || this.table.hasRoom(entry.name.length));
  }

  /**
   * Does what an entry says, for which there is room. A report is shown unless something newer is known. A site that is
   * added is not put in order yet; its place is set in the entry.
   */
  record(entry: LogEntry): void {
    const { table, chains } = this;
    if (entry.kind === entryKinds.added) {
      entry.site = table.next;
      table.add(entry, chains.appendFirst(entry));
      return;
    }
    const { kind, site } = entry;
    const reach = table.observedAt(site);
    entry.reach = reach;
    if (kind === entryKinds.report) observe(entry);
    const place = chains.append(entry);
    if (kind === entryKinds.retired) table.retire(site, place);
    else if (kind === entryKinds.reopened) table.reopen(site);
    else if (kind === entryKinds.documented) table.setDocument(site, place);
    else {
      if (!entry.outOfDate) table.show(entry, place);
      if (entry.isExplicit && entry.observedAt <= reach) this.#aside.add(entry, place);
    }
  }

  /**
   * The index of a report of the site that says the same as an explicit one, wherever in the history it is, or 0.
   *
   * Those that brought a newer observation are in the order of their observations, and the other explicit ones in an
   * index of their own. Plain reports of the moment of another one remain; it looks at the newest of these.
   */
  findSame(report: LogEntry): number {
    const { site, observedAt } = report;
    const { table, chains } = this;
    const shown = this.#same(table.shown(site), report);
    if (shown !== 0 || observedAt > table.observedAt(site)) return shown;
    return this.#same(chains.oldest(site, "reach", observedAt), report) ||
      this.#same(this.#aside.find(report), report) || this.#sameOfThatMoment(report);
  }

  #sameOfThatMoment(report: LogEntry): number {
    const { site, observedAt } = report;
    const later = this.chains.oldest(site, "reach", observedAt + 1);
    let place = this.table.head(site);
    if (later !== noEntry) {
      this.log.read(later, this.#known);
      place = this.#known.previous;
    }
    for (let left = sameMomentMax; left > 0 && place !== noEntry; left--) {
      const same = this.#same(place, report);
      if (same !== 0 || this.#known.reach < observedAt) return same;
      place = this.#known.previous;
    }
    return 0;
  }

  /** The index of the entry at a place, if there is one that says the same as a report; else 0. */
  #same(place: LogPlace, report: LogEntry): number {
    if (place === noEntry) return 0;
    const known = this.#known;
    this.log.read(place, known);
    return known.kind === entryKinds.report && saysTheSame(known, report) ? known.index : 0;
  }
}

/** A report that has the newest observation of its site so far as its reach: says when it was observed itself. */
function observe(entry: LogEntry): void {
  const newest = entry.reach;
  if (!entry.isExplicit) entry.observedAt = observedByDefault(entry.recordedAt, newest);
  entry.outOfDate = isOutOfDate(entry.observedAt, newest);
  if (!entry.outOfDate) entry.reach = entry.observedAt;
}
