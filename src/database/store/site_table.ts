/**
 * Where the sites are kept: records of bytes in one growing array, found by the bytes of their names.
 *
 * A record begins at a multiple of 64 bytes, which is a line of a processor's caches. Its first line has everything
 * that a report or a look-up touches, usually with the name. So a command among a million sites waits for the memory
 * twice: for the slot of the hash table and for this line. Rarely used parts are kept apart. A million sites cause no
 * work for the garbage collector.
 *
 * A site is known by the number of its first line, which never changes: sites are never erased. So is a name: each name
 * that a site ever had is at one place for ever, which knows whose name it is. The first name of a site is in its
 * record, and its later ones are in records of their own.
 *
 * @module
 */

import { putVarint } from "../../bytes.ts";
import { siteBytesMax } from "../../limits.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { hashOf } from "./hash.ts";
import { type LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { stateBits } from "../wire/outputs.ts";
import { type PackedAvailability, type PackedUnit, type PackedZip, tagOf, unitShift } from "../wire/packed.ts";
import {
  apartBytes,
  apartIntegers,
  availabilityAt,
  bitsAt,
  calledAt,
  countAt,
  documentAt,
  headAt,
  idAt,
  identifiersAt,
  joinedBit,
  lengthAt,
  lineBytes,
  linesOf,
  looseBit,
  nameAt,
  observedAtAt,
  ownerAt,
  plainBit,
  publishedAt,
  retiredAt,
  shownAt,
  shownIndexAt,
  skipAt,
  skipNumberAt,
  sourcedBit,
  stateMask,
  strandsAt,
  strandsBit,
  zipHighAt,
  zipHighMask,
  zipLowAt,
} from "./site_record.ts";
import { Slots } from "./slots.ts";
import type { ReadStrand } from "./strands.ts";
import type { TextRange } from "../wire/text_range.ts";

/** Which line a site's record begins with; good for ever. */
export type SitePlace = number;

/** Which line the record begins with that has a name: that of a site, or one for the name alone. */
export type NamePlace = number;

/** Says that there is no such site. */
export const noSite: SitePlace = 0;

/** All sites. */
export class SiteTable {
  readonly #records = new GrowingBytes(64 * lineBytes, siteBytesMax);
  // The same memory in three ways.
  #floats = new Float64Array(this.#records.buffer);
  #integers = new Int32Array(this.#records.buffer);
  #bytes = new Uint8Array(this.#records.buffer);
  readonly #more = new GrowingBytes(64 * apartBytes, siteBytesMax / lineBytes * apartBytes);
  #apart = new Int32Array(this.#more.buffer);
  /** Lines that are taken. The first one is not used: its number is {@link noSite}. */
  #end = 1;
  #size = 0;
  #retired = 0;
  /** Whether some record is loose (`site_record.ts`). */
  #hasLoose = false;
  readonly #slots = new Slots((a, b) => this.#compareNames(a, b));
  /** The sum of what was touched last; it means nothing. It is kept, so that touching is not left out as useless. */
  touched = 0;

  /** How many sites there are. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are retired. */
  get retiredSize(): number {
    return this.#retired;
  }

  /** The site whose name is the bytes of `name` from `start` to `end`, with this hash, or {@link noSite}. */
  find(name: Uint8Array, start: number, end: number, hash: number = hashOf(name, start, end)): SitePlace {
    return this.ownerOf(this.#findName(name, start, end, hash));
  }

  #findName(name: Uint8Array, start: number, end: number, hash: number): NamePlace {
    for (let slot = this.#slots.first(hash); slot >= 0; slot = this.#slots.next(slot, hash)) {
      const place = this.#slots.at(slot);
      if (this.#compareNameTo(place, name, start, end) === 0) return place;
    }
    if (!this.#slots.isCrowded) return noSite;
    return this.#slots.findCrowded((place) => this.#compareNameTo(place, name, start, end));
  }

  /** The site that has the name at a place now, or {@link noSite}. */
  ownerOf(place: NamePlace): SitePlace {
    if ((this.#bytes[lineBytes * place + bitsAt] & looseBit) === 0) return place;
    return this.#apart[apartIntegers * place + ownerAt];
  }

  /**
   * Has the memory of sites fetched that are looked up next: one after the other, each would be waited for.
   *
   * @param hashes those of their names.
   * @param places used for what is found.
   */
  touch(hashes: Int32Array, places: Int32Array, count: number): void {
    let sum = this.#slots.touch(hashes, places, count);
    const integers = this.#integers;
    for (let at = 0; at < count; at++) sum ^= integers[lineBytes / 4 * places[at] + headAt];
    this.touched = sum;
  }

  #nameLength(place: NamePlace): number {
    const at = lineBytes * place + lengthAt;
    return this.#bytes[at] << 8 | this.#bytes[at + 1];
  }

  /** Whether a site with a name of `nameBytes` bytes can be added. */
  hasRoom(nameBytes: number): boolean {
    return lineBytes * (this.#end + linesOf(nameBytes)) <= siteBytesMax;
  }

  /** The place that the next site will have. */
  get next(): SitePlace {
    return this.#end;
  }

  /**
   * Adds the site of an entry, which is at `head`. No site has its name, for which there must be room, and which is at
   * most 65,535 bytes long. Nothing is reported of the site: it has a count of 0.
   */
  add({ name, zip, index }: LogEntry, head: LogPlace): SitePlace {
    const hash = hashOf(name.bytes, name.start, name.end);
    // A name that a site has given up has a place already.
    const known = this.#hasLoose ? this.#findName(name.bytes, name.start, name.end, hash) : noSite;
    const site = this.#addRecord(name, known === noSite, hash);
    this.#integers[lineBytes / 4 * site + headAt] = head;
    this.#integers[lineBytes / 4 * site + idAt] = index;
    this.#bytes[lineBytes * site + countAt] = 1;
    this.#apart[apartIntegers * site + skipAt] = head;
    this.setZip(site, zip);
    this.#size++;
    if (known !== noSite) this.#call(site, known);
    return site;
  }

  /** Adds a record with a name, which is found by it unless another record has it already. */
  #addRecord(name: TextRange, isNew: boolean, hash: number): NamePlace {
    const { length } = name;
    const place = this.#end;
    this.#reserve(linesOf(length));
    const bytes = lineBytes * place;
    this.#bytes[bytes + lengthAt] = length >>> 8;
    this.#bytes[bytes + lengthAt + 1] = length;
    this.#bytes.set(name.view(), bytes + nameAt);
    this.#end = place + linesOf(length);
    if (isNew) this.#slots.put(place, hash);
    return place;
  }

  /** Gives a site another name, which no site has, and for which there must be room. */
  rename(site: SitePlace, name: TextRange): void {
    const hash = hashOf(name.bytes, name.start, name.end);
    const known = this.#findName(name.bytes, name.start, name.end, hash);
    this.#call(site, known === noSite ? this.#addRecord(name, true, hash) : known);
  }

  /** The name at a place, which is that of no site, becomes that of a site in place of its former one. */
  #call(site: SitePlace, place: NamePlace): void {
    this.#hasLoose = true;
    const former = this.placeOfName(site);
    for (const each of [site, former, place]) this.#bytes[lineBytes * each + bitsAt] |= looseBit;
    this.#apart[apartIntegers * former + ownerAt] = noSite;
    this.#apart[apartIntegers * place + ownerAt] = site;
    this.#apart[apartIntegers * site + calledAt] = place;
  }

  /** Where the name of a site is. */
  placeOfName(site: SitePlace): NamePlace {
    if ((this.#bytes[lineBytes * site + bitsAt] & looseBit) === 0) return site;
    return this.#apart[apartIntegers * site + calledAt];
  }

  #reserve(lines: number): void {
    const needed = lineBytes * (this.#end + lines);
    if (needed <= this.#bytes.length) return;
    this.#records.grow(needed);
    const { buffer } = this.#records;
    this.#floats = new Float64Array(buffer);
    this.#integers = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#more.grow(apartBytes * buffer.byteLength / lineBytes);
    this.#apart = new Int32Array(this.#more.buffer);
  }

  /** Whether a number from outside is the place of a site. */
  isSite(place: number): boolean {
    return place < this.#end && this.#apart[apartIntegers * place + skipAt] !== noEntry;
  }

  /** The index of the entry that added the site. */
  id(site: SitePlace): number {
    return this.#integers[lineBytes / 4 * site + idAt];
  }

  /** The site's availability. */
  availability(site: SitePlace): PackedAvailability {
    return this.#floats[lineBytes / 8 * site + availabilityAt];
  }

  /**
   * When that was observed, in ms since 1970; 0 if there is no report. Without strands, it is the newest observation of
   * all.
   */
  observedAt(site: SitePlace): number {
    return this.#floats[lineBytes / 8 * site + observedAtAt];
  }

  /** The site's ZIP code. */
  zip(site: SitePlace): PackedZip {
    const low = this.#integers[lineBytes / 4 * site + zipLowAt] >>> 0;
    return (this.#bytes[lineBytes * site + zipHighAt] & zipHighMask) * 2 ** 32 + low;
  }

  /** Gives the site a ZIP code. */
  setZip(site: SitePlace, zip: PackedZip): void {
    const high = Math.floor(zip / 2 ** 32);
    this.#integers[lineBytes / 4 * site + zipLowAt] = zip - high * 2 ** 32;
    const at = lineBytes * site + zipHighAt;
    this.#bytes[at] = this.#bytes[at] & ~zipHighMask | high;
  }

  /** The unit, whether it is retired and whether it has a document: {@link stateBits}. */
  bits(site: SitePlace): number {
    return this.#bytes[lineBytes * site + bitsAt] & stateMask;
  }

  /** Whether the site is an alias of another one, or others are aliases of it. */
  isJoined(site: SitePlace): boolean {
    return (this.#bytes[lineBytes * site + bitsAt] & joinedBit) !== 0;
  }

  /** The unit of what the site shows. */
  unit(site: SitePlace): PackedUnit {
    return (this.#bytes[lineBytes * site + bitsAt] & stateBits.unit) >>> unitShift;
  }

  /** Whether the site is joined with others, or has strands: what it shows is not in its record alone. */
  isInvolved(site: SitePlace): boolean {
    return (this.#bytes[lineBytes * site + bitsAt] & (joinedBit | strandsBit)) !== 0;
  }

  /** Whether the site has strands. */
  hasStrands(site: SitePlace): boolean {
    return (this.#bytes[lineBytes * site + bitsAt] & strandsBit) !== 0;
  }

  /** The head of its strands, if it has any; else the number of the source of all its reports and documents. */
  strands(site: SitePlace): number {
    return this.#apart[apartIntegers * site + strandsAt];
  }

  /** The site has strands from now on. */
  setStrands(site: SitePlace, head: number): void {
    this.#apart[apartIntegers * site + strandsAt] = head;
    this.#bytes[lineBytes * site + bitsAt] |= strandsBit;
  }

  /** Notes the source of all its reports and documents; 0: they have none. */
  setOnlySource(site: SitePlace, source: number): void {
    if (source === 0) return;
    this.#apart[apartIntegers * site + strandsAt] = source;
    this.#bytes[lineBytes * site + zipHighAt] |= sourcedBit;
  }

  /** {@link isSimple}, and the site is not retired. */
  isSimpleAndOpen(site: SitePlace): boolean {
    const at = lineBytes * site;
    const bits = this.#bytes[at + bitsAt] & (joinedBit | strandsBit | stateBits.retired);
    return (bits | this.#bytes[at + zipHighAt] & sourcedBit) === 0;
  }

  /**
   * Puts the state of a site that is not involved with others (`outputs.ts`) into bytes with room for it.
   *
   * @returns where it ends.
   */
  putState(bytes: Uint8Array, at: number, site: SitePlace, knowsIds: boolean, knowsSources: boolean): number {
    const record = lineBytes * site;
    const availability = this.#floats[record / 8 + availabilityAt];
    const bits = tagOf(availability) | this.#bytes[record + bitsAt] & stateMask;
    bytes[at++] = knowsIds ? bits | stateBits.id : bits;
    if (knowsIds) at = putVarint(bytes, at, this.#integers[record / 4 + idAt]);
    at = putVarint(bytes, at, this.zip(site));
    if (availability >= 0) at = putVarint(bytes, at, availability);
    at = putVarint(bytes, at, this.#floats[record / 8 + observedAtAt]);
    if (knowsSources) bytes[at++] = 0;
    return at;
  }

  /** Whether no report and document of the site has a source, nor a product, and it is not joined with others. */
  isSimple(site: SitePlace): boolean {
    const at = lineBytes * site;
    return (this.#bytes[at + bitsAt] & (joinedBit | strandsBit) | this.#bytes[at + zipHighAt] & sourcedBit) === 0;
  }

  /** Notes whether it is so. */
  setJoined(site: SitePlace, isJoined: boolean): void {
    const at = lineBytes * site + bitsAt;
    this.#bytes[at] = this.#bytes[at] & ~joinedBit | (isJoined ? joinedBit : 0);
  }

  /** Whether the site is retired. */
  isRetired(site: SitePlace): boolean {
    return (this.#bytes[lineBytes * site + bitsAt] & stateBits.retired) !== 0;
  }

  /** The report that is shown, or {@link noEntry}. */
  shown(site: SitePlace): LogPlace {
    return this.#integers[lineBytes / 4 * site + shownAt];
  }

  /** The index of the report that is shown; 0 if there is none. */
  shownIndex(site: SitePlace): number {
    return this.#integers[lineBytes / 4 * site + shownIndexAt];
  }

  /** Whether the report that is shown has no texts, and was recorded when it was observed. */
  isShownPlain(site: SitePlace): boolean {
    return (this.#bytes[lineBytes * site + bitsAt] & plainBit) !== 0;
  }

  /** Whether, beside that, the site is not retired, not joined with others, and has no strands. */
  isPlain(site: SitePlace): boolean {
    const bits = this.#bytes[lineBytes * site + bitsAt] & (plainBit | stateBits.retired | joinedBit | strandsBit);
    return bits === plainBit;
  }

  /** Shows another report, which is at `place`. */
  show(report: LogEntry, place: LogPlace): void {
    const { site, availability, unit, observedAt } = report;
    this.#floats[lineBytes / 8 * site + availabilityAt] = availability;
    this.#floats[lineBytes / 8 * site + observedAtAt] = observedAt;
    this.#integers[lineBytes / 4 * site + shownAt] = place;
    this.#integers[lineBytes / 4 * site + shownIndexAt] = report.index;
    const isPlain = observedAt === report.recordedAt && report.marked === 0;
    const at = lineBytes * site + bitsAt;
    const others = this.#bytes[at] & ~(stateBits.unit | plainBit);
    this.#bytes[at] = others | unit << unitShift | (isPlain ? plainBit : 0);
  }

  /** Shows what strands say. */
  showSaid(site: SitePlace, { availability, observedAt, unit, place, index }: ReadStrand): void {
    this.#floats[lineBytes / 8 * site + availabilityAt] = availability;
    this.#floats[lineBytes / 8 * site + observedAtAt] = observedAt;
    this.#integers[lineBytes / 4 * site + shownAt] = place;
    this.#integers[lineBytes / 4 * site + shownIndexAt] = index;
    const at = lineBytes * site + bitsAt;
    this.#bytes[at] = this.#bytes[at] & ~(stateBits.unit | plainBit) | unit << unitShift;
  }

  /** The last entry of the site. */
  head(site: SitePlace): LogPlace {
    return this.#integers[lineBytes / 4 * site + headAt];
  }

  /** The number of the site's next entry, from 0, modulo 256. */
  count(site: SitePlace): number {
    return this.#bytes[lineBytes * site + countAt];
  }

  /** The site has one more entry. */
  setHead(site: SitePlace, entry: LogPlace): void {
    this.#integers[lineBytes / 4 * site + headAt] = entry;
    this.#bytes[lineBytes * site + countAt]++;
  }

  /** The last entry of the site that has pointers far back. */
  skip(site: SitePlace): LogPlace {
    return this.#apart[apartIntegers * site + skipAt];
  }

  /** The number of that one among those of the site, from 0. */
  skipNumber(site: SitePlace): number {
    return this.#apart[apartIntegers * site + skipNumberAt];
  }

  /** The site has one more entry that has pointers far back. */
  setSkip(site: SitePlace, entry: LogPlace): void {
    this.#apart[apartIntegers * site + skipAt] = entry;
    this.#apart[apartIntegers * site + skipNumberAt]++;
  }

  /** The entry with the site's document, or {@link noEntry}. */
  document(site: SitePlace): LogPlace {
    return this.#apart[apartIntegers * site + documentAt];
  }

  /** Gives the site another document. */
  setDocument(site: SitePlace, entry: LogPlace): void {
    this.#apart[apartIntegers * site + documentAt] = entry;
    this.#bytes[lineBytes * site + bitsAt] |= stateBits.document;
  }

  /** The entry that says why the site is retired, if it is. */
  retirement(site: SitePlace): LogPlace {
    return this.#apart[apartIntegers * site + retiredAt];
  }

  /** Retires a site that is not retired. */
  retire(site: SitePlace, entry: LogPlace): void {
    this.#apart[apartIntegers * site + retiredAt] = entry;
    this.#bytes[lineBytes * site + bitsAt] |= stateBits.retired;
    this.#retired++;
  }

  /** Opens a site that is retired. */
  reopen(site: SitePlace): void {
    this.#apart[apartIntegers * site + retiredAt] = noEntry;
    this.#bytes[lineBytes * site + bitsAt] &= ~stateBits.retired;
    this.#retired--;
  }

  /** The last entry that says which identifiers the site has, or {@link noEntry}. */
  identifiers(site: SitePlace): LogPlace {
    return this.#apart[apartIntegers * site + identifiersAt];
  }

  /** Another entry says which identifiers the site has. */
  setIdentifiers(site: SitePlace, entry: LogPlace): void {
    this.#apart[apartIntegers * site + identifiersAt] = entry;
  }

  /** The entry that says under which id the site is published, or {@link noEntry}. */
  published(site: SitePlace): LogPlace {
    return this.#apart[apartIntegers * site + publishedAt];
  }

  /** An entry says under which id the site is published. */
  setPublished(site: SitePlace, entry: LogPlace): void {
    this.#apart[apartIntegers * site + publishedAt] = entry;
  }

  /** The site's name in UTF-8: a view that is good until a site is added or renamed. */
  name(site: SitePlace): Uint8Array {
    return this.nameAt(this.placeOfName(site));
  }

  /** The same of the name at a place. */
  nameAt(place: NamePlace): Uint8Array {
    const at = lineBytes * place + nameAt;
    return this.#bytes.subarray(at, at + this.#nameLength(place));
  }

  /** Negative if the name of `a` comes before that of `b`, positive if after. */
  compare(a: SitePlace, b: SitePlace): number {
    return this.#compareNames(this.placeOfName(a), this.placeOfName(b));
  }

  #compareNames(a: NamePlace, b: NamePlace): number {
    const start = lineBytes * b + nameAt;
    return this.#compareNameTo(a, this.#bytes, start, start + this.#nameLength(b));
  }

  /**
   * Negative if the name of `site` comes before the bytes of `name` from `start` to `end`, positive if after, 0 if it
   * is the same. The order of UTF-8 bytes is the order of code points; that of JavaScript's strings is another.
   */
  compareTo(site: SitePlace, name: Uint8Array, start: number, end: number): number {
    return this.#compareNameTo(this.placeOfName(site), name, start, end);
  }

  #compareNameTo(place: NamePlace, name: Uint8Array, start: number, end: number): number {
    const bytes = this.#bytes;
    const at = lineBytes * place + nameAt;
    const own = this.#nameLength(place);
    const length = Math.min(own, end - start);
    for (let k = 0; k < length; k++) {
      const difference = bytes[at + k] - name[start + k];
      if (difference !== 0) return difference;
    }
    return own - (end - start);
  }
}
