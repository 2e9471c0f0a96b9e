/**
 * Which site is published under an id: each id is given once and for ever.
 *
 * @module
 */

import type { TextRange } from "../wire/text_range.ts";
import { hashOf } from "./hash.ts";
import type { OwnTexts } from "./own_texts.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";
import { Slots } from "./slots.ts";

/** The published ids of all sites. */
export class PublishedIds {
  readonly #table: SiteTable;
  readonly #own: OwnTexts;
  readonly #slots: Slots;

  /** Those of the sites of `table`, which are in `own`. */
  constructor(table: SiteTable, own: OwnTexts) {
    this.#table = table;
    this.#own = own;
    this.#slots = new Slots((a, b) => own.compare(table.published(a), table.published(b)));
  }

  /** Gives a site the id that an entry says, which no site has. @param index that of the entry. */
  add(site: SitePlace, id: TextRange, index: number): void {
    this.#table.setPublished(site, this.#own.keep(id, index));
    this.#slots.put(site, hashOfText(id));
  }

  /** The site with an id, or `noSite`. */
  find(id: TextRange): SitePlace {
    return this.#slots.find(hashOfText(id), (site) => this.#own.compareTo(this.#table.published(site), id));
  }
}

function hashOfText({ bytes, start, end }: TextRange): number {
  return hashOf(bytes, start, end);
}
