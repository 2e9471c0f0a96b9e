/**
 * The database: a deterministic state machine of sites and of the log of what happened to them.
 *
 * Every replica applies the same commands in the same order and so holds the same sites and gives the same outputs.
 * Commands come from the network, from anybody: nothing in them is believed, and nothing throws. A name that is in the
 * table was checked when it was added and is not checked again. All times come with the commands.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import {
  cachedSitesMax,
  commandsPerRequestMax,
  logBytesMax,
  pagesPerRequestMax,
  strandsPerSiteMax,
} from "../../limits.ts";
import { countItems, itemsOf } from "../../batch.ts";
import type { Entries, LogSize, StateMachine } from "../../state_machine.ts";
import { Answers } from "./answers.ts";
import { CommandFields } from "../wire/command_fields.ts";
import { type CommandKind, commandKinds, marks, mayChange, outputBytesMax } from "../wire/commands.ts";
import { holderOf, idIn, whyNotEdited, whyNotLocationId, whyNotMerged, whyNotNewName } from "./edits.ts";
import { entryKinds } from "../wire/entries.ts";
import { hashOfName } from "./hash.ts";
import { LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { editMarks, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { effects, statuses } from "../wire/outputs.ts";
import { packZip } from "../wire/packed.ts";
import { Pages } from "./pages.ts";
import { whyNotDocument, whyNotName, whyNotObserved, whyNotRecorded, whyNotTexts } from "../wire/rules.ts";
import { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_record.ts";
import { allOf, restoreAll, type Restoring, type Snapshot } from "../../snapshot.ts";
import { freezeSites, readingSites } from "./snapshot.ts";
import { TextRange } from "../wire/text_range.ts";
import { initialSites, isTime } from "../values.ts";

/** By the byte of a kind of command: how long its output may be. */
const outputBytesMaxOf: number[] = [];
for (const [kind, byte] of Object.entries(commandKinds)) outputBytesMaxOf[byte] = outputBytesMax(kind as CommandKind);

/** The same of a `view` of an earlier version: whether an output has room must come out as it did then. */
const earlierViewBytesMax = 896;

const [shortBytes, pageBytes] = [outputBytesMax("set"), outputBytesMax("list-page")];

/** What an entry keeps of the second byte of marks. */
const keptMarks = moreMarks.product | moreMarks.by | moreMarks.extra;

const crowdedSite = `a site keeps at most ${strandsPerSiteMax} sources and products apart; leave the product out`;

/** A name of fewer bytes has its length in one byte. */
const shortNameBytes = 128;

const encoder = new TextEncoder();

/** The sites, as the protocol sees them. */
export class Sites implements StateMachine {
  #sites: SiteLog;
  #answers: Answers;
  #pages: Pages;
  readonly #entry = new LogEntry();
  /** The command that is executed; what it says of a change is in the entry already. */
  readonly #fields = new CommandFields(this.#entry);
  readonly #known = new LogEntry();
  readonly #hashes = new Int32Array(commandsPerRequestMax);
  readonly #places = new Int32Array(commandsPerRequestMax);
  /** The identifiers that an edit names. */
  readonly #wanted = new TextRange();
  #pagesLeft = 0;

  /**
   * Holds what a fresh database holds.
   *
   * @param logBytes bytes of the log, at most; less than can be only where a test wants it full.
   */
  constructor(logBytes = logBytesMax) {
    this.#sites = new SiteLog(logBytes);
    this.#answers = new Answers(this.#sites);
    this.#pages = new Pages(this.#sites);
    const entry = this.#entry;
    for (const site of initialSites) {
      const name = encoder.encode(site.name);
      entry.kind = entryKinds.added;
      entry.name.set(name, 0, name.length);
      entry.zip = packZip(site.zip);
      this.#sites.record(entry);
      this.#sites.order.insert(entry.site);
    }
  }

  freeze(): Snapshot {
    return freezeSites(this.#sites);
  }

  restoring(): Restoring {
    return readingSites((sites) => {
      this.#sites = sites;
      this.#answers = new Answers(sites);
      this.#pages = new Pages(sites);
    });
  }

  /** The whole state in one piece, as a copy. */
  snapshot(): Uint8Array {
    return allOf(this.freeze());
  }

  /**
   * Replaces everything by what {@link snapshot} gave, in one turn.
   *
   * @throws {DecodeError} if the bytes are not a snapshot; everything then stays as it was.
   */
  restore(snapshot: Uint8Array): void {
    restoreAll(this.restoring(), snapshot);
  }

  /** How many sites there are. */
  get size(): number {
    return this.#sites.table.size;
  }

  /** The index of the last entry of the log. */
  get lastEntry(): number {
    return this.#sites.log.last;
  }

  /** How full the log is. */
  get logSize(): LogSize {
    return this.#sites.log.size;
  }

  /** The entries after an index, as many as fit, but at least one. */
  entriesAfter(after: number, bytesMax: number): Entries | undefined {
    return this.#pages.entriesAfter(after, bytesMax);
  }

  /**
   * Applies the commands of one request in their order. Never throws for anything that is in a command.
   *
   * The outputs together never exceed a batch: a command whose output might not fit any more, with room left for the
   * refusal of all that follow, is refused and not executed. It cannot happen to a client that sends commands together
   * only as long as the sum of their {@link outputBytesMax} fits a batch.
   */
  apply(commands: Uint8Array): Uint8Array {
    const answers = this.#answers;
    const count = countItems(commands);
    const isTouched = count > 1 && this.#sites.table.size > cachedSitesMax;
    if (isTouched) this.#touch(commands, count);
    answers.clear();
    this.#pages.begin();
    this.#pagesLeft = pagesPerRequestMax;
    const batch = new ByteReader(commands);
    for (let at = 0; at < count; at++) {
      const length = batch.varint();
      const start = batch.position;
      batch.skip(length);
      answers.keepRoomFor(count - at - 1);
      if (this.#isRead(commands, start, start + length)) this.#execute(isTouched ? this.#hashes[at] : 0);
    }
    return answers.copy();
  }

  read(commands: Uint8Array): Uint8Array | undefined {
    for (const command of itemsOf(commands)) if (mayChange(command)) return undefined;
    return this.apply(commands);
  }

  /**
   * Has the memory of all sites fetched that the commands may be about, before the first is executed: in a large table,
   * to wait for each in turn takes longer than all that is done with it.
   */
  #touch(commands: Uint8Array, count: number): void {
    const hashes = this.#hashes;
    const batch = new ByteReader(commands);
    for (let k = 0; k < count; k++) {
      // The batch is well-formed; what is in its items may be anything.
      const length = batch.varint();
      const nameStart = batch.position + 2;
      batch.skip(length);
      const nameEnd = nameStart + (length < 2 ? shortNameBytes : commands[nameStart - 1]);
      const isShort = nameEnd - nameStart < shortNameBytes && nameEnd <= batch.position;
      hashes[k] = isShort ? hashOfName(commands, nameStart, nameEnd) : 0;
    }
    this.#sites.table.touch(hashes, this.#places, count);
  }

  /** Whether what stands between `start` and `end` is a command; if not, it is answered. */
  #isRead(commands: Uint8Array, start: number, end: number): boolean {
    try {
      this.#fields.read(commands, start, end);
      return true;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (this.#answers.hasRoom(shortBytes)) this.#answers.invalid("the command is malformed");
      return false;
    }
  }

  /** Executes the command that was read, if its output is sure to fit. `hash`: of its name; 0: not known. */
  #execute(hash: number): void {
    const { kind, knowsIds, knowsSources } = this.#fields;
    const answers = this.#answers;
    const bytesMax = knowsIds || kind !== commandKinds.view ? outputBytesMaxOf[kind] : earlierViewBytesMax;
    if (!answers.hasRoom(bytesMax)) return;
    if (bytesMax === pageBytes && --this.#pagesLeft < 0) return answers.bare(statuses.crowded);
    answers.begin(knowsIds, knowsSources, bytesMax === shortBytes);
    switch (kind) {
      case commandKinds["list-page"]:
        return answers.output(this.#pages.list(this.#fields));
      case commandKinds["changes-page"]:
        return answers.output(this.#pages.changes(this.#fields));
      case commandKinds.summary:
        return answers.summary();
      case commandKinds.find:
        return answers.found(this.#fields.system, this.#fields.value);
      case commandKinds.retract:
        return this.#retract();
      case commandKinds.redact:
        return this.#redact();
    }
    const { name } = this.#entry;
    const nameHash = hash || hashOfName(name.bytes, name.start, name.end);
    this.#entry.nameHash = nameHash;
    const named = this.#sites.table.find(name.bytes, name.start, name.end, nameHash);
    if (kind === commandKinds.add) return this.#add(named);
    if (kind === commandKinds.set && this.#isPlainSet(named)) return this.#setPlain(named);
    const own = named === noSite && knowsIds ? this.#withId(name) : named;
    if (own === noSite) return this.#miss();
    if (kind === commandKinds.merge) return this.#merge(own);
    const isJoined = this.#sites.table.isJoined(own);
    const site = isJoined && kind !== commandKinds.unmerge ? this.#sites.merges.rootOf(own) : own;
    if (site !== named) answers.showName();
    switch (kind) {
      case commandKinds.set:
        return this.#set(site);
      case commandKinds.view:
        return answers.view(site);
      case commandKinds.details:
        return answers.details(site);
      case commandKinds["history-page"]:
        return answers.output(this.#pages.history(site, this.#fields));
      case commandKinds.sources:
        return answers.output(this.#pages.sources(site, this.#fields));
      case commandKinds.retire:
        return this.#retire(site);
      case commandKinds.reopen:
        return this.#reopen(site);
      case commandKinds.document:
        return this.#document(own, site);
      case commandKinds.edit:
        return this.#edit(site);
      case commandKinds.unmerge:
        return this.#unmerge(site);
      case commandKinds.publish:
        return this.#publish(site);
    }
  }

  /** Whether the command is a plain report, with nothing but a value, of a site that nothing special is known of. */
  #isPlainSet(site: SitePlace): boolean {
    const entry = this.#entry;
    return site !== noSite && (this.#fields.conditions | entry.marked | entry.more) === 0 && !entry.isExplicit &&
      this.#sites.table.isSimpleAndOpen(site) && this.#sites.log.isAmple && isTime(entry.recordedAt);
  }

  /** The hot path: what {@link #set} does, without all that cannot matter. */
  #setPlain(site: SitePlace): void {
    const entry = this.#entry;
    entry.kind = entryKinds.report;
    entry.site = site;
    this.#sites.reportPlain(entry);
    this.#answers.shown(entry.index, site);
  }

  /** The site whose id a name tells, or {@link noSite}. */
  #withId(name: TextRange): SitePlace {
    const id = idIn(name);
    return id === undefined ? noSite : this.#sites.siteWithId(id);
  }

  /** Answers for a name that is not in the table: it may be one that no site can have, or like one that a site has. */
  #miss(): void {
    const { name, nameHash } = this.#entry;
    const why = whyNotName(name);
    if (why !== undefined) return this.#answers.invalid(why);
    const alike = this.#fields.knowsIds ? this.#sites.table.findAlike(name, nameHash) : noSite;
    if (alike === noSite) this.#answers.bare(statuses.unknown);
    else this.#answers.alike(alike);
  }

  #set(site: SitePlace): void {
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

  #add(present: SitePlace): void {
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

  #edit(site: SitePlace): void {
    const [answers, entry] = [this.#answers, this.#entry];
    if (!this.#isRecordable(entryKinds.edited, site)) return;
    const { edits } = entry;
    this.#wanted.copy(entry.identifiers);
    const hitch = whyNotEdited(this.#sites, entry, this.#known);
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
  #publish(site: SitePlace): void {
    const [answers, entry, known] = [this.#answers, this.#entry, this.#known];
    const { table, log, published } = this.#sites;
    if (!this.#isRecordable(entryKinds.published, site)) return;
    const why = whyNotLocationId(entry.locationId);
    if (why !== undefined) return answers.invalid(why);
    const place = table.published(site);
    if (place !== noEntry) {
      log.read(place, known);
      return answers.published(effects.same, known.index, place, site);
    }
    const holder = published.find(entry.locationId);
    if (holder !== noSite) return this.#taken(holder);
    if (this.#append()) answers.published(effects.changed, entry.index, table.published(site), site);
  }

  /** Takes a report back, unless that was done. */
  #retract(): void {
    const [answers, known] = [this.#answers, this.#known];
    if (!this.#isOfEntry(entryKinds.retracted)) return;
    if (known.kind !== entryKinds.report) return answers.bare(statuses.noReport);
    this.#mark(this.#sites.retractions.find(known.index));
  }

  /** Removes who and note from an entry, unless that was done, or it has neither. */
  #redact(): void {
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
    const { log } = this.#sites;
    const { of } = this.#entry;
    // No site is named in the command.
    this.#answers.showName();
    if (of < 1 || of > log.last) {
      this.#answers.bare(statuses.noEntry);
      return false;
    }
    log.read(log.placeOf(of), this.#known);
    return this.#isRecordable(kind, this.#known.site);
  }

  /** Records the entry, unless another one, at `before`, has done what it does. */
  #mark(before: LogPlace): void {
    const root = this.#sites.merges.rootOf(this.#known.site);
    if (before === noEntry) return this.#record(root);
    this.#sites.log.read(before, this.#known);
    this.#answers.done(effects.same, this.#known.index, root);
  }

  /** Makes a site an alias of the one that the other name leads to. */
  #merge(site: SitePlace): void {
    const { table, merges } = this.#sites;
    const { into } = this.#fields;
    const answers = this.#answers;
    const other = table.find(into.bytes, into.start, into.end) || this.#withId(into);
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

  #unmerge(site: SitePlace): void {
    const into = this.#sites.merges.intoOf(site);
    if (!this.#isRecordable(entryKinds.unmerged, site)) return;
    if (into === undefined) return this.#answers.done(effects.same, 0, site);
    this.#entry.into = into;
    this.#record();
  }

  #retire(site: SitePlace): void {
    const { table } = this.#sites;
    if (!this.#isRecordable(entryKinds.retired, site)) return;
    if (this.#entry.note.length === 0) return this.#answers.invalid("a reason is wanted; give one");
    if (table.isRetired(site)) {
      this.#sites.log.read(table.retirement(site), this.#known);
      if (!this.#known.note.equals(this.#entry.note)) return this.#answers.state(statuses.retired, site);
      return this.#answers.done(effects.same, this.#known.index, site);
    }
    this.#record();
  }

  #reopen(site: SitePlace): void {
    if (!this.#isRecordable(entryKinds.reopened, site)) return;
    // No entry says that a site was never retired.
    if (!this.#sites.table.isRetired(site)) return this.#answers.done(effects.same, 0, site);
    this.#record();
  }

  /** Keeps the document also of a merged site, so that two Locations do not take turns; `root`: where it leads to. */
  #document(site: SitePlace, root: SitePlace): void {
    const { document } = this.#entry;
    const { table, log } = this.#sites;
    const why = whyNotDocument(document);
    if (why !== undefined) return this.#answers.invalid(why);
    if (!this.#isRecordable(entryKinds.documented, site)) return;
    const entry = this.#entry;
    if (entry.isExplicit) {
      const whyNot = whyNotObserved(entry.observedAt, entry.recordedAt);
      if (whyNot !== undefined) return this.#answers.invalid(whyNot);
    }
    const last = this.#fields.knowsSources ? this.#sites.reports.documentOf(entry) : table.document(site);
    if (last !== noEntry) {
      const known = this.#known;
      log.read(last, known);
      if (known.document.equals(document)) return this.#answers.done(effects.same, known.index, root);
      const isOlder = entry.isExplicit && known.isExplicit && entry.observedAt < known.observedAt;
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
    const [entry, answers] = [this.#entry, this.#answers];
    // An entry does not keep the other marks.
    entry.more &= keptMarks;
    if (!this.#sites.hasRoom(entry)) {
      answers.bare(statuses.full);
      return false;
    }
    const { order } = this.#sites;
    const { kind } = entry;
    const isRenamed = kind === entryKinds.edited && (entry.edits & editMarks.name) !== 0;
    if (isRenamed || kind === entryKinds.merged) order.remove(entry.site);
    this.#sites.record(entry);
    if (isRenamed || kind === entryKinds.added || kind === entryKinds.unmerged) order.insert(entry.site);
    return true;
  }
}
