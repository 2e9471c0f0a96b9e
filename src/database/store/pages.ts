/**
 * The outputs that come in pages: lists, histories and changes.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { nameBytesMax, noteBytesMax, pageBytesMax, sitesPerPageMin, sitesPerRequestMax } from "../../limits.ts";
import type { CommandFields } from "../wire/command_fields.ts";
import { details, filters } from "../wire/commands.ts";
import { LogEntry, type LogPlace } from "./log_entry.ts";
import { pageEnds, pageStatuses, statuses } from "../wire/outputs.ts";
import { isPackedAvailable, zipBeginsWith } from "../wire/packed.ts";
import type { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_table.ts";
import { SiteWriter } from "./site_writer.ts";

/** Bytes that an output has for its length in front. */
const lengthBytes = 3;

/** Bytes that the end of a page may take: no name, how it ends, and where the next page begins. */
const endBytesMax = 1 + 1 + 2 + nameBytesMax;

/** Bytes that an entry takes at least: a name of one letter, and when it was recorded in one byte. */
const entryBytesMin = 6;

/** Makes pages. */
export class Pages {
  readonly #sites: SiteLog;
  readonly #writer: SiteWriter;
  readonly #page = new ByteWriter();
  readonly #row = new ByteWriter();
  readonly #entry = new LogEntry();
  #sitesLeft = 0;

  /** Pages of `sites`. */
  constructor(sites: SiteLog) {
    this.#sites = sites;
    this.#writer = new SiteWriter(sites);
  }

  /** Begins another request. */
  begin(): void {
    this.#sitesLeft = sitesPerRequestMax;
  }

  /** The page of a list that `fields` ask for; good until the next page. */
  list(fields: CommandFields): Uint8Array {
    const { limit, detail, entry: { name: after } } = fields;
    const { table, order } = this.#sites;
    const [page, row] = [this.#page, this.#row];
    page.clear();
    page.byte(pageStatuses[detail]);
    let lookAt = Math.max(sitesPerPageMin, this.#sitesLeft);
    const lookAtBefore = lookAt;
    let rows = 0;
    // The site that was looked at last, that whose row was, and whether more follow.
    let [looked, listed, more] = [noSite, noSite, false];
    order.scan(
      // No name is empty, so an empty `after` is before the first one.
      (site) => table.compareTo(site, after.bytes, after.start, after.end) <= 0,
      (site) => {
        if (lookAt-- === 0 || (limit !== 0 && rows === limit)) {
          more = true;
          return false;
        }
        if (!this.#isWanted(site, fields)) {
          looked = site;
          return true;
        }
        row.clear();
        this.#writeRow(site, detail);
        // Room for the end too, which may repeat the name.
        if (lengthBytes + page.length + row.length + endBytesMax > pageBytesMax) {
          more = true;
          return false;
        }
        page.raw(row.view());
        rows++;
        looked = listed = site;
        return true;
      },
    );
    this.#sitesLeft -= lookAtBefore - lookAt;
    // A name is never empty, so an empty one says that the rows are over.
    page.byte(0);
    page.byte(!more ? pageEnds.last : looked === listed ? pageEnds.afterLastRow : pageEnds.afterName);
    if (more && looked !== listed) page.blob(table.name(looked));
    return page.view();
  }

  #isWanted(site: SitePlace, { filter, zip }: CommandFields): boolean {
    const { table } = this.#sites;
    return ((filter & filters.retired) !== 0 || !table.isRetired(site)) &&
      ((filter & filters.available) === 0 || isPackedAvailable(table.availability(site))) &&
      (zip === 0 || zipBeginsWith(table.zip(site), zip));
  }

  #writeRow(site: SitePlace, detail: number): void {
    const [row, writer] = [this.#row, this.#writer];
    if (detail === details.brief) return writer.briefRow(row, site);
    row.blob(this.#sites.table.name(site));
    writer.state(row, site, noteBytesMax);
    if (detail === details.state) return;
    writer.report(row, site);
    writer.document(row, site);
  }

  /** The page of the history of a site that `fields` ask for; good until the next page. */
  history(site: SitePlace, { newestFirst, bound, limit }: CommandFields): Uint8Array {
    return newestFirst ? this.#newestFirst(site, bound, limit) : this.#oldestFirst(site, bound, limit);
  }

  #newestFirst(site: SitePlace, before: number, limit: number): Uint8Array {
    const { chains } = this.#sites;
    const beyond = before === 0 ? -1 : chains.numberAfter(site, before - 1);
    // The number of the entry to begin with, and how many there are up to it.
    const first = beyond < 0 ? chains.lastNumber(site) : beyond - 1;
    this.#beginEntries();
    if (first < 0) return this.#endEntries(false);
    let place = chains.at(site, first);
    for (let written = 0; written <= first; written++) {
      if (written === limit && limit !== 0 || !this.#putEntry(place)) return this.#endEntries(true);
      place = this.#entry.previous;
    }
    return this.#endEntries(false);
  }

  #oldestFirst(site: SitePlace, after: number, limit: number): Uint8Array {
    const { chains, log } = this.#sites;
    this.#beginEntries();
    const first = chains.numberAfter(site, after);
    if (first < 0) return this.#endEntries(false);
    // The chain leads backwards: as many as a page may have are put into the right order.
    const wanted = Math.min(limit === 0 ? Infinity : limit, Math.ceil(pageBytesMax / entryBytesMin));
    const last = Math.min(chains.lastNumber(site), first + wanted - 1);
    const places: LogPlace[] = [];
    for (let place = chains.at(site, last), left = last - first + 1; left > 0; left--) {
      places.push(place);
      log.read(place, this.#entry);
      place = this.#entry.previous;
    }
    for (const place of places.reverse()) {
      if (!this.#putEntry(place)) return this.#endEntries(true);
    }
    return this.#endEntries(last < chains.lastNumber(site));
  }

  /** The page of the changes that `fields` ask for; good until the next page. */
  changes({ bound, limit }: CommandFields): Uint8Array {
    const { log } = this.#sites;
    this.#beginEntries();
    let left = limit === 0 ? Infinity : limit;
    let place = bound < log.last ? log.placeOf(bound + 1) : 0;
    for (let index = bound + 1; index <= log.last; index++) {
      if (left-- === 0 || !this.#putEntry(place)) return this.#endEntries(true);
      place = this.#entry.end;
    }
    return this.#endEntries(false);
  }

  #beginEntries(): void {
    this.#page.clear();
    this.#page.byte(statuses.entries);
    this.#page.byte(0);
  }

  /** Appends an entry to the page, if it has room; reads it in any case. */
  #putEntry(place: LogPlace): boolean {
    const entry = this.#entry;
    this.#sites.log.read(place, entry);
    if (lengthBytes + this.#page.length + this.#writer.entryBytesMax(entry) > pageBytesMax) return false;
    this.#writer.entry(this.#page, entry);
    return true;
  }

  #endEntries(more: boolean): Uint8Array {
    this.#page.setByte(1, more ? 1 : 0);
    return this.#page.view();
  }

  /**
   * Entries of all sites in their order, but no page around them.
   *
   * @param after the index before the first of them.
   * @param bytesMax bytes that they may take, without the first one.
   */
  entriesAfter(after: number, bytesMax: number): { readonly bytes: Uint8Array; readonly last: number } | undefined {
    const { log } = this.#sites;
    if (after >= log.last) return undefined;
    const page = this.#page;
    page.clear();
    let last = after;
    for (let place = log.placeOf(after + 1); last < log.last; place = this.#entry.end) {
      const length = page.length;
      log.read(place, this.#entry);
      this.#writer.entry(page, this.#entry);
      if (page.length > bytesMax && last > after) {
        page.truncate(length);
        break;
      }
      last++;
    }
    return { bytes: page.copy(), last };
  }
}
