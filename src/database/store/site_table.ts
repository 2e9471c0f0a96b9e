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
import { type LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { NamedRecords } from "./named_records.ts";
import { stateBits } from "../wire/outputs.ts";
import { type PackedAvailability, type PackedUnit, type PackedZip, tagOf, unitShift } from "../wire/packed.ts";
import {
  apartIntegers,
  availabilityAt,
  bitsAt,
  countAt,
  documentAt,
  headAt,
  idAt,
  identifiersAt,
  joinedBit,
  lineBytes,
  observedAtAt,
  plainBit,
  publishedAt,
  retiredAt,
  shownAt,
  shownIndexAt,
  type SitePlace,
  skipAt,
  skipNumberAt,
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

/** All sites. */
export class SiteTable extends NamedRecords {
  #size = 0;
  #retired = 0;

  /** How many sites there are. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are retired. */
  get retiredSize(): number {
    return this.#retired;
  }

  /**
   * Adds the site of an entry, which is at `head`. No site has its name, for which there must be room, and which is at
   * most 65,535 bytes long. Nothing is reported of the site: it has a count of 0.
   */
  add({ name, nameHash, zip, index }: LogEntry, head: LogPlace): SitePlace {
    const site = this.addSite(name, nameHash);
    this.integers[lineBytes / 4 * site + headAt] = head;
    this.integers[lineBytes / 4 * site + idAt] = index;
    this.bytes[lineBytes * site + countAt] = 1;
    this.apart[apartIntegers * site + skipAt] = head;
    this.setZip(site, zip);
    this.#size++;
    return site;
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

  /** The site has strands from now on. */
  setStrands(site: SitePlace, head: number): void {
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

  /** The report that is shown, or {@link noEntry}. */
  shown(site: SitePlace): LogPlace {
    return this.integers[lineBytes / 4 * site + shownAt];
  }

  /** The index of the report that is shown; 0 if there is none. */
  shownIndex(site: SitePlace): number {
    return this.integers[lineBytes / 4 * site + shownIndexAt];
  }

  /** Whether the report that is shown has no texts, and was recorded when it was observed. */
  isShownPlain(site: SitePlace): boolean {
    return (this.bytes[lineBytes * site + bitsAt] & plainBit) !== 0;
  }

  /** Whether, beside that, the site is not retired, not joined with others, and has no strands. */
  isPlain(site: SitePlace): boolean {
    const bits = this.bytes[lineBytes * site + bitsAt] & (plainBit | stateBits.retired | joinedBit | strandsBit);
    return bits === plainBit;
  }

  /** Shows another report, which is at `place`. */
  show(report: LogEntry, place: LogPlace): void {
    const { site, availability, unit, observedAt } = report;
    this.floats[lineBytes / 8 * site + availabilityAt] = availability;
    this.floats[lineBytes / 8 * site + observedAtAt] = observedAt;
    this.integers[lineBytes / 4 * site + shownAt] = place;
    this.integers[lineBytes / 4 * site + shownIndexAt] = report.index;
    const isPlain = observedAt === report.recordedAt && report.marked === 0;
    const at = lineBytes * site + bitsAt;
    const others = this.bytes[at] & ~(stateBits.unit | plainBit);
    this.bytes[at] = others | unit << unitShift | (isPlain ? plainBit : 0);
  }

  /** Shows what strands say. */
  showSaid(site: SitePlace, { availability, observedAt, unit, place, index }: ReadStrand): void {
    this.floats[lineBytes / 8 * site + availabilityAt] = availability;
    this.floats[lineBytes / 8 * site + observedAtAt] = observedAt;
    this.integers[lineBytes / 4 * site + shownAt] = place;
    this.integers[lineBytes / 4 * site + shownIndexAt] = index;
    const at = lineBytes * site + bitsAt;
    this.bytes[at] = this.bytes[at] & ~(stateBits.unit | plainBit) | unit << unitShift;
  }

  /** The last entry of the site. */
  head(site: SitePlace): LogPlace {
    return this.integers[lineBytes / 4 * site + headAt];
  }

  /** The number of the site's next entry, from 0, modulo 256. */
  count(site: SitePlace): number {
    return this.bytes[lineBytes * site + countAt];
  }

  /** The site has one more entry. */
  setHead(site: SitePlace, entry: LogPlace): void {
    this.integers[lineBytes / 4 * site + headAt] = entry;
    this.bytes[lineBytes * site + countAt]++;
  }

  /** The last entry of the site that has pointers far back. */
  skip(site: SitePlace): LogPlace {
    return this.apart[apartIntegers * site + skipAt];
  }

  /** The number of that one among those of the site, from 0. */
  skipNumber(site: SitePlace): number {
    return this.apart[apartIntegers * site + skipNumberAt];
  }

  /** The site has one more entry that has pointers far back. */
  setSkip(site: SitePlace, entry: LogPlace): void {
    this.apart[apartIntegers * site + skipAt] = entry;
    this.apart[apartIntegers * site + skipNumberAt]++;
  }

  /** The entry with the site's document, or {@link noEntry}. */
  document(site: SitePlace): LogPlace {
    // Most sites have none, and this memory is not in the line that a look-up waits for.
    const hasDocument = (this.bytes[lineBytes * site + bitsAt] & stateBits.document) !== 0;
    return hasDocument ? this.apart[apartIntegers * site + documentAt] : noEntry;
  }

  /** Gives the site another document. */
  setDocument(site: SitePlace, entry: LogPlace): void {
    this.apart[apartIntegers * site + documentAt] = entry;
    this.bytes[lineBytes * site + bitsAt] |= stateBits.document;
  }

  /** The entry that says why the site is retired, if it is. */
  retirement(site: SitePlace): LogPlace {
    return this.apart[apartIntegers * site + retiredAt];
  }

  /** Retires a site that is not retired. */
  retire(site: SitePlace, entry: LogPlace): void {
    this.apart[apartIntegers * site + retiredAt] = entry;
    this.bytes[lineBytes * site + bitsAt] |= stateBits.retired;
    this.#retired++;
  }

  /** Opens a site that is retired. */
  reopen(site: SitePlace): void {
    this.apart[apartIntegers * site + retiredAt] = noEntry;
    this.bytes[lineBytes * site + bitsAt] &= ~stateBits.retired;
    this.#retired--;
  }

  /** The last entry that says which identifiers the site has, or {@link noEntry}. */
  identifiers(site: SitePlace): LogPlace {
    return this.apart[apartIntegers * site + identifiersAt];
  }

  /** Another entry says which identifiers the site has. */
  setIdentifiers(site: SitePlace, entry: LogPlace): void {
    this.apart[apartIntegers * site + identifiersAt] = entry;
  }

  /** The entry that says under which id the site is published, or {@link noEntry}. */
  published(site: SitePlace): LogPlace {
    return this.apart[apartIntegers * site + publishedAt];
  }

  /** An entry says under which id the site is published. */
  setPublished(site: SitePlace, entry: LogPlace): void {
    this.apart[apartIntegers * site + publishedAt] = entry;
  }
}
