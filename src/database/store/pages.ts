/**
 * The outputs that come in pages: lists, histories and changes.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import {
  mergedEntriesMax,
  nameBytesMax,
  noteBytesMax,
  pageBytesMax,
  sitesPerPageMin,
  sitesPerRequestMax,
} from "../../limits.ts";
import type { CommandFields } from "../wire/command_fields.ts";
import { details, filters, reportFilters } from "../wire/commands.ts";
import { EntryWriter } from "./entry_writer.ts";
import { LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { knowsMark, pageEnds, pageStatuses, statuses } from "../wire/outputs.ts";
import { isPackedAvailable, zipBeginsWith } from "../wire/packed.ts";
import type { Entries } from "../../state_machine.ts";
import type { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_record.ts";
import { ReadStrand } from "./strands.ts";
import { SiteWriter } from "./site_writer.ts";

/** Bytes that an output has for its length in front. */
const lengthBytes = 3;

/** Bytes that the end of a page may take: no name, how it ends, and where the next page begins. */
const endBytesMax = 1 + 1 + 2 + nameBytesMax;

/** Bytes that an entry takes at least: a name of one letter, and when it was recorded in one byte. */
const entryBytesMin = 6;

/** Bytes before the rows of a page of sources. */
const sourcesHeadBytesMax = 1 + 8 + 8;

/** Strands that take as long to look at as a site. */
const strandsPerSite = 8;

/** The number of a text that nobody has used. */
const unused = -1;

/** Makes pages. */
export class Pages {
  readonly #sites: SiteLog;
  readonly #writer: SiteWriter;
  readonly #entryWriter: EntryWriter;
  readonly #page = new ByteWriter();
  readonly #entry = new LogEntry();
  readonly #rows = new ByteWriter();
  readonly #said = new ReadStrand();
  /** In a list of reports: the number of their source; undefined: any. */
  #source: number | undefined;
  /** The same of their product. */
  #product: number | undefined;
  #sitesLeft = 0;
  /** Strands that were looked at for the site that a list has come to. */
  #strandsRead = 0;

  /** Pages of `sites`. */
  constructor(sites: SiteLog) {
    this.#sites = sites;
    this.#writer = new SiteWriter(sites);
    this.#entryWriter = new EntryWriter(sites);
  }

  /** Begins another request. */
  begin(): void {
    this.#sitesLeft = sitesPerRequestMax;
  }

  /** The page of a list that `fields` ask for; good until the next page. Undefined: no block is left for a row. */
  list(fields: CommandFields): Uint8Array | undefined {
    const { limit, detail, entry: { name: after } } = fields;
    const { table, order, blocks } = this.#sites;
    blocks.beginPage();
    const page = this.#page;
    page.clear();
    this.#writer.knowsIds = fields.knowsIds;
    this.#writer.knowsSources = fields.knowsSources;
    this.#readFilter(fields);
    this.#strandsRead = 0;
    page.byte(pageStatuses[detail] | (fields.knowsSources && detail !== details.brief ? knowsMark : 0));
    let lookAt = Math.max(sitesPerPageMin, this.#sitesLeft);
    const lookAtBefore = lookAt;
    let rows = 0;
    // The site that was looked at last, that whose row was, and whether more follow.
    let [looked, listed, more, isCrowded] = [noSite, noSite, false, false];
    order.scan(
      // No name is empty, so an empty `after` is before the first one.
      (site) => table.compareTo(site, after.bytes, after.start, after.end) <= 0,
      (site) => {
        more = lookAt-- <= 0 || (limit !== 0 && rows === limit);
        if (more) return false;
        if (this.#isWanted(site, fields)) {
          const { length } = page;
          isCrowded = !this.#writeRow(site, detail);
          // Room for the end too, which may repeat the name.
          more = isCrowded || lengthBytes + page.length + endBytesMax > pageBytesMax;
          if (more) {
            page.truncate(length);
            return false;
          }
          rows++;
          listed = site;
        }
        lookAt -= this.#strandsRead / strandsPerSite;
        this.#strandsRead = 0;
        looked = site;
        return true;
      },
    );
    this.#writer.said = undefined;
    this.#sitesLeft -= lookAtBefore - lookAt;
    if (isCrowded && rows === 0) return undefined;
    // A name is never empty, so an empty one says that the rows are over.
    page.byte(0);
    page.byte(!more ? pageEnds.last : looked === listed ? pageEnds.afterLastRow : pageEnds.afterName);
    if (more && looked !== listed) page.blob(table.name(looked));
    return page.view();
  }

  #isWanted(site: SitePlace, { filter, reportFilter, zip }: CommandFields): boolean {
    const { table } = this.#sites;
    if ((filter & filters.retired) === 0 && table.isRetired(site)) return false;
    if (zip !== 0 && !zipBeginsWith(table.zip(site), zip)) return false;
    if (reportFilter !== 0 && !this.#isReported(site)) return false;
    if ((filter & filters.available) === 0) return true;
    const said = reportFilter === 0 ? undefined : this.#said;
    return isPackedAvailable(said?.availability ?? table.availability(this.#sites.shownBy(site)));
  }

  /** Reads of which reports a list is. */
  #readFilter({ reportFilter, source, product }: CommandFields): void {
    const { strands } = this.#sites.reports;
    this.#source = (reportFilter & reportFilters.source) === 0 ? undefined : strands.sources.find(source) || unused;
    this.#product = (reportFilter & reportFilters.product) === 0 ? undefined : strands.products.find(product) || unused;
    this.#writer.said = reportFilter === 0 ? undefined : this.#said;
  }

  /** Whether there is such a report of a site, or of one that was merged into it; the newest of them is read. */
  #isReported(site: SitePlace): boolean {
    const { table, merges } = this.#sites;
    if (!table.isJoined(site)) return this.#readNewest(site);
    let newest: SitePlace | undefined;
    let [asOf, index] = [0, 0];
    const said = this.#said;
    for (const member of merges.membersOf(site)) {
      if (!this.#readNewest(member)) continue;
      if (newest !== undefined && (said.asOf - asOf || said.index - index) <= 0) continue;
      [newest, asOf, index] = [member, said.asOf, said.index];
    }
    return newest !== undefined && this.#readNewest(newest);
  }

  #readNewest(site: SitePlace): boolean {
    const { table, reports } = this.#sites;
    if (table.hasStrands(site)) this.#strandsRead += reports.strands.size(table.strands(site));
    return reports.readNewest(site, this.#source, this.#product, this.#said);
  }

  /** The page of what sources say that `fields` ask for; otherwise as {@link list}. */
  sources(site: SitePlace, { bound, skip }: CommandFields): Uint8Array | undefined {
    const { table, merges, reports, blocks } = this.#sites;
    blocks.beginPage();
    const members = table.isJoined(site) ? merges.membersOf(site) : [site];
    const rows = this.#rows;
    rows.clear();
    for (const member of members) {
      const id = table.id(member);
      if (id < bound) continue;
      let count = 0;
      for (const { source, product } of reports.saidOf(member, this.#said)) {
        if (id === bound && count < skip) {
          count++;
          continue;
        }
        const { length } = rows;
        const isWhole = this.#writer.source(rows, member, this.#said, source, product, member !== site);
        if (!isWhole || lengthBytes + sourcesHeadBytesMax + rows.length > pageBytesMax) {
          rows.truncate(length);
          return !isWhole && length === 0 ? undefined : this.#sourcesPage(id, count);
        }
        count++;
      }
    }
    return this.#sourcesPage(0, 0);
  }

  /** The rows as a page, which says where the next one begins. */
  #sourcesPage(site: number, skip: number): Uint8Array {
    const page = this.#page;
    page.clear();
    page.byte(statuses.sources);
    page.varint(site);
    page.varint(skip);
    page.raw(this.#rows.view());
    return page.view();
  }

  /** Writes a row. Returns false if no block is left for its document. */
  #writeRow(site: SitePlace, detail: number): boolean {
    const [page, writer] = [this.#page, this.#writer];
    page.blob(this.#sites.table.name(site));
    if (detail === details.full) return writer.full(page, site);
    if (detail === details.brief) writer.brief(page, site);
    else writer.state(page, site, noteBytesMax);
    return true;
  }

  /** The page of the history of a site that `fields` ask for; otherwise as {@link list}. */
  history(site: SitePlace, fields: CommandFields): Uint8Array | undefined {
    this.#entryWriter.knowsIds = fields.knowsIds;
    const { table, chains, log } = this.#sites;
    if (table.isJoined(site)) return this.#joinedHistory(site, fields);
    const { newestFirst, bound, limit } = fields;
    const last = chains.lastNumber(site);
    if (newestFirst) {
      const beyond = bound === 0 ? -1 : chains.numberAfter(site, bound - 1);
      // How many entries there are up to the one to begin with.
      const count = beyond < 0 ? last + 1 : beyond;
      const place = count === 0 ? noEntry : chains.at(site, count - 1);
      return this.#entries(count, limit, place, ({ previous }) => previous);
    }
    const first = chains.numberAfter(site, bound);
    const count = first < 0 ? 0 : last - first + 1;
    // The chain leads backwards: as many as a page may have are put into the right order.
    const places: LogPlace[] = [];
    let left = Math.min(count, limit || Infinity, Math.ceil(pageBytesMax / entryBytesMin));
    for (let place = left === 0 ? noEntry : chains.at(site, first + left - 1); left > 0; left--) {
      places.push(place);
      log.read(place, this.#entry);
      place = this.#entry.previous;
    }
    return this.#entries(count, limit, places.pop(), () => places.pop());
  }

  /** The same of a site and those that were merged into it: the nearest entries of each, put together. */
  #joinedHistory(site: SitePlace, { newestFirst, bound, limit }: CommandFields): Uint8Array | undefined {
    const { chains, merges, log } = this.#sites;
    const most = Math.min(limit || mergedEntriesMax, mergedEntriesMax);
    const places: LogPlace[] = [];
    let count = 0;
    for (const member of merges.membersOf(site)) {
      const all = chains.lastNumber(member) + 1;
      const beyond = newestFirst && bound === 0 ? -1 : chains.numberAfter(member, newestFirst ? bound - 1 : bound);
      // Those on the side of the bound that is asked for, and of these the ones that are next to it.
      const split = beyond < 0 ? all : beyond;
      const [from, to] = newestFirst ? [0, split] : [split, all];
      count += to - from;
      const end = newestFirst ? to : Math.min(to, from + most);
      let left = Math.min(most, end - from);
      for (let place = left === 0 ? noEntry : chains.at(member, end - 1); left > 0; left--) {
        places.push(place);
        log.read(place, this.#entry);
        place = this.#entry.previous;
      }
    }
    // Places in the log are in the order of the entries.
    places.sort((a, b) => newestFirst ? a - b : b - a);
    return this.#entries(count, most, places.pop(), () => places.pop());
  }

  /** The page of the changes that `fields` ask for: of the tail, or where older ones end. Otherwise as {@link list}. */
  changes({ bound, limit, knowsIds }: CommandFields): Uint8Array | undefined {
    this.#entryWriter.knowsIds = knowsIds;
    const { log, lastOld: upTo } = this.#sites;
    if (bound < upTo) return this.#older(upTo);
    const count = Math.max(0, log.last - bound);
    return this.#entries(count, limit, count === 0 ? noEntry : log.placeOf(bound + 1), ({ end }) => end);
  }

  #older(upTo: number): Uint8Array {
    const page = this.#page;
    page.clear();
    page.byte(statuses.older);
    page.varint(upTo);
    return page.view();
  }

  /**
   * A page of entries; otherwise as {@link list}.
   *
   * @param count how many there are.
   * @param limit the most that are wanted; 0: as many as fit.
   * @param first where the first one is.
   * @param next where the one after the one that was read is; undefined: the page cannot have more.
   */
  #entries(
    count: number,
    limit: number,
    first: LogPlace | undefined,
    next: (entry: LogEntry) => LogPlace | undefined,
  ): Uint8Array | undefined {
    const [page, entry, writer] = [this.#page, this.#entry, this.#entryWriter];
    this.#sites.blocks.beginPage();
    page.clear();
    page.byte(statuses.entries);
    page.byte(0);
    let left = count;
    for (let place = first; left > 0 && place !== undefined && count - left !== (limit || count); left--) {
      this.#sites.log.read(place, entry);
      if (lengthBytes + page.length + writer.entryBytesMax(entry) > pageBytesMax) break;
      const { length } = page;
      if (!writer.entry(page, entry)) {
        if (left === count) return undefined;
        page.truncate(length);
        break;
      }
      place = next(entry);
    }
    page.setByte(1, left > 0 ? 1 : 0);
    return page.view();
  }

  /**
   * Entries of all sites in their order, but no page around them.
   *
   * @param after the index before the first of them.
   * @param bytesMax bytes that they may take, without the first one.
   */
  entriesAfter(after: number, bytesMax: number): Entries | undefined {
    const { log } = this.#sites;
    if (after >= log.last) return undefined;
    const page = this.#page;
    page.clear();
    this.#sites.blocks.beginUnbounded();
    this.#entryWriter.knowsIds = true;
    let last = after;
    for (let place = log.placeOf(after + 1); last < log.last; place = this.#entry.end) {
      const length = page.length;
      log.read(place, this.#entry);
      this.#entryWriter.entry(page, this.#entry);
      if (page.length > bytesMax && last > after) {
        page.truncate(length);
        break;
      }
      last++;
    }
    return { bytes: page.copy(), last };
  }
}
