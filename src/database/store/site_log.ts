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
  readonly table: SiteTable;
  /** The entries. */
  readonly log: PackedLog;
  /** The entries of each site. */
  readonly chains: Chains;
  /** The sites in the order of their names. */
  readonly order: SortedNames;
  readonly #aside: AsideIndex;
  readonly #known = new LogEntry();

  /**
   * Without sites and entries.
   *
   * @param size how many sites are expected; there may be more.
   * @param logBytes bytes of the log, at most; less than can be only where a test wants it full.
   */
  constructor(size = 0, logBytes = logBytesMax) {
    this.log = new PackedLog(logBytes);
    this.table = new SiteTable(size);
    this.chains = new Chains(this.table, this.log);
    this.order = new SortedNames((a, b) => this.table.compare(a, b));
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
      const { bytes, start, end } = entry.name;
      entry.site = table.next;
      chains.linkFirst(entry);
      table.add(bytes, start, end, entry.zip, this.log.append(entry));
      return;
    }
    const { kind, site } = entry;
    const reach = table.observedAt(site);
    entry.reach = reach;
    if (kind === entryKinds.report) observe(entry);
    chains.link(entry);
    const place = this.log.append(entry);
    chains.linked(entry, place);
    if (kind === entryKinds.retired) table.retire(site, place);
    else if (kind === entryKinds.reopened) table.reopen(site);
    else if (kind === entryKinds.documented) table.setDocument(site, place);
    else {
      const { observedAt, recordedAt, availability, unit } = entry;
      const isPlain = observedAt === recordedAt && entry.marked === 0;
      if (!entry.outOfDate) table.show(site, availability, unit, observedAt, place, entry.index, isPlain);
      if (entry.isExplicit && observedAt <= reach) this.#aside.add(entry, place);
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
    const shown = this.table.shown(site);
    if (shown !== noEntry && this.#isSame(shown, report)) return this.#known.index;
    if (observedAt > this.table.observedAt(site)) return 0;
    const first = this.chains.oldest(site, "reach", observedAt);
    if (this.#isSame(first, report)) return this.#known.index;
    const aside = this.#aside.find(report);
    if (aside !== noEntry && this.#isSame(aside, report)) return this.#known.index;
    return this.#isOfThatMoment(report) ? this.#known.index : 0;
  }

  #isOfThatMoment(report: LogEntry): boolean {
    const { site, observedAt } = report;
    const later = this.chains.oldest(site, "reach", observedAt + 1);
    let place = this.table.head(site);
    if (later !== noEntry) {
      this.log.read(later, this.#known);
      place = this.#known.previous;
    }
    for (let left = sameMomentMax; left > 0 && place !== noEntry; left--) {
      if (this.#isSame(place, report)) return true;
      if (this.#known.reach < observedAt) return false;
      place = this.#known.previous;
    }
    return false;
  }

  #isSame(place: LogPlace, report: LogEntry): boolean {
    const known = this.#known;
    this.log.read(place, known);
    return known.kind === entryKinds.report && saysTheSame(known, report);
  }
}

/** A report that has the newest observation of its site so far as its reach: says when it was observed itself. */
function observe(entry: LogEntry): void {
  const newest = entry.reach;
  if (!entry.isExplicit) entry.observedAt = observedByDefault(entry.recordedAt, newest);
  entry.outOfDate = isOutOfDate(entry.observedAt, newest);
  if (!entry.outOfDate) entry.reach = entry.observedAt;
}
