/**
 * What commands do that change something: each is checked, recorded if it says anything new, and answered.
 *
 * @module
 */

import { strandsPerSiteMax } from "../../limits.ts";
import type { Answers } from "./answers.ts";
import type { CommandFields } from "../wire/command_fields.ts";
import { marks } from "../wire/commands.ts";
import { KnownDocument, noDocument } from "./document_records.ts";
import { holderOf, siteWithIdIn, whyNotEdited, whyNotLocationId, whyNotMerged, whyNotNewName } from "./edits.ts";
import { entryKinds } from "../wire/entries.ts";
import { LogEntry } from "./log_entry.ts";
import { noOwnText } from "./own_texts.ts";
import { editMarks, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { effects, statuses } from "../wire/outputs.ts";
import { whyNotDocument, whyNotName, whyNotObserved, whyNotRecorded, whyNotTexts } from "../wire/rules.ts";
import type { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_record.ts";
import { TextRange } from "../wire/text_range.ts";

/** What an entry keeps of the second byte of marks. */
const keptMarks = moreMarks.product | moreMarks.by | moreMarks.extra;

const crowdedSite = `a site keeps at most ${strandsPerSiteMax} sources and products apart; leave the product out`;

/** Changes of the sites. */
export class Changes {
  readonly #sites: SiteLog;
  readonly #answers: Answers;
  /** The command that is executed. */
  readonly #fields: CommandFields;
  /** What it says of a change; it becomes the entry that is recorded. */
  readonly #entry: LogEntry;
  readonly #known = new LogEntry();
  readonly #knownDocument = new KnownDocument();
  /** The identifiers that an edit names. */
  readonly #wanted = new TextRange();

  /**
   * Changes of `sites`.
   *
   * @param answers is given what comes of each.
   * @param fields the command that is executed.
   * @param entry what that says of a change.
   */
  constructor(sites: SiteLog, answers: Answers, fields: CommandFields, entry: LogEntry) {
    this.#sites = sites;
    this.#answers = answers;
    this.#fields = fields;
    this.#entry = entry;
  }

  /** Reports of a site. */
  set(site: SitePlace): void {
    const [fields, entry, answers] = [this.#fields, this.#entry, this.#answers];
    const { table } = this.#sites;
    if (table.isRetired(site)) return answers.state(statuses.retired, site);
    if (entry.isExplicit) {
      const why = whyNotObserved(entry.observedAt, entry.recordedAt);
      if (why !== undefined) return answers.invalid(why);
    }
    if (fields.conditions !== 0 && !this.#holds(this.#sites.shownBy(site))) {
      return answers.state(statuses.conflict, site, table.shownIndex(this.#sites.shownBy(site)));
    }
    if (!this.#isRecordable(entryKinds.report, site)) return;
    if ((entry.more & moreMarks.confirms) !== 0 && this.#confirm(site)) return;
    if (entry.more !== 0 && this.#sites.reports.isCrowded(entry)) return answers.invalid(crowdedSite);
    if (entry.isExplicit) {
      const same = this.#sites.findSame(entry);
      if (same > 0) return answers.done(effects.same, same, site);
    }
    this.#record();
  }

  /** Confirms what the source has reported last, if that is the same; if not, it is a report. */
  #confirm(site: SitePlace): boolean {
    const entry = this.#entry;
    const said = this.#sites.reports.saidBy(entry);
    if (said === undefined || said.availability !== entry.availability || said.unit !== entry.unit) return false;
    const { asOf, observedAt, index } = said;
    const time = entry.isExplicit ? entry.observedAt : entry.recordedAt;
    if (time < observedAt) return false;
    if (time <= asOf) {
      this.#answers.done(effects.same, index, site);
      return true;
    }
    entry.kind = entryKinds.confirmed;
    if (this.#sites.reports.isCrowded(entry)) {
      entry.kind = entryKinds.report;
      return false;
    }
    entry.observedAt = time;
    this.#record();
    return true;
  }

  /** Whether the site that the shown report is of shows what the command has as its conditions. */
  #holds(site: SitePlace): boolean {
    const { conditions, ifShown, ifEntry } = this.#fields;
    const { table } = this.#sites;
    return ((conditions & marks.if) === 0 || ifShown === table.availability(site)) &&
      ((conditions & marks.ifEntry) === 0 || ifEntry === table.shownIndex(site));
  }

  /** Adds a site, unless one has its name, or a name like it. @param present the one that has its name, or `noSite`. */
  add(present: SitePlace): void {
    if (present !== noSite) return this.#exists(present, false);
    const { name, nameHash } = this.#entry;
    const { knowsIds } = this.#fields;
    const why = knowsIds ? whyNotNewName(name) : whyNotName(name);
    if (why !== undefined) return this.#answers.invalid(why);
    const alike = knowsIds ? this.#sites.table.findAlike(name, nameHash) : noSite;
    if (alike !== noSite) return this.#exists(alike, true);
    if (this.#isRecordable(entryKinds.added, noSite)) this.#record();
  }

  /** Answers that a site has the name, or leads to the one that it was merged into. */
  #exists(present: SitePlace, showsName: boolean): void {
    const site = this.#sites.merges.rootOf(present);
    if (showsName || site !== present) this.#answers.showName();
    this.#answers.state(statuses.exists, site);
  }

  /** Edits a site. */
  edit(site: SitePlace): void {
    const [answers, entry] = [this.#answers, this.#entry];
    if (!this.#isRecordable(entryKinds.edited, site)) return;
    const { edits } = entry;
    this.#wanted.copy(entry.identifiers);
    const hitch = whyNotEdited(this.#sites, entry);
    if (typeof hitch === "number") return this.#exists(hitch, true);
    if (hitch !== undefined) return answers.invalid(hitch);
    if ((entry.more & moreMarks.unique) !== 0 && (edits & editMarks.identifiers) !== 0) {
      const holder = holderOf(this.#sites, this.#wanted, site);
      if (holder !== noSite) return this.#taken(holder);
    }
    if (entry.edits === 0) return answers.done(effects.same, 0, site);
    // The name in the command is not that of the site any more.
    if ((entry.edits & editMarks.name) !== 0) answers.showName();
    this.#record();
  }

  /** Answers that another site has what was wanted, or leads to the one that it was merged into. */
  #taken(holder: SitePlace): void {
    this.#answers.showName();
    this.#answers.state(statuses.taken, this.#sites.merges.rootOf(holder));
  }

  /** Gives a site the id under which it is published, unless it has one. */
  publish(site: SitePlace): void {
    const [answers, entry] = [this.#answers, this.#entry];
    const { table, published } = this.#sites;
    if (!this.#isRecordable(entryKinds.published, site)) return;
    const why = whyNotLocationId(entry.locationId);
    if (why !== undefined) return answers.invalid(why);
    if (table.published(site) !== noOwnText) return answers.published(effects.same, site);
    const holder = published.find(entry.locationId);
    if (holder !== noSite) return this.#taken(holder);
    if (this.#append()) answers.published(effects.changed, site);
  }

  /** Takes a report back, unless that was done. */
  retract(): void {
    const [answers, known] = [this.#answers, this.#known];
    if (!this.#isOfEntry(entryKinds.retracted)) return;
    if (known.kind !== entryKinds.report) return answers.bare(statuses.noReport);
    this.#mark(this.#sites.retractions.find(known.index));
  }

  /** Removes who and note from an entry, unless that was done, or it has neither. */
  redact(): void {
    const [answers, known] = [this.#answers, this.#known];
    if (!this.#isOfEntry(entryKinds.redacted)) return;
    const { site } = known;
    if ((known.marked & (textMarks.who | textMarks.note)) === 0) {
      return answers.done(effects.same, 0, this.#sites.merges.rootOf(site));
    }
    this.#mark(this.#sites.redactions.find(known.index));
  }

  /** Begins an entry about the one that the command names, and reads that; if there is none, that is answered. */
  #isOfEntry(kind: number): boolean {
    const { log, table, history, lastOld: upTo } = this.#sites;
    const answers = this.#answers;
    const { of } = this.#entry;
    const { entrySite } = this.#fields;
    // No name is in the command.
    answers.showName();
    if (entrySite === 0 && of >= 1 && of <= upTo) {
      answers.older(upTo);
      return false;
    }
    const known = this.#known;
    known.site = noSite;
    if (of > upTo && of <= log.last) history.readIndex(of, known);
    else if (of >= 1 && of <= upTo) {
      const named = table.withId(entrySite);
      if (named === noSite || !history.find(named, of, known)) known.site = noSite;
    }
    const { site } = known;
    if (site === noSite || (entrySite !== 0 && table.id(site) !== entrySite)) {
      answers.bare(statuses.noEntry);
      return false;
    }
    return this.#isRecordable(kind, site);
  }

  /** Records the entry, unless another one, with the index `before`, has done what it does; 0: none has. */
  #mark(before: number): void {
    const root = this.#sites.merges.rootOf(this.#known.site);
    if (before === 0) return this.#record(root);
    this.#answers.done(effects.same, before, root);
  }

  /** Makes a site an alias of the one that the other name leads to. */
  merge(site: SitePlace): void {
    const { table, merges } = this.#sites;
    const { into } = this.#fields;
    const answers = this.#answers;
    const other = table.find(into.bytes, into.start, into.end) || siteWithIdIn(this.#sites, into);
    if (other === noSite) return answers.bare(statuses.unknownInto);
    const root = merges.rootOf(other);
    // Two names are in the command: the output says whose state it is.
    answers.showName();
    if (merges.isAlias(site) && merges.rootOf(site) === root) return answers.done(effects.same, 0, root);
    const why = whyNotMerged(merges, site, root);
    if (why !== undefined) return answers.invalid(why);
    if (!this.#isRecordable(entryKinds.merged, site)) return;
    this.#entry.into = root;
    this.#record(root);
  }

  /** Makes a site no alias any more. */
  unmerge(site: SitePlace): void {
    const into = this.#sites.merges.intoOf(site);
    if (!this.#isRecordable(entryKinds.unmerged, site)) return;
    if (into === undefined) return this.#answers.done(effects.same, 0, site);
    this.#entry.into = into;
    this.#record();
  }

  /** Retires a site, for a reason. */
  retire(site: SitePlace): void {
    const { table } = this.#sites;
    const { own } = table.origins;
    if (!this.#isRecordable(entryKinds.retired, site)) return;
    if (this.#entry.note.length === 0) return this.#answers.invalid("a reason is wanted; give one");
    if (table.isRetired(site)) {
      const reason = table.retirement(site);
      if (own.compareTo(reason, this.#entry.note) !== 0) return this.#answers.state(statuses.retired, site);
      return this.#answers.done(effects.same, own.index(reason), site);
    }
    this.#record();
  }

  /** Opens a site again. */
  reopen(site: SitePlace): void {
    if (!this.#isRecordable(entryKinds.reopened, site)) return;
    // No entry says that a site was never retired.
    if (!this.#sites.table.isRetired(site)) return this.#answers.done(effects.same, 0, site);
    this.#record();
  }

  /** Keeps the document also of a merged site, so that two Locations do not take turns; `root`: where it leads to. */
  document(site: SitePlace, root: SitePlace): void {
    const { document } = this.#entry;
    const { table, documents, reports } = this.#sites;
    const why = whyNotDocument(document);
    if (why !== undefined) return this.#answers.invalid(why);
    if (!this.#isRecordable(entryKinds.documented, site)) return;
    const entry = this.#entry;
    entry.documentNumber = 0;
    entry.documentLength = document.length;
    if (entry.isExplicit) {
      const whyNot = whyNotObserved(entry.observedAt, entry.recordedAt);
      if (whyNot !== undefined) return this.#answers.invalid(whyNot);
    }
    const last = this.#fields.knowsSources ? reports.documentOf(entry) : table.document(site);
    if (last !== noDocument) {
      const known = this.#knownDocument;
      documents.records.read(last, known);
      if (documents.isSame(known, document)) return this.#answers.done(effects.same, known.index, root);
      const isOlder = entry.isExplicit && entry.observedAt < known.madeAt;
      if (isOlder) return this.#answers.done(effects.outOfDate, known.index, root);
    }
    this.#record(root);
  }

  /** Begins the entry that the command makes, if what all such commands have is right; if not, it is answered. */
  #isRecordable(kind: number, site: SitePlace): boolean {
    const entry = this.#entry;
    const why = whyNotRecorded(entry.recordedAt) ?? whyNotTexts(entry);
    if (why !== undefined) {
      this.#answers.invalid(why);
      return false;
    }
    entry.kind = kind;
    entry.site = site;
    return true;
  }

  /**
   * Records the entry, if there is room for it, and keeps the order of the sites.
   *
   * @param told the site that the output is about; absent: that of the entry.
   */
  #record(told?: SitePlace): void {
    const entry = this.#entry;
    if (!this.#append()) return;
    const isReport = entry.kind === entryKinds.report;
    const changed = entry.kind === entryKinds.confirmed ? effects.confirmed : effects.changed;
    const effect = !isReport ? changed : entry.outOfDate ? effects.outOfDate : effects.shown;
    this.#answers.done(effect, entry.index, told ?? entry.site);
  }

  /** The same without an output, unless there is no room: then that is answered, and it returns false. */
  #append(): boolean {
    const entry = this.#entry;
    // An entry does not keep the other marks.
    entry.more &= keptMarks;
    if (!this.#sites.hasRoom(entry)) {
      this.#answers.bare(statuses.full);
      return false;
    }
    this.#sites.recordInOrder(entry);
    return true;
  }
}
