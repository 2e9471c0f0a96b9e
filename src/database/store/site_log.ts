/**
 * The sites and the log of what happened to them. The log is the truth: everything else follows from it.
 *
 * The caller has checked its arguments; each method does its work whole.
 *
 * @module
 */

import { logBytesMax, sameMomentMax } from "../../limits.ts";
import { AsideIndex, saysTheSame, saysTheSameNumbers } from "./aside_index.ts";
import { Chains } from "./chains.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks } from "../wire/entry_fields.ts";
import { PackedLog } from "./entry_log.ts";
import { EntryMarks } from "./entry_marks.ts";
import { LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { IdentifierIndex } from "./identifier_index.ts";
import { isOutOfDate, observedByDefault } from "../site_rules.ts";
import { Merges } from "./merges.ts";
import { PublishedIds } from "./published_ids.ts";
import { Reports } from "./reports.ts";
import { Retractions } from "./retractions.ts";
import { noSite, type SitePlace } from "./site_record.ts";
import { SiteTable } from "./site_table.ts";
import { SortedNames } from "./sorted_names.ts";

const nothing = new Uint8Array(0);

/** All sites, their order, and all entries. */
export class SiteLog {
  /** The sites as they are. */
  readonly table: SiteTable = new SiteTable();
  /** The entries. */
  readonly log: PackedLog;
  /** The entries of each site. */
  readonly chains: Chains;
  /** What reports make of the sites. */
  readonly reports: Reports;
  /** Which sites are aliases of others. */
  readonly merges: Merges;
  /** The sites that are not aliases, in the order of their names. */
  readonly order: SortedNames = new SortedNames((a, b) => this.table.compare(a, b));
  /** The identifiers that sites have. */
  readonly identifiers: IdentifierIndex;
  /** The ids under which sites are published. */
  readonly published: PublishedIds;
  /** The reports that were taken back. */
  readonly retractions: Retractions;
  /** The entries that were redacted. */
  readonly redactions: EntryMarks;
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
    this.reports = new Reports(this.table, this.log);
    this.merges = new Merges(this.table, (site) => this.reports.asOf(site));
    this.identifiers = new IdentifierIndex(this.log);
    this.published = new PublishedIds(this.table, this.log);
    this.retractions = new Retractions(this.table, this.log, this.reports);
    this.redactions = new EntryMarks(this.log);
    this.#aside = new AsideIndex(this.log, this.retractions);
  }

  /** Whether there is room for an entry, and for the site that it adds. */
  hasRoom(entry: LogEntry): boolean {
    const { kind, edits, name, newName } = entry;
    if (kind === entryKinds.report && this.log.isAmple) return true;
    const isNamed = kind === entryKinds.added || (kind === entryKinds.edited && (edits & editMarks.name) !== 0);
    const { length } = kind === entryKinds.added ? name : newName;
    const isIdentified = kind === entryKinds.edited && (edits & editMarks.identifiers) !== 0;
    return this.log.hasRoom(entry.bytesMax) && (!isNamed || this.table.hasRoom(length)) &&
      (!isIdentified || this.identifiers.hasRoom) &&
      (kind !== entryKinds.retracted || this.reports.canRetract(entry.site));
  }

  /**
   * Does what an entry says, for which there is room. A report is shown unless something newer is known. A site that is
   * added, renamed or no alias any more is not put in order yet. The place of one that is added is set in the entry.
   */
  record(entry: LogEntry): void {
    const { table, chains } = this;
    const { kind } = entry;
    if (kind === entryKinds.added) {
      entry.site = table.next;
      table.add(entry, chains.appendFirst(entry));
      return;
    }
    const { site } = entry;
    const { reports } = this;
    // The hot path: a report of a site whose record says all.
    const isSimple = kind === entryKinds.report && entry.more === 0 && !table.isInvolved(site);
    if (isSimple && reports.isFromOnlySource(entry)) return this.#reportSimple(entry);
    const reach = reports.reach(site);
    if (kind === entryKinds.report) {
      const strand = reports.begin(entry, reports.asOf(this.shownBy(site)), reach);
      const place = chains.append(entry);
      reports.end(entry, place, strand, reach);
      if (entry.isExplicit && entry.observedAt <= reach) this.#aside.add(entry, place);
      return;
    }
    entry.reach = reach;
    if (kind === entryKinds.retracted) entry.shows = this.retractions.shownWithout(entry);
    if (kind === entryKinds.redacted) entry.shows = this.#isRetirement(site, entry.of) ? 1 : 0;
    const place = chains.append(entry);
    if (kind === entryKinds.retired) table.retire(site, place);
    else if (kind === entryKinds.reopened) table.reopen(site);
    else if (kind === entryKinds.documented) reports.document(entry, place);
    else if (kind === entryKinds.confirmed) reports.confirm(entry);
    else if (kind === entryKinds.edited) this.#edit(entry, place);
    else if (kind === entryKinds.merged) this.merges.merge(site, entry.into);
    else if (kind === entryKinds.unmerged) this.merges.unmerge(site);
    else if (kind === entryKinds.published) this.#publish(site, place);
    else if (kind === entryKinds.retracted) this.retractions.take(entry, place);
    else this.#redact(entry, place);
  }

  /** {@link record}, and puts the site where it belongs in the order of names. */
  recordInOrder(entry: LogEntry): void {
    const { kind } = entry;
    const isRenamed = kind === entryKinds.edited && (entry.edits & editMarks.name) !== 0;
    if (isRenamed || kind === entryKinds.merged) this.order.remove(entry.site);
    this.record(entry);
    if (isRenamed || kind === entryKinds.added || kind === entryKinds.unmerged) this.order.insert(entry.site);
  }

  #isRetirement(site: SitePlace, index: number): boolean {
    if (!this.table.isRetired(site)) return false;
    this.log.read(this.table.retirement(site), this.#known);
    return this.#known.index === index;
  }

  #publish(site: SitePlace, place: LogPlace): void {
    this.table.setPublished(site, place);
    this.published.add(site);
  }

  #redact({ of }: LogEntry, place: LogPlace): void {
    const redacted = this.log.placeOf(of);
    this.log.read(redacted, this.#known);
    // A report is found by its note, and not by its reporter.
    if (this.#known.note.length > 0) this.#aside.forget(redacted);
    this.log.redact(redacted);
    this.redactions.add(of, place);
  }

  /** {@link record} of a report without texts and without a time, of a site that has no sources and is not joined. */
  reportPlain(entry: LogEntry): void {
    const { table } = this;
    entry.observedAt = observedByDefault(entry.recordedAt, table.observedAt(entry.site));
    entry.reach = entry.observedAt;
    entry.outOfDate = false;
    table.show(entry, this.chains.append(entry));
  }

  #reportSimple(entry: LogEntry): void {
    const { table } = this;
    const reach = table.observedAt(entry.site);
    const observedAt = entry.isExplicit ? entry.observedAt : observedByDefault(entry.recordedAt, reach);
    const outOfDate = isOutOfDate(observedAt, reach);
    entry.observedAt = observedAt;
    entry.outOfDate = outOfDate;
    entry.reach = outOfDate ? reach : observedAt;
    const place = this.chains.append(entry);
    if (!outOfDate) table.show(entry, place);
    if (entry.isExplicit && observedAt <= reach) this.#aside.add(entry, place);
  }

  #edit({ site, edits, newName, zip }: LogEntry, place: LogPlace): void {
    if ((edits & editMarks.zip) !== 0) this.table.setZip(site, zip);
    if ((edits & editMarks.identifiers) !== 0) this.#identify(site, place);
    if ((edits & editMarks.name) !== 0) this.table.rename(site, newName);
  }

  #identify(site: SitePlace, place: LogPlace): void {
    const before = this.identifiersOf(site, this.#known);
    this.table.setIdentifiers(site, place);
    const after = this.identifiersOf(site, this.#known);
    this.identifiers.change(site, before, after, this.log.placeIn(place, this.#known.identifiers));
  }

  /** The site, of one and all that were merged into it, whose report is the newest, and which it therefore shows. */
  shownBy(site: SitePlace): SitePlace {
    return this.table.isJoined(site) ? this.merges.newestOf(site) : site;
  }

  /** As of when it is known what a site, with all that were merged into it, shows; 0: nothing is known. */
  asOf(site: SitePlace): number {
    return this.reports.asOf(this.shownBy(site));
  }

  /**
   * The identifiers of a site (`identifiers.ts`): a view, which is good for ever.
   *
   * @param entry is used to read them.
   */
  identifiersOf(site: SitePlace, entry: LogEntry): Uint8Array {
    const place = this.table.identifiers(site);
    if (place === noEntry) return nothing;
    this.log.read(place, entry);
    return entry.identifiers.view();
  }

  /** The site with an id, or {@link noSite}. */
  siteWithId(id: number): SitePlace {
    if (id > this.log.last) return noSite;
    this.log.read(this.log.placeOf(id), this.#known);
    return this.#known.kind === entryKinds.added ? this.#known.site : noSite;
  }

  /**
   * The index of a report of the site, or of one merged into it, that says the same as an explicit one, wherever in the
   * history it is, or 0.
   *
   * Those that brought a newer observation are in the order of their observations, and the other explicit ones in an
   * index of their own. Plain reports of the moment of another one remain; it looks at the newest of these.
   */
  findSame(report: LogEntry): number {
    const { site } = report;
    if (!this.table.isJoined(site)) return this.#findSameOf(report);
    let same = 0;
    for (const member of this.merges.membersOf(site)) {
      report.site = member;
      same ||= this.#findSameOf(report);
    }
    report.site = site;
    return same;
  }

  #findSameOf(report: LogEntry): number {
    const { site, observedAt } = report;
    const { table, chains } = this;
    if (observedAt > this.reports.reach(site)) return 0;
    return this.#same(table.shown(site), report) || this.#same(chains.oldest(site, "reach", observedAt), report) ||
      this.#same(this.#aside.find(report), report) || this.#sameOfThatMoment(report);
  }

  #sameOfThatMoment(report: LogEntry): number {
    const { site, observedAt } = report;
    const later = this.chains.oldest(site, "reach", observedAt + 1);
    let place = this.table.head(site);
    if (later !== noEntry) {
      this.log.glance(later, this.#known);
      place = this.#known.previous;
    }
    for (let left = sameMomentMax; left > 0 && place !== noEntry; left--) {
      const same = this.#same(place, report);
      if (same !== 0 || this.#known.reach < observedAt) return same;
      place = this.#known.previous;
    }
    return 0;
  }

  /** The index of the report at a place, if there is one that says the same and was not taken back; else 0. */
  #same(place: LogPlace, report: LogEntry): number {
    if (place === noEntry) return 0;
    const known = this.#known;
    this.log.glance(place, known);
    const mayBeSame = known.kind === entryKinds.report && saysTheSameNumbers(known, report);
    if (!mayBeSame) return 0;
    this.log.read(place, known);
    const isSame = known.kind === entryKinds.report && saysTheSame(known, report);
    return isSame && !this.retractions.has(known.index) ? known.index : 0;
  }
}
