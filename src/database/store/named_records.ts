/**
 * The memory of the records of sites, which are found by the names in them.
 *
 * Each name that a site ever had is at one place for ever: that of its record. The first name of a site is in the
 * site's own record, and its later ones are in records of their own. Nearly always the name in a site's record is that
 * of the site, and no other name is like it. Where that is not so, the record is loose: three more integers say whose
 * its name is, where the name of the site is, and which site has a name like it.
 *
 * One table finds a name, and those that people take for it. In it is the first of all names that are alike, by the
 * hash that they have in common. Few names are in a second one, by the hash of what they are.
 *
 * @module
 */

import { putVarint } from "../../bytes.ts";
import { nameBytesMax, siteBytesMax } from "../../limits.ts";
import type { TextRange } from "../wire/text_range.ts";
import { Barrier } from "./barrier.ts";
import { FoldedName } from "./folded_name.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { hashOf, hashOfName, oddHashBit } from "./hash.ts";
import {
  apartBytes,
  apartIntegers,
  bitsAt,
  lastSegmentAt,
  lengthAt,
  lineBytes,
  linesOf,
  looseAt,
  looseBit,
  nameAt,
  type NamePlace,
  noSite,
  type SitePlace,
} from "./site_record.ts";
import { Slots } from "./slots.ts";

// The further parts of a loose record, in integers of 4 bytes. Which site has the name in it now:
const ownerAt = 0;
// Where the name of the site is that the record is of:
const calledAt = 1;
// If the name in it is the first of those that are alike: the site that has got one of them last, and has it still:
const likeAt = 2;
const looseIntegers = 3;
const looseBytes = 4 * looseIntegers;

/** Bytes of a name that are copied one by one at most: to make a view takes longer. */
const shortNameBytes = 64;

/** What a record says of names, beside the one that is in it. */
export interface NameLinks {
  /** Which site has the name in it now; {@link noSite}: none. */
  readonly owner: SitePlace;
  /** Where the name of the site is that the record is of; of another record: itself. */
  readonly called: NamePlace;
  /**
   * If the name in it is the first of those that are alike: the site that has got one of them last, and has it still,
   * or {@link noSite}. Otherwise the record itself.
   */
  readonly like: SitePlace;
}

/** Records with names. */
export class NamedRecords {
  /** Is told of each record that is about to be changed. */
  readonly barrier: Barrier = new Barrier();
  readonly #records = new GrowingBytes(64 * lineBytes, siteBytesMax);
  // The same memory in three ways:
  /** The records, in floats. */
  protected floats: Float64Array = new Float64Array(this.#records.buffer);
  /** The records, in integers. */
  protected integers: Int32Array = new Int32Array(this.#records.buffer);
  /** The records. */
  protected bytes: Uint8Array = new Uint8Array(this.#records.buffer);
  readonly #more = new GrowingBytes(64 * apartBytes, siteBytesMax / lineBytes * apartBytes);
  // The parts that are kept apart, in two ways:
  /** Those, in integers. */
  protected apart: Int32Array = new Int32Array(this.#more.buffer);
  /** Those, in floats. */
  protected apartFloats: Float64Array = new Float64Array(this.#more.buffer);
  readonly #said = new GrowingBytes(64 * looseBytes, siteBytesMax / lineBytes * looseBytes);
  #loose = new Int32Array(this.#said.buffer);
  /** Loose records. */
  #looseSize = 0;
  /** Lines that are taken. The first one is not used: its number is {@link noSite}. */
  #end = 1;
  /** The first of all names that are alike, by the hash of {@link hashOfName} without what people overlook. */
  readonly #firsts = new Slots((a, b) => this.#fold(a, this.#one).compare(this.#fold(b, this.#other)));
  /** The hash of a plain name that was looked up and that none of them has; -1: not known. */
  #unused = -1;
  /** The names that are not found by their hash among the first ones. */
  readonly #others = new Slots((a, b) => this.#compareNames(a, b));
  // Used again and again, so that a name makes no objects.
  readonly #wanted = new FoldedName();
  readonly #one = new FoldedName();
  readonly #other = new FoldedName();
  /** The sum of what was touched last; it means nothing. It is kept, so that touching is not left out as useless. */
  touched = 0;

  /**
   * The site whose name is the bytes of `name` from `start` to `end`, or {@link noSite}.
   *
   * @param hash that of the name ({@link hashOfName}).
   */
  find(name: Uint8Array, start: number, end: number, hash: number = hashOfName(name, start, end)): SitePlace {
    return this.#ownerOf(this.#findName(name, start, end, hash));
  }

  /**
   * The same where the name was looked up before: a name is at one place, so that what is there need only be compared.
   *
   * @param place where {@link touch} has found it; {@link noSite}, or the place of another name: it has not.
   */
  findAt(place: NamePlace, name: Uint8Array, start: number, end: number, hash: number): SitePlace {
    const isThere = place !== noSite && this.#isNamed(place, name, start, end);
    return isThere ? this.#ownerOf(place) : this.find(name, start, end, hash);
  }

  #isNamed(place: NamePlace, name: Uint8Array, start: number, end: number): boolean {
    const { bytes } = this;
    const length = end - start;
    if (this.#nameLength(place) !== length) return false;
    const at = lineBytes * place + nameAt;
    for (let k = 0; k < length; k++) if (bytes[at + k] !== name[start + k]) return false;
    return true;
  }

  /** The place of a name that a site has, or had, or {@link noSite}. */
  #findName(name: Uint8Array, start: number, end: number, hash: number): NamePlace {
    const firsts = this.#firsts;
    let isAlone = hash >= 0;
    for (let slot = firsts.first(hash); slot >= 0; slot = firsts.next(slot, hash)) {
      const place = firsts.at(slot);
      if (this.#isNamed(place, name, start, end)) return place;
      isAlone = false;
    }
    if (!isAlone || firsts.isCrowded) return this.#findElsewhere(name, start, end, hash);
    this.#unused = hash;
    return noSite;
  }

  /** {@link find} where the first of the names that are like it has no slot, or is another one. */
  #findElsewhere(name: Uint8Array, start: number, end: number, hash: number): NamePlace {
    const own = hash < 0 ? hash : hashOf(name, start, end) | oddHashBit;
    const other = this.#others.find(own, (place) => this.#compareNameTo(place, name, start, end));
    if (other !== noSite || !this.#firsts.isCrowded) return other;
    const first = this.#firstLike(name, start, end, hash);
    return first !== noSite && this.#isNamed(first, name, start, end) ? first : noSite;
  }

  /**
   * The site whose name people take for this one, or {@link noSite}. If several sites have such names, the last one
   * counts.
   *
   * @param hash that of the name ({@link hashOfName}).
   */
  findAlike({ bytes, start, end }: TextRange, hash: number = hashOfName(bytes, start, end)): SitePlace {
    return this.#likeOf(this.#firstLike(bytes, start, end, hash));
  }

  /** Where the first of all names is that are like this one, or {@link noSite}. */
  #firstLike(name: Uint8Array, start: number, end: number, hash: number): NamePlace {
    const firsts = this.#firsts;
    const wanted = this.#wanted;
    if ((hash >= 0 && hash === this.#unused) || end - start > nameBytesMax) return noSite;
    wanted.fold(name, start, end);
    return firsts.find(wanted.hash(), (place) => this.#fold(place, this.#one).compare(wanted));
  }

  #fold(place: NamePlace, into: FoldedName): FoldedName {
    const start = lineBytes * place + nameAt;
    into.fold(this.bytes, start, start + this.#nameLength(place));
    return into;
  }

  /** The site that has the name at a place now, or {@link noSite}. */
  #ownerOf(place: NamePlace): SitePlace {
    return (this.bytes[lineBytes * place + bitsAt] & looseBit) === 0 ? place : this.#saidOf(place, ownerAt);
  }

  /** The site that has a name like the first one at a place, or {@link noSite}. */
  #likeOf(first: NamePlace): SitePlace {
    return (this.bytes[lineBytes * first + bitsAt] & looseBit) === 0 ? first : this.#saidOf(first, likeAt);
  }

  /** Where the name of a site is. */
  #placeOfName(site: SitePlace): NamePlace {
    const isOwn = this.#looseSize === 0 || (this.bytes[lineBytes * site + bitsAt] & looseBit) === 0;
    return isOwn ? site : this.#saidOf(site, calledAt);
  }

  #saidOf(place: NamePlace, at: number): number {
    return this.#loose[looseIntegers * this.apart[apartIntegers * place + looseAt] + at];
  }

  /** Says something of a record, which is loose from now on. */
  #say(place: NamePlace, at: number, said: number): void {
    this.barrier.changing(place);
    if ((this.bytes[lineBytes * place + bitsAt] & looseBit) === 0) this.#loosen(place);
    this.#loose[looseIntegers * this.apart[apartIntegers * place + looseAt] + at] = said;
  }

  #loosen(place: NamePlace): void {
    const number = this.#looseSize++;
    if (looseIntegers * this.#looseSize > this.#loose.length) {
      this.#said.grow(looseBytes * this.#looseSize);
      this.#loose = new Int32Array(this.#said.buffer);
    }
    const at = looseIntegers * number;
    this.#loose[at + ownerAt] = this.#loose[at + calledAt] = this.#loose[at + likeAt] = place;
    this.apart[apartIntegers * place + looseAt] = number;
    this.bytes[lineBytes * place + bitsAt] |= looseBit;
  }

  /**
   * Has the memory of sites fetched that are looked up next: one after the other, each would be waited for.
   *
   * @param hashes those of their names.
   * @param places used for what is found.
   * @returns the bits that all of their records have.
   */
  touch(hashes: Int32Array, places: Int32Array, count: number): number {
    this.touched = this.#firsts.touch(hashes, places, count);
    if (this.#others.size > 0) this.touched ^= this.#others.touchMore(hashes, places, count);
    const { bytes } = this;
    let bits = 0xff;
    for (let at = 0; at < count; at++) bits &= bytes[lineBytes * places[at] + bitsAt];
    return bits;
  }

  /** Whether a site with a name of `nameBytes` bytes can be added. */
  hasRoom(nameBytes: number): boolean {
    return lineBytes * (this.#end + linesOf(nameBytes)) <= siteBytesMax;
  }

  /** The place that the next site will have. */
  get next(): SitePlace {
    return this.#end;
  }

  /** Whether a number from outside is the place of a site. */
  isSite(place: number): boolean {
    return place < this.#end && this.apart[apartIntegers * place + lastSegmentAt] !== 0;
  }

  /**
   * Adds the record of a site, whose name no site has, and for which there must be room.
   *
   * @param knownHash the hash of the name; 0: not known.
   */
  protected addSite(name: TextRange, knownHash: number): SitePlace {
    const hash = knownHash || hashOfName(name.bytes, name.start, name.end);
    // A name that a site has given up has a place already.
    const known = this.#looseSize > 0 ? this.#findName(name.bytes, name.start, name.end, hash) : noSite;
    const site = this.#addRecord(name);
    if (known !== noSite) this.#call(site, known);
    else this.#enter(site, name, hash, site);
    return site;
  }

  /** Gives a site another name, which no site has, and for which there must be room. */
  rename(site: SitePlace, name: TextRange): void {
    const former = this.#placeOfName(site);
    const first = this.#firstOf(former);
    if (this.#likeOf(first) === site) this.#say(first, likeAt, noSite);
    this.#say(former, ownerAt, noSite);
    const hash = hashOfName(name.bytes, name.start, name.end);
    const known = this.#findName(name.bytes, name.start, name.end, hash);
    if (known !== noSite) return this.#call(site, known);
    const place = this.#addRecord(name);
    this.#say(site, calledAt, place);
    this.#say(place, ownerAt, site);
    this.#enter(place, name, hash, site);
  }

  /** A name, which was that of a site once, becomes that of one. */
  #call(site: SitePlace, place: NamePlace): void {
    this.#say(site, calledAt, place);
    this.#say(place, ownerAt, site);
    this.#say(this.#firstOf(place), likeAt, site);
  }

  #addRecord(name: TextRange): NamePlace {
    const { length } = name;
    const place = this.#end;
    const lines = linesOf(length);
    this.#reserve(lines);
    const at = lineBytes * place;
    this.bytes[at + lengthAt] = length >>> 8;
    this.bytes[at + lengthAt + 1] = length;
    name.putInto(this.bytes, at + nameAt);
    this.#end = place + lines;
    return place;
  }

  #reserve(lines: number): void {
    const needed = lineBytes * (this.#end + lines);
    if (needed <= this.bytes.length) return;
    this.#records.grow(needed);
    const { buffer } = this.#records;
    this.floats = new Float64Array(buffer);
    this.integers = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.#more.grow(apartBytes * buffer.byteLength / lineBytes);
    this.apart = new Int32Array(this.#more.buffer);
    this.apartFloats = new Float64Array(this.#more.buffer);
  }

  /** Has a new name, which is that of a site, found. */
  #enter(place: NamePlace, name: TextRange, hash: number, site: SitePlace): void {
    const first = this.#put(place, name, hash);
    if (first !== noSite || place !== site) this.#say(first || place, likeAt, site);
  }

  /** Has a new name found. Returns the first one that is like it, or {@link noSite}. */
  #put(place: NamePlace, name: TextRange, hash: number): NamePlace {
    const { bytes, start, end } = name;
    const first = this.#firstLike(bytes, start, end, hash);
    let isFound = false;
    if (first === noSite) {
      const shared = hash >= 0 ? hash : this.#fold(place, this.#wanted).hash();
      this.#firsts.put(place, shared);
      this.#unused = -1;
      isFound = shared === hash;
    }
    if (!isFound) this.#others.put(place, hash < 0 ? hash : hashOf(bytes, start, end) | oddHashBit);
    return first;
  }

  // For snapshots: the records are those of sites and of names that sites have got later.

  /** The place of the record after the one at a place. */
  after(place: NamePlace): NamePlace {
    return place + linesOf(this.#nameLength(place));
  }

  /** The name in a record, a view that is good until a record is added. */
  nameIn(place: NamePlace): Uint8Array {
    const at = lineBytes * place + nameAt;
    return this.bytes.subarray(at, at + this.#nameLength(place));
  }

  /** What a record says of names; undefined: that it is of the site that has the name in it, and nothing else. */
  links(place: NamePlace): NameLinks | undefined {
    if ((this.bytes[lineBytes * place + bitsAt] & looseBit) === 0) return undefined;
    const like = this.#firstOf(place) === place ? this.#saidOf(place, likeAt) : place;
    return { owner: this.#saidOf(place, ownerAt), called: this.#saidOf(place, calledAt), like };
  }

  /**
   * Puts a record back behind all others, as it was when it was added.
   *
   * @returns whether its name is at this place: a site that was added with a name that another one had given up has its
   *   name there.
   */
  putBack(name: TextRange): boolean {
    const hash = hashOfName(name.bytes, name.start, name.end);
    const isNew = this.#findName(name.bytes, name.start, name.end, hash) === noSite;
    const place = this.#addRecord(name);
    if (isNew) this.#put(place, name, hash);
    return isNew;
  }

  /** Has a record say that of names. */
  setLinks(place: NamePlace, { owner, called, like }: NameLinks): void {
    this.#say(place, ownerAt, owner);
    this.#say(place, calledAt, called);
    this.#say(place, likeAt, like);
  }

  /**
   * Whether what a record says of names can be, when all records say theirs.
   *
   * @param isSite whether a number is the place of a site.
   * @param isRecord whether it is the place of any record.
   */
  areLinksSound(place: NamePlace, isSite: (place: number) => boolean, isRecord: (place: number) => boolean): boolean {
    const links = this.links(place);
    if (links === undefined) return isSite(place);
    const { owner, called, like } = links;
    if (isSite(place) ? !isRecord(called) || this.#ownerOf(called) !== place : called !== place) return false;
    const name = this.nameIn(place);
    const isHere = this.#findName(name, 0, name.length, hashOfName(name, 0, name.length)) === place;
    if (!isHere) return isSite(place) && owner === place && called !== place && like === place;
    if (owner !== noSite && !(isSite(owner) && this.#placeOfName(owner) === place)) return false;
    const isFirst = this.#firstOf(place) === place;
    if (!isFirst || like === noSite) return true;
    if (!isSite(like)) return false;
    const likeName = this.#placeOfName(like);
    return isRecord(likeName) && this.#firstOf(likeName) === place;
  }

  /** The first of all names that are like the one at a place. */
  #firstOf(place: NamePlace): NamePlace {
    const start = lineBytes * place + nameAt;
    const end = start + this.#nameLength(place);
    return this.#firstLike(this.bytes, start, end, hashOfName(this.bytes, start, end));
  }

  #nameLength(place: NamePlace): number {
    const at = lineBytes * place + lengthAt;
    return this.bytes[at] << 8 | this.bytes[at + 1];
  }

  /** The site's name in UTF-8: a view that is good until a site is added or renamed. */
  name(site: SitePlace): Uint8Array {
    const place = this.#placeOfName(site);
    const at = lineBytes * place + nameAt;
    return this.bytes.subarray(at, at + this.#nameLength(place));
  }

  /** Puts the site's name, with its length in front, into bytes that have room for it. Returns where it ends. */
  putName(bytes: Uint8Array, at: number, site: SitePlace): number {
    const place = this.#placeOfName(site);
    const length = this.#nameLength(place);
    at = putVarint(bytes, at, length);
    const names = this.bytes;
    const start = lineBytes * place + nameAt;
    if (length > shortNameBytes) bytes.set(names.subarray(start, start + length), at);
    else for (let k = 0; k < length; k++) bytes[at + k] = names[start + k];
    return at + length;
  }

  /** Negative if the name of `a` comes before that of `b`, positive if after. */
  compare(a: SitePlace, b: SitePlace): number {
    return this.#compareNames(this.#placeOfName(a), this.#placeOfName(b));
  }

  /**
   * Negative if the name of `site` comes before the bytes of `name` from `start` to `end`, positive if after, 0 if it
   * is the same. The order of UTF-8 bytes is the order of code points; that of JavaScript's strings is another.
   */
  compareTo(site: SitePlace, name: Uint8Array, start: number, end: number): number {
    return this.#compareNameTo(this.#placeOfName(site), name, start, end);
  }

  #compareNames(a: NamePlace, b: NamePlace): number {
    const start = lineBytes * b + nameAt;
    return this.#compareNameTo(a, this.bytes, start, start + this.#nameLength(b));
  }

  #compareNameTo(place: NamePlace, name: Uint8Array, start: number, end: number): number {
    const { bytes } = this;
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
