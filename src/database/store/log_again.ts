/**
 * Takes the entries of a log that is read from a snapshot: into the log and its chains alone. The sites are known
 * already.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { isTime } from "../values.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks, shownAfter } from "../wire/entry_fields.ts";
import { whyNotIdentifiers } from "../wire/identifiers.ts";
import { whyNotDocument, whyNotName, whyNotRecorded, whyNotTexts } from "../wire/rules.ts";
import { whyNotLocationId } from "./edits.ts";
import { LogEntry, logPlaces, placeMask } from "./log_entry.ts";
import { isErased } from "./shared_texts.ts";
import type { SiteLog } from "./site_log.ts";

/** Why an entry cannot have what only its kind has; undefined: it can. */
function whyNotKind(entry: LogEntry): string | undefined {
  const { kind, edits, observedAt } = entry;
  if (kind === entryKinds.added) return whyNotName(entry.name);
  if (kind === entryKinds.published) return whyNotLocationId(entry.locationId);
  if (kind === entryKinds.retired && entry.note.length === 0) return "a site is retired without a reason";
  if (kind === entryKinds.edited) {
    const hasName = (edits & editMarks.name) !== 0;
    const hasIdentifiers = (edits & editMarks.identifiers) !== 0;
    return (hasName ? whyNotName(entry.newName) : undefined) ??
      (hasIdentifiers ? whyNotIdentifiers(entry.identifiers, false) : undefined);
  }
  return isTime(observedAt) && isTime(entry.reach) ? undefined : `${observedAt} is not a time`;
}

/** The entries of the sites that were read. */
export class LogAgain {
  readonly #sites: SiteLog;
  readonly #previous = new LogEntry();
  readonly #isSite: (place: number) => boolean;
  /** The number of the last document that an entry has had; undefined: those that were sealed may have had some. */
  #document: number | undefined;

  /** Begins with sites whose log has no entries yet, but those that were sealed. */
  constructor(sites: SiteLog, isSite: (place: number) => boolean) {
    this.#sites = sites;
    this.#isSite = isSite;
    if (sites.log.firstOpen === 1) this.#document = 0;
  }

  /** Takes the next entry. @throws {DecodeError} if it cannot be. */
  take(entry: LogEntry): void {
    const { table, log, chains, redactions } = this.#sites;
    const { kind, site } = entry;
    const index = log.last + 1;
    const why = whyNotRecorded(entry.recordedAt) ?? whyNotTexts(entry, isErased) ?? whyNotKind(entry);
    if (why !== undefined) throw new DecodeError(`an entry cannot be: ${why}`);
    if (!log.hasRoom(entry.bytesMax)) throw new DecodeError("the log is longer than it can be");
    const isThere = kind === entryKinds.added
      ? table.withId(index) !== 0
      : this.#isSite(site) && table.id(site) < index;
    if (!isThere) throw new DecodeError(`entry ${index} is about a site at ${site}`);
    if (isErased(entry.note) && !redactions.has(index)) throw new DecodeError(`entry ${index} was not redacted`);
    this.#check(entry, index);
    if (kind === entryKinds.added) {
      entry.site = table.withId(index);
      if (!this.#isFirstName(entry)) throw new DecodeError(`entry ${index} adds another site`);
      chains.addAgain(entry);
      return;
    }
    if (table.lastSegment(site) === 0) this.#beginAfterSealed(entry);
    if (kind === entryKinds.documented) this.#checkDocument(entry);
    const reach = this.#reachBefore(entry);
    const place = chains.append(entry, reach);
    const isAside = kind === entryKinds.report && entry.isExplicit && entry.observedAt <= reach;
    if (isAside && !isErased(entry.note)) this.#sites.same.addAside(entry, place);
  }

  /** The first entry of a site in memory says where the last one is that was sealed. */
  #beginAfterSealed({ site, segmentBefore, placeBefore }: LogEntry): void {
    const { table, log } = this.#sites;
    if (!(segmentBefore > 0 && segmentBefore < log.firstOpen && placeBefore > 0 && placeBefore < logPlaces)) {
      throw new DecodeError(`the site at ${site} was not added`);
    }
    table.beginChain(site, segmentBefore, placeBefore);
  }

  /** The record of a site has the name with which it was added. */
  #isFirstName({ site, name }: LogEntry): boolean {
    const own = this.#sites.table.nameIn(site);
    return own.length === name.length && own.every((byte, at) => byte === name.bytes[name.start + at]);
  }

  /** The newest observation of a site before an entry: the first one in a segment says it itself. */
  #reachBefore({ site, reachBefore }: LogEntry): number {
    const { table, log } = this.#sites;
    if (table.lastSegment(site) !== log.segment) return reachBefore;
    log.glance(log.base + table.head(site) & placeMask, this.#previous);
    return this.#previous.reach;
  }

  /** What an entry says of other ones must be what is known of these. */
  #check(entry: LogEntry, index: number): void {
    const { table, retractions, redactions } = this.#sites;
    const { kind, of, into } = entry;
    const isSound = kind === entryKinds.retracted
      ? retractions.find(of) === index && this.#isOfSite(entry, of) && this.#canBeShown(entry)
      : kind === entryKinds.redacted
      ? redactions.find(of) === index && this.#isOfSite(entry, of) && entry.shows <= 1
      : kind === entryKinds.merged || kind === entryKinds.unmerged
      ? this.#isSite(into) && table.id(into) < index
      : true;
    if (!isSound) throw new DecodeError(`entry ${index} is about another one that cannot be`);
  }

  /** Whether a site may show the report of which an entry says so. */
  #canBeShown(entry: LogEntry): boolean {
    const shown = entry.shows - shownAfter.report;
    return shown <= 0 || (shown <= this.#sites.log.last && this.#isOfSite(entry, shown));
  }

  /** Whether an entry that another one is about is of the same site; of a sealed one, that is believed. */
  #isOfSite({ kind, site }: LogEntry, index: number): boolean {
    const { log } = this.#sites;
    if (log.segmentOf(index) < log.firstOpen) return true;
    const marked = this.#previous;
    log.glance(log.placeOf(index), marked);
    return marked.site === site && (kind === entryKinds.redacted || marked.kind === entryKinds.report);
  }

  #checkDocument(entry: LogEntry): void {
    const { documents } = this.#sites;
    const { documentNumber: number, documentLength: length } = entry;
    if (number === 0) {
      const why = whyNotDocument(entry.document);
      if (why !== undefined) throw new DecodeError(`an entry cannot be: ${why}`);
      return;
    }
    const isNext = this.#document === undefined || number === this.#document + 1;
    if (!isNext || documents.lengthOf(number, length) !== length) {
      throw new DecodeError(`an entry has document ${number} of ${length} bytes`);
    }
    this.#document = number;
  }

  /** All entries were taken. @param last the index of the last one. @throws {DecodeError} if some are missing. */
  end(last: number): void {
    const { table, log, documents } = this.#sites;
    const isWhole = log.last === last && (this.#document ?? documents.last) === documents.last &&
      table.withoutEntries === 0;
    if (!isWhole) throw new DecodeError(`the log ends with entry ${log.last}, and not with ${last}`);
    log.hasDocuments(documents.bytes, documents.oldBytes);
  }
}
