/**
 * What reports, confirmations and documents make of a site: which strand they belong to, and what the site shows then.
 *
 * Few sites have strands. For the others a report costs no more than to find out that it comes from the only source.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { strandsPerSiteMax, togetherMs } from "../../limits.ts";
import { isOutOfDate, observedByDefault } from "../site_rules.ts";
import { entryKinds } from "../wire/entries.ts";
import { moreMarks } from "../wire/entry_fields.ts";
import { packAvailability } from "../wire/packed.ts";
import type { TextRange } from "../wire/text_range.ts";
import { Combination } from "./combination.ts";
import { type DocumentRecord, KnownDocument, noDocument } from "./document_records.ts";
import type { Documents } from "./documents.ts";
import type { LogEntry } from "./log_entry.ts";
import { noOrigin, type Origins } from "./origins.ts";
import { noText, type SharedTexts } from "./shared_texts.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";
import { noStrand, ReadStrand, type StrandNumber, Strands } from "./strands.ts";

/** Heads and strands that a site without strands may need at once. */
const firstStrandsMax = 3;

const unknown = packAvailability("unknown");

/** The number of a text that nobody has used yet. */
const unused = -1;

/** Which strand something belongs to, by the numbers of two texts. */
interface Key {
  /** The number of the source; 0: none, or one of too many. */
  source: number;
  /** The number of the product; 0: none. */
  product: number;
}

/** What reports make of the sites of a table. */
export class Reports {
  /** What each source says of the sites that have more than one. */
  readonly strands: Strands;
  readonly #table: SiteTable;
  readonly #origins: Origins;
  readonly #documents: Documents;
  readonly #combination = new Combination();
  readonly #said = new ReadStrand();
  readonly #knownDocument = new KnownDocument();
  readonly #key: Key = { source: noText, product: noText };

  /** Those of the sites of `table`, whose documents are in `documents`. */
  constructor(table: SiteTable, documents: Documents) {
    this.#table = table;
    this.#origins = table.origins;
    this.strands = new Strands(table.origins);
    this.#documents = documents;
  }

  /** As of when it is known what a site shows, which is the latest time of all that is known of it; 0: of nothing. */
  asOf(site: SitePlace): number {
    const table = this.#table;
    return table.hasStrands(site) ? this.strands.asOf(table.strands(site)) : table.observedAt(site);
  }

  /** The newest observation that was ever reported of a site; 0 if there is none. */
  reach(site: SitePlace): number {
    const table = this.#table;
    return table.hasStrands(site) ? this.strands.reach(table.strands(site)) : table.observedAt(site);
  }

  /** When what a site shows was confirmed, or 0. */
  checkedAt(site: SitePlace): number {
    const table = this.#table;
    return table.hasStrands(site) ? this.strands.checkedAt(table.strands(site)) : 0;
  }

  /**
   * Whether there is no room to keep an entry apart that must be: a report about a product, or a confirmation. Others
   * belong to the reports without a source then.
   */
  isCrowded(entry: LogEntry): boolean {
    const isConfirmation = entry.kind === entryKinds.confirmed;
    if (entry.product.length === 0 && !isConfirmation) return false;
    const { strands } = this;
    const { source, product } = this.#readKey(entry);
    if (product === unused && strands.products.isFull) return true;
    if (source === noText && entry.source.length > 0) return true;
    const table = this.#table;
    if (!table.hasStrands(entry.site)) return !strands.hasRoom(firstStrandsMax);
    const head = table.strands(entry.site);
    return strands.isFull(head) && strands.find(head, source, product) === noStrand;
  }

  /**
   * Begins to record a report: says when it was observed, whether it is out of date, and its reach.
   *
   * @param newest as of when it is known what the site, with all that were merged into it, shows.
   * @param reach the newest observation of the site before.
   * @returns the strand that it belongs to; {@link noStrand}: the site has none.
   */
  begin(entry: LogEntry, newest: number, reach: number): StrandNumber {
    if (!entry.isExplicit) entry.observedAt = observedByDefault(entry.recordedAt, newest);
    const { observedAt } = entry;
    entry.reach = observedAt > reach ? observedAt : reach;
    const strand = this.#strandOf(entry);
    if (strand === noStrand) entry.outOfDate = isOutOfDate(observedAt, newest);
    else entry.outOfDate = !this.#willBeShown(entry, strand, newest);
    return strand;
  }

  /** Whether a report becomes a part of what its site shows, and those that were merged. */
  #willBeShown({ site, observedAt }: LogEntry, strand: StrandNumber, newest: number): boolean {
    const { strands } = this;
    if (strands.index(strand) !== 0 && observedAt < strands.strandAsOf(strand)) return false;
    if (observedAt >= newest) return true;
    if (strands.product(strand) === noText || this.asOf(site) < newest) return false;
    const deciding = strands.deciding(this.#table.strands(site));
    return strands.product(deciding) !== noText && strands.source(deciding) === strands.source(strand) &&
      observedAt >= strands.strandAsOf(deciding) - togetherMs;
  }

  /** Ends to record a report, which has its index. @param reach the newest observation of the site before. */
  end(entry: LogEntry, strand: StrandNumber, reach: number): void {
    const [table, strands] = [this.#table, this.strands];
    const { site, observedAt } = entry;
    if (strand === noStrand) {
      if (observedAt >= reach) table.show(entry);
      return;
    }
    strands.raiseReach(table.strands(site), observedAt);
    if (strands.index(strand) !== 0 && observedAt < strands.strandAsOf(strand)) return;
    strands.report(strand, entry);
    this.#show(site);
  }

  /** What a site shows follows from its strands. */
  #show(site: SitePlace): void {
    const [said, head] = [this.#said, this.#table.strands(site)];
    this.#combination.read(this.strands, head, said);
    this.#table.showSaid(site, said);
    this.strands.setShown(head, said);
  }

  /** Records that what a strand says was still so; there must be room. The strand must be there, with a report. */
  confirm(entry: LogEntry): void {
    const { site } = entry;
    if (!this.#table.hasStrands(site)) this.#split(site);
    this.strands.confirm(this.#find(entry), entry.observedAt);
    this.#show(site);
  }

  /** What the source of an entry says about its product; undefined if it has reported nothing. */
  saidBy(entry: LogEntry): ReadStrand | undefined {
    const said = this.#said;
    const [table, strands] = [this.#table, this.strands];
    const { site } = entry;
    if (table.hasStrands(site)) {
      const strand = this.#find(entry);
      if (strand === noStrand || strands.index(strand) === 0) return undefined;
      strands.read(strand, said);
      return said;
    }
    const { source, product } = this.#readKey(entry);
    if (product !== noText || source !== table.onlySource(site) || table.shownIndex(site) === 0) return undefined;
    this.readRecord(site, said);
    return said;
  }

  /** Reads what a site shows, but not when that was confirmed; and since when it has been so, if it has no strands. */
  readRecord(site: SitePlace, said: ReadStrand): void {
    const [table, strands] = [this.#table, this.strands];
    said.availability = table.availability(site);
    said.unit = table.unit(site);
    said.observedAt = table.observedAt(site);
    said.checkedAt = 0;
    said.index = table.shownIndex(site);
    said.document = table.document(site);
    if (table.hasStrands(site)) {
      return strands.readOrigin(strands.named(table.strands(site)), said);
    }
    said.changedAt = table.changedAt(site);
    said.strand = noStrand;
    // Where it is known to be none, other memory is not read for it.
    said.origin = said.index === 0 || table.isShownPlain(site) ? noOrigin : table.origin(site);
    said.recordedAt = this.#origins.recordedAt(said.origin, said.observedAt);
  }

  /**
   * Whether a site shows a report of itself that says the same as another one, whoever said it and whenever. It may be
   * the last one of several whose products belong together.
   */
  showsSame(report: LogEntry): boolean {
    const [table, strands, said] = [this.#table, this.strands, this.#said];
    const { site, observedAt, availability, unit, product } = report;
    if (table.shownIndex(site) === 0) return false;
    if (!table.hasStrands(site)) this.readRecord(site, said);
    else strands.read(strands.named(table.strands(site)), said);
    if (said.observedAt !== observedAt || said.availability !== availability || said.unit !== unit) return false;
    const own = said.strand === noStrand ? noText : strands.product(said.strand);
    const isOfProduct = own === noText ? product.length === 0 : strands.products.get(own).equals(product);
    return isOfProduct && this.#origins.hasTextsOf(said.origin, report);
  }

  /** The report with this index was redacted: whoever says it says no more who reported it, and no note. */
  redact(site: SitePlace, index: number): void {
    const [table, strands] = [this.#table, this.strands];
    if (!table.hasStrands(site)) {
      if (table.shownIndex(site) === index) this.#origins.redact(table.origin(site));
      return;
    }
    for (let strand = strands.first(table.strands(site)); strand !== noStrand; strand = strands.next(strand)) {
      if (strands.index(strand) === index) this.#origins.redact(strands.origin(strand));
    }
  }

  /** The last document of the source of an entry, or {@link noDocument}. */
  documentOf(entry: LogEntry): DocumentRecord {
    const table = this.#table;
    const { site } = entry;
    if (!table.hasStrands(site)) {
      return this.#readKey(entry).source === table.onlySource(site) ? table.document(site) : noDocument;
    }
    const strand = this.#find(entry);
    return strand === noStrand ? noDocument : this.strands.document(strand);
  }

  /** Records a document, which the entry has in full. */
  document(entry: LogEntry): void {
    const [table, strands, documents, known] = [this.#table, this.strands, this.#documents, this.#knownDocument];
    const { site, document } = entry;
    const isExtra = (entry.more & moreMarks.extra) !== 0;
    const isPrimary = !isExtra || this.#isWithoutPrimary(site);
    // The only source has two documents then: its last one, and the one that the site shows.
    if (!isPrimary && !table.hasStrands(site) && strands.hasRoom(firstStrandsMax)) this.#split(site);
    const strand = this.#strandOf(entry);
    known.number = entry.documentNumber;
    known.index = entry.index;
    known.madeAt = entry.isExplicit ? entry.observedAt : 0;
    known.isExtra = isExtra;
    known.length = entry.documentLength;
    const kept = documents.keptOf(document);
    if (strand !== noStrand) {
      strands.setDocument(strand, documents.records.put(strands.document(strand), known, kept));
    }
    if (isPrimary) table.setDocument(site, documents.records.put(table.document(site), known, kept));
  }

  /** Whether a site has no document, or one that is extra. */
  #isWithoutPrimary(site: SitePlace): boolean {
    const record = this.#table.document(site);
    if (record === noDocument) return true;
    this.#documents.records.read(record, this.#knownDocument);
    return this.#knownDocument.isExtra;
  }

  /** The numbers of the source and the product of an entry. */
  #readKey({ source, product }: LogEntry): Key {
    const [key, { sources, products }] = [this.#key, this.strands];
    key.source = source.length === 0 ? noText : sources.find(source) || (sources.isFull ? noText : unused);
    key.product = product.length === 0 ? noText : products.find(product) || unused;
    return key;
  }

  #find(entry: LogEntry): StrandNumber {
    const { source, product } = this.#readKey(entry);
    return this.strands.find(this.#table.strands(entry.site), source, product);
  }

  /**
   * The strand that an entry belongs to, which is added if it is missing; {@link noStrand} if all that is known of the
   * site comes from its source, and has no product. Where there is no room for another strand, an entry without a
   * product belongs to the one without a source; an entry with a product may not be {@link isCrowded}.
   */
  #strandOf(entry: LogEntry): StrandNumber {
    const [table, strands] = [this.#table, this.strands];
    const { site } = entry;
    const source = numbered(strands.sources, entry.source);
    const product = numbered(strands.products, entry.product);
    if (!table.hasStrands(site)) {
      const isApart = product !== noText || !this.#isOnlySource(site, source);
      if (!isApart || (product === noText && !strands.hasRoom(firstStrandsMax))) return noStrand;
      this.#split(site);
    }
    const head = table.strands(site);
    const strand = strands.find(head, source, product);
    if (strand !== noStrand) return strand;
    if (!strands.isFull(head)) return strands.add(head, source, product);
    const other = strands.find(head, noText, noText);
    if (other !== noStrand) return other;
    // Without any room, everything is of the source that was there first.
    return strands.hasRoom(1) ? strands.add(head, noText, noText) : strands.first(head);
  }

  /** Whether a report about no product, of a site without strands, comes from its only source. */
  isFromOnlySource({ site, source }: LogEntry): boolean {
    return this.#isOnlySource(site, numbered(this.strands.sources, source));
  }

  /** Whether all reports and documents of a site without strands come from a source, which those that follow may do. */
  #isOnlySource(site: SitePlace, source: number): boolean {
    const table = this.#table;
    if (table.onlySource(site) === source) return true;
    if (!this.#hasNothing(site)) return false;
    table.setOnlySource(site, source);
    return true;
  }

  #hasNothing(site: SitePlace): boolean {
    return this.#table.shownIndex(site) === 0 && this.#table.document(site) === noDocument;
  }

  /** Gives a site a head, and a strand for its only source. */
  #split(site: SitePlace): void {
    const [table, strands, said] = [this.#table, this.strands, this.#said];
    const source = table.onlySource(site);
    const head = strands.addHead(table.observedAt(site));
    this.readRecord(site, said);
    if (!this.#hasNothing(site)) {
      said.document = this.#documents.records.copy(said.document);
      said.strand = strands.add(head, source, noText);
      strands.write(said.strand, said);
    }
    strands.setShown(head, said);
    table.setStrands(site, head);
  }

  /** Whether there is room to take back a report of a site, after which it must have strands. */
  canRetract(site: SitePlace): boolean {
    return this.#table.hasStrands(site) || this.strands.hasRoom(firstStrandsMax);
  }

  /** The strand that says a report, by its index; {@link noStrand}: none does, or the site has no strands. */
  strandSaying(site: SitePlace, index: number): StrandNumber {
    const [table, strands] = [this.#table, this.strands];
    if (!table.hasStrands(site)) return noStrand;
    let strand = strands.first(table.strands(site));
    while (strand !== noStrand && strands.index(strand) !== index) strand = strands.next(strand);
    return strand;
  }

  /** Whether a report in the log belongs to a strand of its site; to {@link noStrand}: its site has no strands. */
  isOf(report: LogEntry, strand: StrandNumber): boolean {
    if (strand === noStrand) return true;
    const { strands } = this;
    const head = this.#table.strands(report.site);
    const { sources, products } = strands;
    const source = report.source.length === 0
      ? noText
      : sources.findKept(report.source) || (sources.isFull ? noText : unused);
    const product = report.product.length === 0 ? noText : products.findKept(report.product) || unused;
    return strand ===
      (strands.find(head, source, product) || strands.find(head, noText, noText) || strands.first(head));
  }

  /**
   * The report with this index, which its source says, was taken back; there must be room. The source says another one
   * then.
   *
   * @param report that one; undefined: none.
   * @param isUnknown whether there may be one, which nobody has found.
   */
  retract(site: SitePlace, index: number, report: LogEntry | undefined, isUnknown: boolean): void {
    const [table, strands, said] = [this.#table, this.strands, this.#said];
    if (!table.hasStrands(site)) this.#split(site);
    const strand = this.strandSaying(site, index);
    const origin = strands.origin(strand);
    said.clear();
    said.document = strands.document(strand);
    if (report === undefined) this.#origins.drop(origin);
    else {
      ({ availability: said.availability, unit: said.unit, observedAt: said.observedAt, index: said.index } = report);
      said.changedAt = said.observedAt;
      said.origin = this.#origins.put(origin, report);
    }
    strands.write(strand, said);
    this.#show(site);
    if (isUnknown && table.shownIndex(site) === 0) this.#showUnknown(site);
  }

  #showUnknown(site: SitePlace): void {
    const said = this.#said;
    said.clear();
    said.availability = unknown;
    this.#table.showSaid(site, said);
  }

  /**
   * Begins to give a site the strands that a snapshot has of it.
   *
   * @param reach the newest observation of the site.
   * @throws {DecodeError} if there is no room.
   */
  putBackHead(site: SitePlace, reach: number): StrandNumber {
    if (!this.strands.hasRoom(firstStrandsMax)) throw new DecodeError("there are too many sources");
    const head = this.strands.addHead(reach);
    this.#table.setStrands(site, head);
    return head;
  }

  /** Gives a site one of its strands, which says what `said` says. @throws {DecodeError} if it cannot have that. */
  putBackStrand(head: StrandNumber, source: number, product: number, said: ReadStrand): void {
    const { strands } = this;
    const isSound = strands.size(head) <= strandsPerSiteMax && strands.hasRoom(1) && source <= strands.sources.size &&
      product <= strands.products.size && strands.find(head, source, product) === noStrand;
    if (!isSound) throw new DecodeError(`a site cannot have source ${source} and product ${product}`);
    strands.put(strands.add(head, source, product), said);
  }

  /** All strands of a site are there: it shows what follows from them. @param isUnknown see {@link retract}. */
  putBackShown(site: SitePlace, isUnknown: boolean): void {
    this.strands.decide(this.#table.strands(site));
    this.#show(site);
    if (isUnknown) this.#showUnknown(site);
  }

  /** Reads all that is said of a site, one after the other, with the numbers of the source and the product. */
  *saidOf(site: SitePlace, said: ReadStrand): Generator<Key> {
    const [table, strands] = [this.#table, this.strands];
    if (table.hasStrands(site)) {
      for (let strand = strands.first(table.strands(site)); strand !== noStrand; strand = strands.next(strand)) {
        strands.read(strand, said);
        yield { source: strands.source(strand), product: strands.product(strand) };
      }
    } else if (!this.#hasNothing(site)) {
      this.readRecord(site, said);
      yield { source: table.onlySource(site), product: noText };
    }
  }

  /**
   * Finds the newest of what is said of a site by a source, about a product, and reads it.
   *
   * @param source the number of the source; undefined: any.
   * @param product the number of the product; undefined: any, and none.
   * @returns whether there is any.
   */
  readNewest(site: SitePlace, source: number | undefined, product: number | undefined, said: ReadStrand): boolean {
    const [table, strands] = [this.#table, this.strands];
    if (!table.hasStrands(site)) {
      const isMeant = product === undefined && (source === undefined || source === table.onlySource(site));
      if (!isMeant || table.shownIndex(site) === 0) return false;
      this.readRecord(site, said);
      return true;
    }
    let newest = noStrand;
    for (let strand = strands.first(table.strands(site)); strand !== noStrand; strand = strands.next(strand)) {
      const isMeant = (source === undefined || strands.source(strand) === source) &&
        (product === undefined || strands.product(strand) === product) && strands.index(strand) !== 0;
      if (isMeant && (newest === noStrand || strands.isNewer(strand, newest))) newest = strand;
    }
    if (newest === noStrand) return false;
    strands.read(newest, said);
    return true;
  }
}

/** The number of a text, which it gets if there is one left; 0 if there is none. */
function numbered(texts: SharedTexts, text: TextRange): number {
  if (text.length === 0) return noText;
  const known = texts.find(text);
  if (known !== noText || texts.isFull) return known;
  texts.add(text);
  return texts.size;
}
