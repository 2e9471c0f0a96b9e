/**
 * Where the sites are kept: records of bytes in one growing array, found by the bytes of their names.
 *
 * A record begins at a multiple of 64 bytes, which is a line of a processor's caches. Its first line has everything
 * that a report or a look-up touches, usually with the name. So a command among a million sites waits for the memory
 * twice: for the slot of the hash table and for this line. Rarely used parts are kept apart. A million sites cause no
 * work for the garbage collector.
 *
 * A site is known by the number of its first line, which never changes: sites are never erased.
 *
 * @module
 */

import { putSmallVarint, putVarint } from "../../bytes.ts";
import { type DocumentRecord, noDocument } from "./document_records.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import type { LogEntry } from "./log_entry.ts";
import { NamedRecords } from "./named_records.ts";
import { noOrigin, type OriginNumber, Origins } from "./origins.ts";
import { noOwnText, type OwnText } from "./own_texts.ts";
import { commandsPerRequestMax, segmentEntries, siteBytesMax } from "../../limits.ts";
import { countBefore } from "../name_order.ts";
import { stateBits } from "../wire/outputs.ts";
import { type PackedAvailability, type PackedUnit, type PackedZip, tagOf, unitShift } from "../wire/packed.ts";
import {
  apartIntegers,
  availabilityAt,
  bitsAt,
  changedAtAt,
  countAt,
  countMask,
  documentAt,
  headAt,
  idAt,
  identifiersAt,
  joinedBit,
  lastSegmentAt,
  lineBytes,
  noSite,
  observedAtAt,
  originAt,
  plainBit,
  plainShift,
  publishedAt,
  retiredAt,
  segmentApartBit,
  shownIndexAt,
  sinceApart,
  sinceAt,
  type SitePlace,
  skipAt,
  skipBit,
  sourceApart,
  sourceShift,
  stateMask,
  strandsAt,
  strandsBit,
  zipHighAt,
  zipHighMask,
  zipLowAt,
} from "./site_record.ts";
import type { ReadStrand } from "./strands.ts";
import type { TextRange } from "../wire/text_range.ts";

/** All sites. */
export class SiteTable extends NamedRecords {
  /** The origins of what the sites show. */
  readonly origins: Origins;
  readonly #places = new GrowingBytes(64 * 4, siteBytesMax / lineBytes * 4);
  /** The sites in the order of their ids, which is that in which they were added. */
  #byId = new Int32Array(this.#places.buffer);
  #size = 0;
  #retired = 0;
  #withoutEntries = 0;
  readonly #segmentEntries: number;
  readonly #touchedOrigins = new Int32Array(commandsPerRequestMax);

  /**
   * Without sites.
   *
   * @param origins keeps where the reports come from that they show.
   * @param entries how many entries a segment of the log has.
   */
  constructor(origins: Origins = new Origins(), entries = segmentEntries) {
    super();
    this.origins = origins;
    this.#segmentEntries = entries;
  }

  /** How many sites there are. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are retired. */
  get retiredSize(): number {
    return this.#retired;
  }

  /** How many sites have no entries yet. */
  get withoutEntries(): number {
    return this.#withoutEntries;
  }

  /**
   * Adds the site of an entry. No site has its name, for which there must be room, and which is at most 65,535 bytes
   * long. Nothing is reported of the site: it has a count of 0.
   */
  add({ name, nameHash, zip, index }: LogEntry): SitePlace {
    const site = this.addSite(name, nameHash);
    this.integers[lineBytes / 4 * site + idAt] = index;
    this.setZip(site, zip);
    this.#enlist(site);
    return site;
  }

  /** The site with an id, or {@link noSite}. */
  withId(id: number): SitePlace {
    const sites = this.#byId.subarray(0, this.#size);
    const at = countBefore(sites, (site) => this.id(site) < id);
    return at < sites.length && this.id(sites[at]) === id ? sites[at] : noSite;
  }

  /** The sites in the order of their ids. */
  byId(): Int32Array {
    return this.#byId.subarray(0, this.#size);
  }

  #enlist(site: SitePlace): void {
    if (this.#size === this.#byId.length) {
      this.#places.grow(4 * (this.#size + 1));
      this.#byId = new Int32Array(this.#places.buffer);
    }
    this.#byId[this.#size++] = site;
    this.#withoutEntries++;
  }

  /**
   * Puts a site back behind all others, as a snapshot has it, without what is reported of it and without entries.
   *
   * @returns whether its name is at its place ({@link putBack}).
   */
  putBackSite(name: TextRange, id: number, zip: PackedZip): boolean {
    const site = this.next;
    const isNew = this.putBack(name);
    this.integers[lineBytes / 4 * site + idAt] = id;
    this.setZip(site, zip);
    this.#setLastSegment(site, 0);
    this.#enlist(site);
    return isNew;
  }

  /** Sets what a site without strands shows, from a snapshot. The report has the index `index`, and this origin. */
  putBackShown(
    site: SitePlace,
    index: number,
    { availability, unit, observedAt, changedAt, origin }: ReadStrand,
  ): void {
    const [floats, integers, at] = [lineBytes / 8 * site, lineBytes / 4 * site, lineBytes * site + bitsAt];
    const since = observedAt - changedAt;
    this.integers[integers + sinceAt] = Math.min(since, sinceApart);
    if (since >= sinceApart) this.apartFloats[apartIntegers / 2 * site + changedAtAt] = changedAt;
    this.floats[floats + availabilityAt] = availability;
    this.floats[floats + observedAtAt] = observedAt;
    this.integers[integers + shownIndexAt] = index;
    this.setOrigin(site, origin);
    this.bytes[at] |= unit << unitShift | (origin === noOrigin ? plainBit : 0);
  }

  /** Retires a site, as a snapshot says. @param reason why; not {@link noOwnText}. */
  putBackRetired(site: SitePlace, reason: OwnText): void {
    this.apart[apartIntegers * site + retiredAt] = reason;
    this.bytes[lineBytes * site + bitsAt] |= stateBits.retired;
    this.#retired++;
  }

  /** The index of the entry that added the site. */
  id(site: SitePlace): number {
    return this.integers[lineBytes / 4 * site + idAt];
  }

  /** The site's availability. */
  availability(site: SitePlace): PackedAvailability {
    return this.floats[lineBytes / 8 * site + availabilityAt];
  }

  /**
   * When that was observed, in ms since 1970; 0 if there is no report. Without strands, it is the newest observation of
   * all.
   */
  observedAt(site: SitePlace): number {
    return this.floats[lineBytes / 8 * site + observedAtAt];
  }

  /** The site's ZIP code. */
  zip(site: SitePlace): PackedZip {
    const low = this.integers[lineBytes / 4 * site + zipLowAt] >>> 0;
    return (this.bytes[lineBytes * site + zipHighAt] & zipHighMask) * 2 ** 32 + low;
  }

  /** Gives the site a ZIP code. */
  setZip(site: SitePlace, zip: PackedZip): void {
    const high = Math.floor(zip / 2 ** 32);
    this.integers[lineBytes / 4 * site + zipLowAt] = zip - high * 2 ** 32;
    const at = lineBytes * site + zipHighAt;
    this.bytes[at] = this.bytes[at] & ~zipHighMask | high;
  }

  /** The unit, whether it is retired and whether it has a document: {@link stateBits}. */
  bits(site: SitePlace): number {
    return this.bytes[lineBytes * site + bitsAt] & stateMask;
  }

  /** Whether the site is an alias of another one, or others are aliases of it. */
  isJoined(site: SitePlace): boolean {
    return (this.bytes[lineBytes * site + bitsAt] & joinedBit) !== 0;
  }

  /** The unit of what the site shows. */
  unit(site: SitePlace): PackedUnit {
    return (this.bytes[lineBytes * site + bitsAt] & stateBits.unit) >>> unitShift;
  }

  /** Whether the site is joined with others, or has strands: what it shows is not in its record alone. */
  isInvolved(site: SitePlace): boolean {
    return (this.bytes[lineBytes * site + bitsAt] & (joinedBit | strandsBit)) !== 0;
  }

  /** Whether the site has strands. */
  hasStrands(site: SitePlace): boolean {
    return (this.bytes[lineBytes * site + bitsAt] & strandsBit) !== 0;
  }

  /** The head of the strands of a site that has some. */
  strands(site: SitePlace): number {
    return this.apart[apartIntegers * site + strandsAt];
  }

  /** The number of the source of all reports and documents of a site without strands; 0: they have none. */
  onlySource(site: SitePlace): number {
    const source = this.bytes[lineBytes * site + zipHighAt] >>> sourceShift;
    return source < sourceApart ? source : this.apart[apartIntegers * site + strandsAt];
  }

  /** The site has strands from now on, which have taken its origin. */
  setStrands(site: SitePlace, head: number): void {
    this.setOrigin(site, noOrigin);
    // What it shows may be older than its last entry from now on.
    this.#setLastSegment(site, this.lastSegment(site));
    this.apart[apartIntegers * site + strandsAt] = head;
    this.bytes[lineBytes * site + bitsAt] |= strandsBit;
  }

  /** Notes the source of all its reports and documents; 0: they have none. */
  setOnlySource(site: SitePlace, source: number): void {
    const at = lineBytes * site + zipHighAt;
    this.bytes[at] = this.bytes[at] & zipHighMask | Math.min(source, sourceApart) << sourceShift;
    if (source >= sourceApart) this.apart[apartIntegers * site + strandsAt] = source;
  }

  /**
   * Whether no report and document of the site has a source, nor a product, and it is neither joined with others nor
   * retired.
   */
  isSimpleAndOpen(site: SitePlace): boolean {
    const at = lineBytes * site;
    const bits = this.bytes[at + bitsAt] & (joinedBit | strandsBit | stateBits.retired);
    return (bits | this.bytes[at + zipHighAt] >>> sourceShift) === 0;
  }

  /**
   * Puts the state of a site that is not involved with others (`outputs.ts`) into bytes with room for it.
   *
   * @returns where it ends.
   */
  putState(bytes: Uint8Array, at: number, site: SitePlace, knowsIds: boolean, knowsSources: boolean): number {
    const record = lineBytes * site;
    const availability = this.floats[record / 8 + availabilityAt];
    const bits = tagOf(availability) | this.bytes[record + bitsAt] & stateMask;
    bytes[at++] = knowsIds ? bits | stateBits.id : bits;
    if (knowsIds) at = putVarint(bytes, at, this.integers[record / 4 + idAt]);
    const zipLow = this.integers[record / 4 + zipLowAt];
    // A ZIP code of up to seven digits.
    const isSmall = (zipLow >>> 28 | this.bytes[record + zipHighAt] & zipHighMask) === 0;
    at = isSmall ? putSmallVarint(bytes, at, zipLow) : putVarint(bytes, at, this.zip(site));
    if (availability >= 0) at = putVarint(bytes, at, availability);
    at = putVarint(bytes, at, this.floats[record / 8 + observedAtAt]);
    if (knowsSources) bytes[at++] = 0;
    return at;
  }

  /** Notes {@link isJoined}. */
  setJoined(site: SitePlace, isJoined: boolean): void {
    const at = lineBytes * site + bitsAt;
    this.bytes[at] = this.bytes[at] & ~joinedBit | (isJoined ? joinedBit : 0);
  }

  /** Whether the site is retired. */
  isRetired(site: SitePlace): boolean {
    return (this.bytes[lineBytes * site + bitsAt] & stateBits.retired) !== 0;
  }

  /** The index of the report that is shown; 0 if there is none. */
  shownIndex(site: SitePlace): number {
    return this.integers[lineBytes / 4 * site + shownIndexAt];
  }

  /** Whether the report that is shown has no origin: no texts, and it was recorded when it was observed. */
  isShownPlain(site: SitePlace): boolean {
    return (this.bytes[lineBytes * site + bitsAt] & plainBit) !== 0;
  }

  /** Whether, beside that, the site is not retired, not joined with others, and has no strands. */
  isPlain(site: SitePlace): boolean {
    const bits = this.bytes[lineBytes * site + bitsAt] & (plainBit | stateBits.retired | joinedBit | strandsBit);
    return bits === plainBit;
  }

  /**
   * Shows another report of a site without strands, which was not observed before the one that it has shown, and is the
   * last entry of the site.
   */
  show(report: LogEntry): void {
    const { site, availability, unit, observedAt } = report;
    // Each report of most sites comes here: one variable after the other makes a third of the code of an array of them.
    const { bytes, floats, integers } = this;
    const at = lineBytes * site;
    const float = lineBytes / 8 * site;
    const integer = lineBytes / 4 * site;
    const bits = bytes[at + bitsAt];
    const isSame = floats[float + availabilityAt] === availability && integers[integer + shownIndexAt] !== 0 &&
      (bits & stateBits.unit) === unit << unitShift;
    if (isSame) this.#stays(site, observedAt);
    else integers[integer + sinceAt] = 0;
    floats[float + availabilityAt] = availability;
    floats[float + observedAtAt] = observedAt;
    integers[integer + shownIndexAt] = report.index;
    bytes[at + countAt] &= ~segmentApartBit;
    const isPlain = observedAt === report.recordedAt && (report.marked | report.more) === 0;
    bytes[at + bitsAt] = bits & ~(stateBits.unit | plainBit) | unit << unitShift | (isPlain ? plainBit : 0);
    // Most plain reports follow another one, and this memory is not in the line that a look-up waits for.
    if (!isPlain || (bits & plainBit) === 0) this.#putOrigin(report);
  }

  #putOrigin(report: LogEntry): void {
    const { site } = report;
    this.setOrigin(site, this.origins.put(this.origin(site), report));
  }

  /** What a site shows was observed once more. */
  #stays(site: SitePlace, observedAt: number): void {
    const at = lineBytes / 4 * site + sinceAt;
    const since = (this.integers[at] >>> 0) + observedAt - this.floats[lineBytes / 8 * site + observedAtAt];
    if (since < sinceApart) {
      this.integers[at] = since;
      return;
    }
    const changedAt = this.changedAt(site);
    this.integers[at] = sinceApart;
    this.apartFloats[apartIntegers / 2 * site + changedAtAt] = changedAt;
  }

  /** Since when the only source of a site has said what it says; 0 if there is no report. */
  changedAt(site: SitePlace): number {
    const since = this.integers[lineBytes / 4 * site + sinceAt] >>> 0;
    return since === sinceApart
      ? this.apartFloats[apartIntegers / 2 * site + changedAtAt]
      : this.observedAt(site) - since;
  }

  override touch(hashes: Int32Array, places: Int32Array, count: number): number {
    const bits = super.touch(hashes, places, count);
    if ((bits & plainBit) === 0) this.#touchOrigins(places, count);
    return bits;
  }

  /** The same of the origins of what sites show, which are in other memory. */
  #touchOrigins(places: Int32Array, count: number): void {
    const { bytes, integers, apart } = this;
    const origins = this.#touchedOrigins;
    let size = 0;
    // By numbers, since no processor foresees which sites are plain. A site without a report has no origin.
    for (let at = 0; at < count; at++) {
      const site = places[at];
      origins[size] = site;
      const index = integers[lineBytes / 4 * site + shownIndexAt];
      size += (index | -index) >>> 31 & ~bytes[lineBytes * site + bitsAt] >>> plainShift;
    }
    for (let at = 0; at < size; at++) origins[at] = apart[apartIntegers * origins[at] + originAt];
    this.touched ^= this.origins.touch(origins, size);
  }

  /** The origin of the report that is shown, if the site has no strands. */
  origin(site: SitePlace): OriginNumber {
    return this.apart[apartIntegers * site + originAt];
  }

  /** The report that is shown has that origin; the one that it had is taken care of. */
  setOrigin(site: SitePlace, origin: OriginNumber): void {
    this.apart[apartIntegers * site + originAt] = origin;
  }

  /** Shows what strands say. */
  showSaid(site: SitePlace, { availability, observedAt, unit, index }: ReadStrand): void {
    this.floats[lineBytes / 8 * site + availabilityAt] = availability;
    this.floats[lineBytes / 8 * site + observedAtAt] = observedAt;
    this.integers[lineBytes / 4 * site + shownIndexAt] = index;
    const at = lineBytes * site + bitsAt;
    this.bytes[at] = this.bytes[at] & ~(stateBits.unit | plainBit) | unit << unitShift;
  }

  /** The segment of the last entry of the site; 0: it has none yet. */
  lastSegment(site: SitePlace): number {
    const isApart = (this.bytes[lineBytes * site + countAt] & segmentApartBit) !== 0;
    if (isApart) return this.apart[apartIntegers * site + lastSegmentAt];
    return Math.ceil(this.shownIndex(site) / this.#segmentEntries);
  }

  /**
   * Whether the last entry of the site is in the last segment.
   *
   * @param segment the number of that.
   * @param before the last entry before it.
   */
  hasEntryIn(site: SitePlace, segment: number, before: number): boolean {
    const isApart = (this.bytes[lineBytes * site + countAt] & segmentApartBit) !== 0;
    if (isApart) return this.apart[apartIntegers * site + lastSegmentAt] === segment;
    return this.integers[lineBytes / 4 * site + shownIndexAt] > before;
  }

  #setLastSegment(site: SitePlace, segment: number): void {
    this.bytes[lineBytes * site + countAt] |= segmentApartBit;
    this.apart[apartIntegers * site + lastSegmentAt] = segment;
  }

  /** The site has its first entry in a segment, at a place in the log of that segment. */
  beginChain(site: SitePlace, segment: number, entry: number): void {
    this.integers[lineBytes / 4 * site + headAt] = entry;
    this.bytes[lineBytes * site + countAt] = 1;
    if (this.apart[apartIntegers * site + lastSegmentAt] === 0) this.#withoutEntries--;
    this.#setLastSegment(site, segment);
  }

  /** The same where that entry is a report that is shown next: no memory is touched that is not in the line. */
  beginShown(site: SitePlace, entry: number): void {
    this.integers[lineBytes / 4 * site + headAt] = entry;
    this.bytes[lineBytes * site + countAt] = 1;
  }

  /** The last entry of the site: its place in the log of its segment, from 0. */
  head(site: SitePlace): number {
    return this.integers[lineBytes / 4 * site + headAt];
  }

  /** The number of the site's next entry in that segment, from 0, modulo `skipEntries`. */
  count(site: SitePlace): number {
    return this.bytes[lineBytes * site + countAt] & countMask;
  }

  /** The site has one more entry in that segment. */
  setHead(site: SitePlace, entry: number): void {
    this.integers[lineBytes / 4 * site + headAt] = entry;
    const at = lineBytes * site + countAt;
    const count = this.bytes[at];
    this.bytes[at] = count & ~countMask | count + 1 & countMask;
  }

  /** Whether {@link skip} is known: it is not from the first entry on. */
  hasSkip(site: SitePlace): boolean {
    return (this.bytes[lineBytes * site + countAt] & skipBit) !== 0;
  }

  /** The last entry of the site in that segment that has pointers far back. */
  skip(site: SitePlace): number {
    return this.apart[apartIntegers * site + skipAt];
  }

  /** Notes the last entry of the site that has pointers far back. */
  setSkip(site: SitePlace, entry: number): void {
    this.bytes[lineBytes * site + countAt] |= skipBit;
    this.apart[apartIntegers * site + skipAt] = entry;
  }

  /** The record of the document that the site shows, or {@link noDocument}. */
  document(site: SitePlace): DocumentRecord {
    // Most sites have none, and this memory is not in the line that a look-up waits for.
    const hasDocument = (this.bytes[lineBytes * site + bitsAt] & stateBits.document) !== 0;
    return hasDocument ? this.apart[apartIntegers * site + documentAt] : noDocument;
  }

  /** Gives the site a document. */
  setDocument(site: SitePlace, record: DocumentRecord): void {
    this.apart[apartIntegers * site + documentAt] = record;
    this.bytes[lineBytes * site + bitsAt] |= stateBits.document;
  }

  /** Why the site is retired, as the entry says that has the text's index; {@link noOwnText}: it is not. */
  retirement(site: SitePlace): OwnText {
    return this.apart[apartIntegers * site + retiredAt];
  }

  /** Retires a site that is not retired, for the reason that an entry has as its note. */
  retire({ site, note, index }: LogEntry): void {
    this.apart[apartIntegers * site + retiredAt] = this.origins.own.keep(note, index);
    this.bytes[lineBytes * site + bitsAt] |= stateBits.retired;
    this.#retired++;
  }

  /** Forgets why the site is retired, since that was redacted. */
  redactRetirement(site: SitePlace): void {
    this.apart[apartIntegers * site + retiredAt] = this.origins.own.erase(this.retirement(site));
  }

  /** Opens a site that is retired. */
  reopen(site: SitePlace): void {
    this.origins.own.drop(this.retirement(site));
    this.apart[apartIntegers * site + retiredAt] = noOwnText;
    this.bytes[lineBytes * site + bitsAt] &= ~stateBits.retired;
    this.#retired--;
  }

  /** The first link of the site's identifiers (`identifier_index.ts`); 0: it has none. */
  identifiers(site: SitePlace): number {
    return this.apart[apartIntegers * site + identifiersAt];
  }

  /** Notes the first link of the site's identifiers. */
  setIdentifiers(site: SitePlace, link: number): void {
    this.apart[apartIntegers * site + identifiersAt] = link;
  }

  /** The id under which the site is published, with the index of the entry that says so; {@link noOwnText}: none. */
  published(site: SitePlace): OwnText {
    return this.apart[apartIntegers * site + publishedAt];
  }

  /** Gives the site the id under which it is published. */
  setPublished(site: SitePlace, id: OwnText): void {
    this.apart[apartIntegers * site + publishedAt] = id;
  }
}
