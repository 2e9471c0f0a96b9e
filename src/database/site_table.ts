/**
 * Where the sites are kept: records of bytes in one growing array, found by the bytes of their names.
 *
 * A hash table of our own, because commands arrive as bytes: to look a name up in a `Map` it must first become a
 * string, which takes four to seven times as long as the whole look-up by bytes does. A record has everything of its
 * site in one place, so that a look-up among a million sites touches the table and the record and nothing else, and a
 * million sites are no work for the garbage collector.
 *
 * A site is known by the place of its record, which never changes: sites are never erased.
 *
 * @module
 */

import { DecodeError } from "../bytes.ts";
import { isPackedAvailability, isPackedZip, type PackedAvailability, type PackedZip } from "./packed.ts";

/** Where a site's record is; good for ever. */
export type SitePlace = number;

/** Says that there is no such site. */
export const noSite: SitePlace = 0;

// A record: availability and ZIP code as floats of 8 bytes, the length of the name in 2 bytes, the name in UTF-8.
const zipAt = 8;
const lengthAt = 16;
const nameAt = 18;

/** Bytes of all records: doubled by copying, an array of bytes cannot grow over 2 GiB, and a place is 31 bits. */
const recordBytesMax = 2 ** 30;

/** The first record is not at 0, which is {@link noSite}. */
const firstPlace = 8;

/** All sites. */
export class SiteTable {
  #bytes: Uint8Array = new Uint8Array(4096);
  #numbers = new DataView(this.#bytes.buffer);
  #end = firstPlace;
  #size = 0;
  /** Open addressing, linear probing: pairs of a place ({@link noSite}: free) and the hash of the name there. */
  #slots = new Int32Array(2 * 256);
  #mask = 255;

  /** How many sites there are. */
  get size(): number {
    return this.#size;
  }

  /** The site whose name is the bytes of `name` from `start` to `end`, or {@link noSite}. */
  find(name: Uint8Array, start: number, end: number): SitePlace {
    const hash = hashOf(name, start, end);
    for (let slot = hash & this.#mask;; slot = (slot + 1) & this.#mask) {
      const place = this.#slots[2 * slot];
      if (place === noSite) return noSite;
      if (this.#slots[2 * slot + 1] === hash && this.#isNamed(place, name, start, end)) return place;
    }
  }

  #isNamed(place: SitePlace, name: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (this.#nameLength(place) !== length) return false;
    const bytes = this.#bytes;
    for (let at = 0; at < length; at++) {
      if (bytes[place + nameAt + at] !== name[start + at]) return false;
    }
    return true;
  }

  #nameLength(place: SitePlace): number {
    return this.#bytes[place + lengthAt] << 8 | this.#bytes[place + lengthAt + 1];
  }

  /** Whether a site with a name of `nameBytes` bytes can be added. */
  hasRoom(nameBytes: number): boolean {
    return this.#end + nameAt + nameBytes <= recordBytesMax;
  }

  /** Adds a site, whose name must be new, for which there must be room, and which is at most 65,535 bytes long. */
  add(
    name: Uint8Array,
    start: number,
    end: number,
    zip: PackedZip,
    availability: PackedAvailability,
  ): SitePlace {
    const length = end - start;
    const place = this.#end;
    this.#reserve(nameAt + length);
    this.#numbers.setFloat64(place, availability);
    this.#numbers.setFloat64(place + zipAt, zip);
    this.#numbers.setUint16(place + lengthAt, length);
    for (let at = 0; at < length; at++) this.#bytes[place + nameAt + at] = name[start + at];
    this.#end = place + nameAt + length;
    this.#size++;
    // Half of the slots stay free, so that a look-up ends after one or two.
    if (2 * this.#size > this.#mask) this.#widen();
    put(this.#slots, this.#mask, place, hashOf(name, start, end));
    return place;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(recordBytesMax, Math.max(this.#end + count, 2 * this.#bytes.length)));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#numbers = new DataView(grown.buffer);
  }

  #widen(): void {
    const mask = 2 * this.#mask + 1;
    const slots = new Int32Array(2 * (mask + 1));
    for (let at = 0; at < this.#slots.length; at += 2) {
      if (this.#slots[at] !== noSite) put(slots, mask, this.#slots[at], this.#slots[at + 1]);
    }
    this.#slots = slots;
    this.#mask = mask;
  }

  /** All records, one after the other: a view that is good until something changes. */
  records(): Uint8Array {
    return this.#bytes.subarray(firstPlace, this.#end);
  }

  /**
   * The table of the records that {@link records} gave.
   *
   * @throws {DecodeError} if they are no such records.
   */
  static of(records: Uint8Array): SiteTable {
    const table = new SiteTable();
    table.#reserve(records.length);
    table.#bytes.set(records, firstPlace);
    table.#end = firstPlace + records.length;
    for (let place = firstPlace; place < table.#end; place = table.#endOf(place)) {
      table.#check(place);
      table.#size++;
    }
    while (2 * table.#size > table.#mask) table.#mask = 2 * table.#mask + 1;
    table.#slots = new Int32Array(2 * (table.#mask + 1));
    for (let place = firstPlace; place < table.#end;) {
      const end = table.#endOf(place);
      put(table.#slots, table.#mask, place, hashOf(table.#bytes, place + nameAt, end));
      place = end;
    }
    return table;
  }

  #endOf(place: SitePlace): number {
    return place + nameAt + this.#nameLength(place);
  }

  /** Throws unless what begins at `place` is a record. */
  #check(place: SitePlace): void {
    if (place + nameAt > this.#end || this.#endOf(place) > this.#end) {
      throw new DecodeError("the records of the sites are cut short");
    }
    const [zip, availability] = [this.zip(place), this.availability(place)];
    if (!isPackedZip(zip)) throw new DecodeError(`the ZIP code of a site is ${zip}`);
    if (!isPackedAvailability(availability)) throw new DecodeError(`the availability of a site is ${availability}`);
  }

  /** Whether these are the places of all sites, each of them once, in any order. */
  areAll(places: Uint32Array): boolean {
    if (places.length !== this.#size) return false;
    let place = firstPlace;
    return places.toSorted().every((each) => {
      const isNext = each === place;
      if (isNext) place = this.#endOf(place);
      return isNext;
    });
  }

  /** The site's availability. */
  availability(place: SitePlace): PackedAvailability {
    return this.#numbers.getFloat64(place);
  }

  /** Changes the site's availability. */
  setAvailability(place: SitePlace, availability: PackedAvailability): void {
    this.#numbers.setFloat64(place, availability);
  }

  /** The site's ZIP code. */
  zip(place: SitePlace): PackedZip {
    return this.#numbers.getFloat64(place + zipAt);
  }

  /** The site's name in UTF-8: a view that is good until a site is added. */
  name(place: SitePlace): Uint8Array {
    return this.#bytes.subarray(place + nameAt, place + nameAt + this.#nameLength(place));
  }

  /** Negative if the name of `a` comes before that of `b`, positive if after. */
  compare(a: SitePlace, b: SitePlace): number {
    const start = b + nameAt;
    return this.compareTo(a, this.#bytes, start, start + this.#nameLength(b));
  }

  /**
   * Negative if the name of `place` comes before the bytes of `name` from `start` to `end`, positive if after, 0 if it
   * is the same. The order of UTF-8 bytes is the order of code points; that of JavaScript's strings is another.
   */
  compareTo(place: SitePlace, name: Uint8Array, start: number, end: number): number {
    const bytes = this.#bytes;
    const own = this.#nameLength(place);
    const length = Math.min(own, end - start);
    for (let at = 0; at < length; at++) {
      const difference = bytes[place + nameAt + at] - name[start + at];
      if (difference !== 0) return difference;
    }
    return own - (end - start);
  }
}

/** Puts a place into its slot: the next free one from where its hash points. */
function put(slots: Int32Array, mask: number, place: SitePlace, hash: number): void {
  let slot = hash & mask;
  while (slots[2 * slot] !== noSite) slot = (slot + 1) & mask;
  slots[2 * slot] = place;
  slots[2 * slot + 1] = hash;
}

/** FNV-1a of 32 bits, with the high bits mixed into the low ones that choose the slot. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash ^ (hash >>> 15);
}
