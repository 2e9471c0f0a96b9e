/**
 * Finds the site whose name people take for another one.
 *
 * @module
 */

import { alikeLookedAtMax } from "../../limits.ts";
import { folded } from "../look_alikes.ts";
import type { TextRange } from "../wire/text_range.ts";
import { hashOf } from "./hash.ts";
import { type NamePlace, noSite, type SitePlace, type SiteTable } from "./site_table.ts";
import { Slots } from "./slots.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** All names that sites have or had, without what people overlook. */
export class LookAlikes {
  readonly #table: SiteTable;
  readonly #slots = new Slots((a, b) => compare(this.#foldedAt(a), this.#foldedAt(b)));

  /** Those of the sites of `table`. */
  constructor(table: SiteTable) {
    this.#table = table;
  }

  /** Takes in a name that was put into the table. */
  add(place: NamePlace): void {
    const bytes = this.#foldedAt(place);
    this.#slots.put(place, hashOf(bytes, 0, bytes.length));
  }

  /**
   * A site whose name is like this one, or {@link noSite}. It passes over a bounded number of names that nobody has any
   * more.
   *
   * @param name UTF-8.
   * @param except a site that does not count.
   */
  find(name: TextRange, except: SitePlace = noSite): SitePlace {
    const bytes = foldedBytes(name.view());
    let left = alikeLookedAtMax;
    let found = noSite;
    this.#slots.visit(hashOf(bytes, 0, bytes.length), (place) => compare(this.#foldedAt(place), bytes), (place) => {
      const owner = this.#table.ownerOf(place);
      if (owner !== noSite && owner !== except) found = owner;
      return found === noSite && --left > 0;
    });
    return found;
  }

  #foldedAt(place: NamePlace): Uint8Array {
    return foldedBytes(this.#table.nameAt(place));
  }
}

/** Most names are ASCII with single spaces: for them no string is made. */
function foldedBytes(name: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(name.length);
  let before = 0;
  for (let at = 0; at < name.length; at++) {
    const byte = name[at];
    if (byte >= 0x80 || (byte === 0x20 && before === 0x20)) return encoder.encode(folded(decoder.decode(name)));
    bytes[at] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    before = byte;
  }
  return bytes;
}

/** An order of bytes. */
function compare(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return 0;
}
