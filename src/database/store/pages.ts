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
import { DamageError } from "../segments/damage.ts";
import type { CommandFields } from "../wire/command_fields.ts";
import { details, filters, reportFilters } from "../wire/commands.ts";
import { EntryWriter } from "./entry_writer.ts";
import { crowdedHistory, endOfPage } from "./block_budget.ts";
import { UnreadableError } from "../../history.ts";
import { LogEntry } from "./log_entry.ts";
import { reasonOf } from "../../reason.ts";
import { entriesEnds, knowsMark, pageEnds, pageStatuses, statuses } from "../wire/outputs.ts";
import { isPackedAvailable, zipBeginsWith } from "../wire/packed.ts";
import type { Entries } from "../../state_machine.ts";
import type { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_record.ts";
import { ReadStrand } from "./strands.ts";
import { SiteEntries } from "./site_entries.ts";
import { SiteWriter } from "./site_writer.ts";

/** Bytes that an output has for its length in front. */
const lengthBytes = 3;

/** Bytes that the end of a page may take: no name, how it ends, and where the next page begins. */
const endBytesMax = 1 + 1 + 2 + nameBytesMax;

/** Entries of a page, at most: each has a name of one letter at least, and when it was recorded in one byte. */
const pageEntriesMax: number = Math.ceil(pageBytesMax / 6);

/** Bytes before the entries of a page. */
const entriesHeadBytes = 2;

/** Bytes before the rows of a page of sources. */
const sourcesHeadBytesMax = 1 + 8 + 8;

/** Strands that take as long to look at as a site. */
const strandsPerSite = 8;

/** The number of a text that nobody has used. */
const unused = -1;

/**
 * Single entries of sealed segments that a batch of entries for a reader may need, such as reports that sites show when
 * others are taken back: each is a block to unpack, in a fraction of a millisecond.
 */
const readerLooksMax = 8;

/** Makes pages. */
export class Pages {
  readonly #sites: SiteLog;
  readonly #writer: SiteWriter;
  readonly #entryWriter: EntryWriter;
  readonly #page = new ByteWriter();
  readonly #entry = new LogEntry();
  readonly #rows = new ByteWriter();
  /** Bytes of the rows that are whole. */
  #wholeRows = 0;
  readonly #siteEntries: SiteEntries;
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
    this.#siteEntries = new SiteEntries(sites.table, sites.log, sites.history);
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

  /**
   * The page of the history of a site, with those that were merged into it, that `fields` ask for; good until the next
   * page.
   *
   * @throws {crowdedHistory} if the request has read too much of the old history.
   */
  history(site: SitePlace, { knowsIds, newestFirst, bound, limit }: CommandFields): Uint8Array {
    this.#entryWriter.knowsIds = knowsIds;
    const { table, merges } = this.#sites;
    const isJoined = table.isJoined(site);
    const sites = isJoined ? merges.membersOf(site) : [site];
    const most = isJoined ? Math.min(limit || mergedEntriesMax, mergedEntriesMax) : limit || Infinity;
    const entries = this.#siteEntries;
    // One more says whether there are more.
    const found = newestFirst
      ? entries.newestFirst(sites, bound)
      : entries.oldestFirst(sites, bound, Math.min(most, pageEntriesMax) + 1);
    this.#rows.clear();
    let count = 0;
    let more = false;
    const isWhole = this.#upToEndOfPage(() => {
      for (const { run, place } of found) {
        run.read(place, this.#entry);
        more = count === most || !this.#addEntry(this.#entry);
        if (more) break;
        count++;
      }
    });
    return this.#entriesPage(more || !isWhole, count === 0 ? entries.reached : undefined);
  }

  /** The page of the changes that `fields` ask for: of the tail, or where older ones end. Good until the next page. */
  changes({ bound, limit, knowsIds }: CommandFields): Uint8Array {
    this.#entryWriter.knowsIds = knowsIds;
    const { log, history, lastOld: upTo } = this.#sites;
    if (bound < upTo) return this.#older(upTo);
    this.#rows.clear();
    let index = bound + 1;
    this.#upToEndOfPage(() => {
      for (; index <= log.last && index - bound - 1 !== (limit || Infinity); index++) {
        history.readIndex(index, this.#entry);
        if (!this.#addEntry(this.#entry)) break;
      }
    });
    return this.#entriesPage(index <= log.last, undefined);
  }

  #older(upTo: number): Uint8Array {
    const page = this.#page;
    page.clear();
    page.byte(statuses.older);
    page.varint(upTo);
    return page.view();
  }

  /** Adds entries until the page has read as much of the old history as it may. Returns whether it has not. */
  #upToEndOfPage(add: () => void): boolean {
    const { blocks } = this.#sites;
    blocks.beginPage();
    this.#wholeRows = 0;
    try {
      add();
      return true;
    } catch (error) {
      if (error !== endOfPage && (error !== crowdedHistory || this.#wholeRows === 0)) throw error;
      // The next entry may have been begun.
      this.#rows.truncate(this.#wholeRows);
      return false;
    } finally {
      blocks.endPage();
    }
  }

  /** Adds an entry to the page of entries, if it has room. */
  #addEntry(entry: LogEntry): boolean {
    const [rows, writer] = [this.#rows, this.#entryWriter];
    this.#wholeRows = rows.length;
    if (lengthBytes + entriesHeadBytes + rows.length + writer.entryBytesMax(entry) > pageBytesMax) return false;
    if (!writer.entry(rows, entry)) this.#sites.blocks.refuse();
    this.#wholeRows = rows.length;
    return true;
  }

  /**
   * The page of the entries that were added.
   *
   * @param more whether more follow.
   * @param reached if there are none, but more may follow: where the next page begins.
   */
  #entriesPage(more: boolean, reached: number | undefined): Uint8Array {
    const page = this.#page;
    page.clear();
    page.byte(statuses.entries);
    page.byte(!more ? entriesEnds.last : reached === undefined ? entriesEnds.afterLastEntry : entriesEnds.afterIndex);
    if (more && reached !== undefined) page.varint(reached);
    page.raw(this.#rows.view());
    return page.view();
  }

  /**
   * Entries of all sites in their order, but no page around them.
   *
   * @param after the index before the first of them.
   * @param bytesMax bytes that they may take, without the first one.
   */
  entriesAfter(after: number, bytesMax: number): Entries | "notYet" | undefined {
    const { log, history } = this.#sites;
    if (after >= log.last) return undefined;
    const page = this.#page;
    page.clear();
    history.beginReading();
    this.#entryWriter.knowsIds = true;
    let last = after;
    try {
      while (last < log.last && history.looks < readerLooksMax && history.readIndex(last + 1, this.#entry)) {
        const length = page.length;
        this.#entryWriter.entry(page, this.#entry);
        if (page.length > bytesMax && last > after) {
          page.truncate(length);
          break;
        }
        last++;
      }
    } catch (error) {
      // A document, or a report that is shown, may be in the sealed history where its entry is not.
      const isSealed = error instanceof DamageError || history.looks > 0 || history.isOld(last + 1);
      if (!isSealed || error instanceof UnreadableError) throw error;
      throw new UnreadableError(reasonOf(error), { cause: error });
    }
    return last === after ? "notYet" : { bytes: page.copy(), last };
  }

  /** Reads a block of the sealed history for those who wait for it; as `StateMachine.readHistory`. */
  readHistory(nowMs: number): boolean {
    return this.#sites.history.readBlock(nowMs);
  }
}
