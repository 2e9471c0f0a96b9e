/**
 * Finds the site whose name people take for another one.
 *
 * @module
 */

import { alikeLookedAtMax, nameBytesMax } from "../../limits.ts";
import { folded } from "../look_alikes.ts";
import { TextRange } from "../wire/text_range.ts";
import { hashOf } from "./hash.ts";
import { type NamePlace, noSite, type SitePlace, type SiteTable } from "./site_table.ts";
import { Slots } from "./slots.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** All names that sites have or had, without what people overlook. */
export class LookAlikes {
  readonly #table: SiteTable;
  readonly #slots = new Slots((a, b) => this.#foldedAt(a, this.#one).compare(this.#foldedAt(b, this.#other)));
  // Used again and again, so that a name makes no objects.
  readonly #wanted = new Folded();
  readonly #one = new Folded();
  readonly #other = new Folded();

  /** Those of the sites of `table`. */
  constructor(table: SiteTable) {
    this.#table = table;
  }

  /** Takes in a name that was put into the table. */
  add(place: NamePlace): void {
    this.#slots.put(place, this.#foldedAt(place, this.#wanted).hash);
  }

  /**
   * A site whose name is like this one, or {@link noSite}. It passes over a bounded number of names that nobody has any
   * more.
   *
   * @param name UTF-8.
   * @param except a site that does not count.
   */
  find(name: TextRange, except: SitePlace = noSite): SitePlace {
    const wanted = this.#wanted;
    wanted.fold(name.bytes, name.start, name.end);
    let left = alikeLookedAtMax;
    let found = noSite;
    this.#slots.visit(wanted.hash, (place) => this.#foldedAt(place, this.#one).compare(wanted), (place) => {
      const owner = this.#table.ownerOf(place);
      if (owner !== noSite && owner !== except) found = owner;
      return found === noSite && --left > 0;
    });
    return found;
  }

  #foldedAt(place: NamePlace, into: Folded): Folded {
    const name = this.#table.nameAt(place);
    into.fold(name, 0, name.length);
    return into;
  }
}

/** A name without what people overlook. */
class Folded {
  readonly #own = new Uint8Array(nameBytesMax);
  readonly #text = new TextRange();

  get hash(): number {
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
