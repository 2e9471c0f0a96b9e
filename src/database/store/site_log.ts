/**
 * The sites and the log of what happened to them. The log is the truth: everything else follows from it.
 *
 * The caller has checked its arguments; each method does its work whole.
 *
 * @module
 */

import type { LogSize } from "../../state_machine.ts";
import { AnsweredKeys } from "./answered_keys.ts";
import { nothingSealed } from "../segments/segment_reader.ts";
import { BlockBudget } from "./block_budget.ts";
import { Chains } from "./chains.ts";
import { Documents } from "./documents.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks, shownAfter } from "../wire/entry_fields.ts";
import { asFull, PackedLog } from "./entry_log.ts";
import { EntryMarks } from "./entry_marks.ts";
import { EntrySealing } from "./entry_sealing.ts";
import { LogEntry } from "./log_entry.ts";
import type { MachineParts } from "./machine_parts.ts";
import { IdentifierIndex } from "./identifier_index.ts";
import { isOutOfDate, observedByDefault } from "../site_rules.ts";
import { Merges } from "./merges.ts";
import { Origins } from "./origins.ts";
import { PublishedIds } from "./published_ids.ts";
import { Reports } from "./reports.ts";
import { Retractions } from "./retractions.ts";
import type { SitePlace } from "./site_record.ts";
import { SameReports } from "./same_reports.ts";
import { SiteHistory } from "./site_history.ts";
import { SiteTable } from "./site_table.ts";
import { SortedNames } from "./sorted_names.ts";

/** All sites, their order, and all entries. */
export class SiteLog {
  /** The sites as they are. */
  readonly table: SiteTable;
  /** The entries. */
  readonly log: PackedLog;
  /** Adds to the entries of each site. */
  readonly chains: Chains;
  /** The entries of each site. */
  readonly history: SiteHistory;
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
  readonly redactions: EntryMarks = new EntryMarks();
  /** The documents. */
  readonly documents: Documents;
  /** What commands with a key were answered. */
  keys: AnsweredKeys;
  /** What the outputs of a request may still need of old segments. */
  readonly blocks: BlockBudget = new BlockBudget();
  /** Reports by what they say. */
  readonly same: SameReports;
  /** What of the log was sealed. */
  readonly sealing: EntrySealing;
  readonly #known = new LogEntry();

  /** Without sites and entries. */
  constructor(parts: MachineParts) {
    const origins = new Origins();
    this.table = new SiteTable(origins, parts.segmentEntries);
    const { logBytes, segmentEntries, oldBytesPerByte, earlierLogBytes } = parts;
    this.log = new PackedLog(logBytes, origins.texts, segmentEntries, oldBytesPerByte, earlierLogBytes);
    this.documents = new Documents(parts);
    this.chains = new Chains(this.table, this.log);
    this.history = new SiteHistory(this.table, this.log, parts.reader ?? nothingSealed, this.blocks);
    this.reports = new Reports(this.table, this.documents);
    this.merges = new Merges(this.table, (site) => this.reports.asOf(site));
    this.identifiers = new IdentifierIndex(this.table, origins.own);
    this.published = new PublishedIds(this.table, origins.own);
    this.retractions = new Retractions(this.table, this.log, this.reports, this.history);
    this.same = new SameReports(this.log, this.history, this.retractions, this.redactions);
    this.keys = new AnsweredKeys(parts.keys);
    this.sealing = new EntrySealing(this.log, this.redactions, parts.packing);
  }

  /** The index of the last entry that is not in the tail; 0: all are. */
  get lastOld(): number {
    return this.log.lastOldEntry;
  }

  /** How full it is. It takes nothing more without room for the texts of an entry, either. */
  get size(): LogSize {
    const { size } = this.log;
    return this.table.origins.own.isAmple ? size : asFull(size);
  }

  /** Whether there is room for an entry, and for the site that it adds. */
  hasRoom(entry: LogEntry): boolean {
    const { kind, edits, name, newName } = entry;
    if (kind === entryKinds.report && this.log.isAmple && this.table.origins.own.isAmple) return true;
    const isNamed = kind === entryKinds.added || (kind === entryKinds.edited && (edits & editMarks.name) !== 0);
    const { length } = kind === entryKinds.added ? name : newName;
    const isIdentified = kind === entryKinds.edited && (edits & editMarks.identifiers) !== 0;
    return this.log.hasRoom(entry.bytesMax) && this.table.origins.own.isAmple &&
      (!isNamed || this.table.hasRoom(length)) &&
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
    if (kind === entryKinds.added) return chains.add(entry);
    const { site } = entry;
    const { reports } = this;
    table.barrier.changing(site);
    // The hot path: a report of a site whose record says all.
    const isSimple = kind === entryKinds.report && entry.more === 0 && !table.isInvolved(site);
    if (isSimple && reports.isFromOnlySource(entry)) return this.#reportSimple(entry);
    const reach = reports.reach(site);
    if (kind === entryKinds.report) {
      const strand = reports.begin(entry, reports.asOf(this.shownBy(site)), reach);
      const place = chains.append(entry, reach);
      reports.end(entry, strand, reach);
      if (entry.isExplicit && entry.observedAt <= reach) this.same.addAside(entry, place);
      return;
    }
    entry.reach = reach;
    if (kind === entryKinds.retracted) entry.shows = this.retractions.shownWithout(entry);
    if (kind === entryKinds.redacted) entry.shows = this.#isRetirement(site, entry.of) ? 1 : 0;
    if (kind === entryKinds.documented) this.#keepDocument(entry);
    chains.append(entry, reach);
    if (kind === entryKinds.retired) table.retire(entry);
    else if (kind === entryKinds.reopened) table.reopen(site);
    else if (kind === entryKinds.documented) reports.document(entry);
    else if (kind === entryKinds.confirmed) reports.confirm(entry);
    else if (kind === entryKinds.edited) this.#edit(entry);
    else if (kind === entryKinds.merged) this.merges.merge(site, entry.into);
    else if (kind === entryKinds.unmerged) this.merges.unmerge(site);
    else if (kind === entryKinds.published) this.published.add(site, entry.locationId, entry.index);
    else if (kind === entryKinds.retracted) this.#retract(entry);
    else this.#redact(entry);
  }

  #keepDocument(entry: LogEntry): void {
    this.documents.put(entry);
    this.log.hasDocuments(this.documents.bytes, this.documents.oldBytes);
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
    const { table } = this;
    return table.isRetired(site) && table.origins.own.index(table.retirement(site)) === index;
  }

  #retract(entry: LogEntry): void {
    this.retractions.take(entry);
    // The report that is shown then may have been redacted before.
    const shown = entry.shows - shownAfter.report;
    if (shown > 0 && this.redactions.has(shown)) this.reports.redact(entry.site, shown);
  }

  #redact({ site, of, index }: LogEntry): void {
    this.#erase(site, of);
    this.redactions.add(of, index);
    this.keys.forgetReasons();
    this.sealing.redacted(of);
    if (this.#isRetirement(site, of)) this.table.redactRetirement(site);
    else this.reports.redact(site, of);
  }

  /** Overwrites what an entry says of people; in a sealed segment, that is left until it is written again. */
  #erase(site: SitePlace, of: number): void {
    const { log } = this;
    if (log.segmentOf(of) < log.firstOpen) {
      if (this.history.findAgain(site, of, this.#known)) log.forget(this.#known.who);
      return;
    }
    const redacted = log.placeOf(of);
    log.read(redacted, this.#known);
    // A report is found by its note, and not by its reporter.
    if (this.#known.note.length > 0) this.same.forget(of, redacted);
    log.redact(redacted);
  }

  /** {@link record} of a report without texts and without a time, of a site that has no sources and is not joined. */
  reportPlain(entry: LogEntry): void {
    const { table } = this;
    table.barrier.changing(entry.site);
    entry.observedAt = observedByDefault(entry.recordedAt, table.observedAt(entry.site));
    entry.reach = entry.observedAt;
    entry.outOfDate = false;
    this.chains.appendShown(entry);
    table.show(entry);
  }

  #reportSimple(entry: LogEntry): void {
    const { table } = this;
    const reach = table.observedAt(entry.site);
    const observedAt = entry.isExplicit ? entry.observedAt : observedByDefault(entry.recordedAt, reach);
    const outOfDate = isOutOfDate(observedAt, reach);
    entry.observedAt = observedAt;
    entry.outOfDate = outOfDate;
    entry.reach = outOfDate ? reach : observedAt;
    const place = outOfDate ? this.chains.append(entry, reach) : this.chains.appendShown(entry);
    if (!outOfDate) table.show(entry);
    if (entry.isExplicit && observedAt <= reach) this.same.addAside(entry, place);
  }

  #edit({ site, edits, newName, zip, identifiers, index }: LogEntry): void {
    if ((edits & editMarks.zip) !== 0) this.table.setZip(site, zip);
    if ((edits & editMarks.identifiers) !== 0) this.identifiers.change(site, identifiers.view(), index);
    if ((edits & editMarks.name) !== 0) this.table.rename(site, newName);
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
   * The index of a report of the site, or of one merged into it, that says the same as an explicit one, wherever in the
   * history it is, or 0.
   *
   * @throws {crowdedHistory} if that needs too much of the old history.
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
    if (observedAt > this.reports.reach(site)) return 0;
    const shown = this.reports.showsSame(report) ? this.table.shownIndex(site) : 0;
    return (this.retractions.has(shown) ? 0 : shown) || this.same.find(report);
  }
}
