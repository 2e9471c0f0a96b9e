/**
 * Finds the site whose name people take for another one.
 *
 * @module
 */

import { nameBytesMax, siteBytesMax } from "../../limits.ts";
import { folded } from "../look_alikes.ts";
import { TextRange } from "../wire/text_range.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { hashOf } from "./hash.ts";
import { type NamePlace, noSite, type SitePlace, type SiteTable } from "./site_table.ts";
import { Slots } from "./slots.ts";

/** Bytes of two integers. */
const pairBytes = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * All names that sites have or had, without what people overlook. The first of all names that are alike knows which
 * site has one of them now, so a look-up takes no longer where there were many.
 */
export class LookAlikes {
  readonly #table: SiteTable;
  // For each number from 1: where the first of some names that are alike is, and which site has one of them.
  readonly #memory = new GrowingBytes(64 * pairBytes, siteBytesMax);
  #pairs = new Int32Array(this.#memory.buffer);
  #size = 0;
  /** The number that was found last, and the hash for it. */
  #found = 0;
  #hash = 0;
  readonly #slots = new Slots((a, b) => this.#folded(a, this.#one).compare(this.#folded(b, this.#other)));
  // Used again and again, so that a name makes no objects.
  readonly #wanted = new Folded();
  readonly #one = new Folded();
  readonly #other = new Folded();

  /** Those of the sites of `table`. */
  constructor(table: SiteTable) {
    this.#table = table;
  }

  /** A site has got its name. If several sites have names that are alike, the last one counts. */
  take(site: SitePlace): void {
    this.#foldAt(this.#table.placeOfName(site), this.#wanted);
    this.#found = this.#find();
    this.takeFound(site);
  }

  /** The same for the name that {@link find} was asked for last. */
  takeFound(site: SitePlace): void {
    const place = this.#table.placeOfName(site);
    let number = this.#found;
    if (number === 0) {
      number = ++this.#size;
      this.#reserve(number);
      this.#pairs[2 * number] = place;
      this.#slots.put(number, this.#hash);
    }
    this.#pairs[2 * number + 1] = site;
  }

  #reserve(number: number): void {
    if (2 * number + 1 < this.#pairs.length) return;
    this.#memory.grow(pairBytes * (number + 1));
    this.#pairs = new Int32Array(this.#memory.buffer);
  }

  /** A site will have another name. */
  leave(site: SitePlace): void {
    this.#foldAt(this.#table.placeOfName(site), this.#wanted);
    const number = this.#find();
    if (this.#pairs[2 * number + 1] === site) this.#pairs[2 * number + 1] = noSite;
  }

  /**
   * The site whose name is like this one, or {@link noSite}.
   *
   * @param name UTF-8.
   * @param except a site that does not count.
   */
  find(name: TextRange, except: SitePlace = noSite): SitePlace {
    this.#wanted.fold(name.bytes, name.start, name.end);
    this.#found = this.#find();
    const site = this.#pairs[2 * this.#found + 1];
    return site === except ? noSite : site;
  }

  /** The number of the names that are like the wanted one, or 0, of which no site has one. */
  #find(): number {
    const wanted = this.#wanted;
    this.#hash = wanted.hashed();
    return this.#slots.find(this.#hash, (number) => this.#folded(number, this.#one).compare(wanted));
  }

  #folded(number: number, into: Folded): Folded {
    return this.#foldAt(this.#pairs[2 * number], into);
  }

  #foldAt(place: NamePlace, into: Folded): Folded {
    const name = this.#table.nameAt(place);
    into.fold(name, 0, name.length);
    return into;
  }
}

/** A name without what people overlook. */
class Folded {
  readonly #own = new Uint8Array(nameBytesMax);
  readonly #text = new TextRange();

  hashed(): number {
    const { bytes, start, end } = this.#text;
    return hashOf(bytes, start, end);
  }

  compare(other: Folded): number {
    return this.#text.compare(other.#text);
  }

  /** Most names are ASCII with single spaces: for them no string is made. */
  fold(name: Uint8Array, start: number, end: number): void {
    const own = this.#own;
    let before = 0;
    for (let at = start; at < end; at++) {
      const byte = name[at];
      if (byte >= 0x80 || (byte === 0x20 && before === 0x20)) return this.#foldText(name.subarray(start, end));
      own[at - start] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
      before = byte;
    }
    this.#text.set(own, 0, end - start);
  }

  #foldText(name: Uint8Array): void {
    const bytes = encoder.encode(folded(decoder.decode(name)));
    this.#text.set(bytes, 0, bytes.length);
  }
}
