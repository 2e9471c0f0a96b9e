/**
 * Which site is published under an id: each id is given once and for ever.
 *
 * @module
 */

import { TextRange } from "../wire/text_range.ts";
import type { PackedLog } from "./entry_log.ts";
import { hashOf } from "./hash.ts";
import { LogEntry } from "./log_entry.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";
import { Slots } from "./slots.ts";

/** The published ids of all sites. */
export class PublishedIds {
  readonly #table: SiteTable;
  readonly #log: PackedLog;
  readonly #slots: Slots;
  readonly #entry = new LogEntry();
  readonly #one = new TextRange();
  readonly #other = new TextRange();

  /** Those of the sites of `table`, whose entries are in `log`. */
  constructor(table: SiteTable, log: PackedLog) {
    this.#table = table;
    this.#log = log;
    this.#slots = new Slots((a, b) => this.#idOf(a, this.#one).compare(this.#idOf(b, this.#other)));
  }

  /** A site has got its id, which the table knows already, and which no other site has. */
  add(site: SitePlace): void {
    this.#slots.put(site, hashOfText(this.#idOf(site, this.#one)));
  }

  /** The site with an id, or `noSite`. */
  find(id: TextRange): SitePlace {
    return this.#slots.find(hashOfText(id), (site) => this.#idOf(site, this.#one).compare(id));
  }

  #idOf(site: SitePlace, into: TextRange): TextRange {
    this.#log.read(this.#table.published(site), this.#entry);
    into.copy(this.#entry.locationId);
    return into;
  }
}

function hashOfText({ bytes, start, end }: TextRange): number {
  return hashOf(bytes, start, end);
}
