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

import { siteBytesMax } from "../../limits.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { hashOf } from "./hash.ts";
import { type LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { stateBits } from "../wire/outputs.ts";
import { type PackedAvailability, type PackedZip, unitShift } from "../wire/packed.ts";
import { Slots } from "./slots.ts";

/** Which line a site's record begins with; good for ever. */
export type SitePlace = number;

/** Says that there is no such site. */
export const noSite: SitePlace = 0;

const lineBytes = 64;

// The parts of a record, in floats of 8 bytes:
const availabilityAt = 0;
const observedAtAt = 1;
// In integers of 4 bytes:
const headAt = 4;
const shownAt = 5;
const shownIndexAt = 6;
const zipLowAt = 7;
// In bytes; the name has its length in 2 bytes before it:
const zipHighAt = 32;
const bitsAt = 33;
const countAt = 34;
const lengthAt = 35;
const nameAt = 37;

/** A bit of a record, beside those of a state: it shows a report that has nothing to be read in the log. */
const plainBit = 64;

// The parts kept apart, four integers for each line:
const skipAt = 0;
const skipNumberAt = 1;
const documentAt = 2;
const retiredAt = 3;
const apartBytes = 16;

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
  readonly #slots = new Slots((a, b) => this.compare(a, b));
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
    for (let slot = this.#slots.first(hash); slot >= 0; slot = this.#slots.next(slot, hash)) {
      const site = this.#slots.at(slot);
      if (this.compareTo(site, name, start, end) === 0) return site;
    }
    if (!this.#slots.isCrowded) return noSite;
    return this.#slots.findCrowded((site) => this.compareTo(site, name, start, end));
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

  #nameLength(site: SitePlace): number {
    const at = lineBytes * site + lengthAt;
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
   * Adds the site of an entry, whose name must be new, for which there must be room, and which is at most 65,535 bytes
   * long. Nothing is reported of it: it has a count of 0.
   *
   * @param head where the entry is.
   */
  add({ name, zip }: LogEntry, head: LogPlace): SitePlace {
    const { length } = name;
    const site = this.#end;
    this.#reserve(linesOf(length));
    const integers = lineBytes / 4 * site;
    const bytes = lineBytes * site;
    const high = Math.floor(zip / 2 ** 32);
    this.#integers[integers + headAt] = head;
    this.#integers[integers + zipLowAt] = zip - high * 2 ** 32;
    this.#bytes[bytes + zipHighAt] = high;
    this.#bytes[bytes + countAt] = 1;
    this.#bytes[bytes + lengthAt] = length >>> 8;
    this.#bytes[bytes + lengthAt + 1] = length;
    this.#bytes.set(name.view(), bytes + nameAt);
    this.#apart[4 * site + skipAt] = head;
    this.#end = site + linesOf(length);
    this.#size++;
    this.#slots.put(site, hashOf(name.bytes, name.start, name.end));
    return site;
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
    return place < this.#end && this.#apart[4 * place + skipAt] !== noEntry;
  }

  /** The site's availability. */
  availability(site: SitePlace): PackedAvailability {
    return this.#floats[lineBytes / 8 * site + availabilityAt];
  }

  /** When that was observed, in ms since 1970; 0 if there is no report. It is the newest observation of all. */
  observedAt(site: SitePlace): number {
    return this.#floats[lineBytes / 8 * site + observedAtAt];
  }

  /** The site's ZIP code. */
  zip(site: SitePlace): PackedZip {
    const low = this.#integers[lineBytes / 4 * site + zipLowAt] >>> 0;
    return this.#bytes[lineBytes * site + zipHighAt] * 2 ** 32 + low;
  }

  /** The unit, whether it is retired and whether it has a document: {@link stateBits} without the tag. */
  bits(site: SitePlace): number {
    return this.#bytes[lineBytes * site + bitsAt] & ~plainBit;
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
    return this.#apart[4 * site + skipAt];
  }

  /** The number of that one among those of the site, from 0. */
  skipNumber(site: SitePlace): number {
    return this.#apart[4 * site + skipNumberAt];
  }

  /** The site has one more entry that has pointers far back. */
  setSkip(site: SitePlace, entry: LogPlace): void {
    this.#apart[4 * site + skipAt] = entry;
    this.#apart[4 * site + skipNumberAt]++;
  }

  /** The entry with the site's document, or {@link noEntry}. */
  document(site: SitePlace): LogPlace {
    return this.#apart[4 * site + documentAt];
  }

  /** Gives the site another document. */
  setDocument(site: SitePlace, entry: LogPlace): void {
    this.#apart[4 * site + documentAt] = entry;
    this.#bytes[lineBytes * site + bitsAt] |= stateBits.document;
  }

  /** The entry that says why the site is retired, if it is. */
  retirement(site: SitePlace): LogPlace {
    return this.#apart[4 * site + retiredAt];
  }

  /** Retires a site that is not retired. */
  retire(site: SitePlace, entry: LogPlace): void {
    this.#apart[4 * site + retiredAt] = entry;
    this.#bytes[lineBytes * site + bitsAt] |= stateBits.retired;
    this.#retired++;
  }

  /** Opens a site that is retired. */
  reopen(site: SitePlace): void {
    this.#apart[4 * site + retiredAt] = noEntry;
    this.#bytes[lineBytes * site + bitsAt] &= ~stateBits.retired;
    this.#retired--;
  }

  /** The site's name in UTF-8: a view that is good until a site is added. */
  name(site: SitePlace): Uint8Array {
    const at = lineBytes * site + nameAt;
    return this.#bytes.subarray(at, at + this.#nameLength(site));
  }

  /** Negative if the name of `a` comes before that of `b`, positive if after. */
  compare(a: SitePlace, b: SitePlace): number {
    const start = lineBytes * b + nameAt;
    return this.compareTo(a, this.#bytes, start, start + this.#nameLength(b));
  }

  /**
   * Negative if the name of `site` comes before the bytes of `name` from `start` to `end`, positive if after, 0 if it
   * is the same. The order of UTF-8 bytes is the order of code points; that of JavaScript's strings is another.
   */
  compareTo(site: SitePlace, name: Uint8Array, start: number, end: number): number {
    const bytes = this.#bytes;
    const at = lineBytes * site + nameAt;
    const own = this.#nameLength(site);
    const length = Math.min(own, end - start);
    for (let k = 0; k < length; k++) {
      const difference = bytes[at + k] - name[start + k];
      if (difference !== 0) return difference;
    }
    return own - (end - start);
  }
}

/** How many lines the record of a site takes. */
function linesOf(nameBytes: number): number {
  return Math.ceil((nameAt + nameBytes) / lineBytes);
}
