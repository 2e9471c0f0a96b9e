/**
 * The entries of each site in a segment that is in memory, chained backwards: any one is found among n in O(log n)
 * steps (`open_run.ts`).
 *
 * Each entry points to the previous one of its site. Every 16th has pointers far back as well: to the 16th before it,
 * and one to jump, as in a skew-binary random-access stack (Myers, An applicative random-access stack, IPL 17, 1983).
 * Such an entry costs three looks into the log when it is made, or 19 if it is the second one of its site in a segment.
 * The others cost none, so that what most commands do is to write where the log ends.
 *
 * Chains begin again in each segment. The first entry of a site there says where the one before it is, and the reach of
 * that. So a segment is sealed by what is in it, and is dropped when it was sealed.
 *
 * The chain is in the order of the indices, and of {@link LogEntry.reach} too, which never becomes less.
 *
 * @module
 */

import type { PackedLog } from "./entry_log.ts";
import { LogEntry, type LogPlace, noEntry, placeMask } from "./log_entry.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";

/** Adds to the chains of all sites. */
export class Chains {
  readonly #table: SiteTable;
  readonly #log: PackedLog;
  readonly #read = new LogEntry();

  /** The entries of `log`, of the sites of `table`. */
  constructor(table: SiteTable, log: PackedLog) {
    this.#table = table;
    this.#log = log;
  }

  /** Adds the entry that adds a site, and then that site, whose place is set in the entry. */
  add(entry: LogEntry): void {
    const [table, log] = [this.#table, this.#log];
    const { segment } = log;
    entry.site = table.next;
    entry.segmentBefore = 0;
    const place = this.#appendFirst(entry);
    table.beginChain(table.add(entry), segment, place - log.base & placeMask);
  }

  /** The same where the site is there already, with the place in the entry, but has no entries yet. */
  addAgain(entry: LogEntry): void {
    const { table, log } = { table: this.#table, log: this.#log };
    const { segment } = log;
    entry.segmentBefore = 0;
    const place = this.#appendFirst(entry);
    table.beginChain(entry.site, segment, place - log.base & placeMask);
  }

  #appendFirst(entry: LogEntry): LogPlace {
    entry.previous = noEntry;
    entry.isSkip = true;
    entry.skipNumber = 0;
    return this.#log.append(entry);
  }

  /** Adds the next entry of a site that is there already. @param reach the newest observation of the site before. */
  append(entry: LogEntry, reach: number): LogPlace {
    const { site } = entry;
    const table = this.#table;
    const log = this.#log;
    if (table.hasEntryIn(site, log.segment, log.lastBefore)) return this.#appendNext(entry);
    const place = this.#beginAgain(entry, reach);
    table.beginChain(site, log.segmentOf(entry.index), place - log.base & placeMask);
    return place;
  }

  /** The same of a report of a site without strands, which the table is told next to show. */
  appendShown(entry: LogEntry): LogPlace {
    const { site } = entry;
    const table = this.#table;
    const log = this.#log;
    if (table.hasEntryIn(site, log.segment, log.lastBefore)) return this.#appendNext(entry);
    const place = this.#beginAgain(entry, table.observedAt(site));
    table.beginShown(site, place - log.base & placeMask);
    return place;
  }

  #appendNext(entry: LogEntry): LogPlace {
    const { site } = entry;
    const table = this.#table;
    const log = this.#log;
    const count = table.count(site);
    if (count === 0) return this.#appendSkip(entry);
    const { base } = log;
    entry.previous = base + table.head(site) & placeMask;
    entry.isSkip = false;
    const place = log.append(entry);
    table.setHead(site, place - base & placeMask);
    return place;
  }

  /**
   * The last entry of a site with pointers far back. The first one of a segment is found only when it is needed: few
   * sites have that many entries there, and its place is not in the line of their record.
   */
  #skipOf(site: SitePlace, last: LogPlace): LogPlace {
    const table = this.#table;
    const log = this.#log;
    if (table.hasSkip(site)) return log.base + table.skip(site) & placeMask;
    const read = this.#read;
    let place = last;
    for (log.glance(place, read); !read.isSkip; log.glance(place, read)) place = read.previous;
    return place;
  }

  /** Adds the first entry of a site in a segment. */
  #beginAgain(entry: LogEntry, reach: number): LogPlace {
    const { site } = entry;
    const table = this.#table;
    entry.segmentBefore = table.lastSegment(site);
    entry.placeBefore = table.head(site);
    entry.reachBefore = reach;
    return this.#appendFirst(entry);
  }

  /** Adds an entry with pointers far back. */
  #appendSkip(entry: LogEntry): LogPlace {
    const { site } = entry;
    const [table, log] = [this.#table, this.#log];
    const { base } = log;
    entry.previous = base + table.head(site) & placeMask;
    entry.isSkip = true;
    this.#linkBack(entry, this.#skipOf(site, entry.previous));
    const place = log.append(entry);
    table.setHead(site, place - base & placeMask);
    table.setSkip(site, place - base & placeMask);
    return place;
  }

  #linkBack(entry: LogEntry, skip: LogPlace): void {
    const read = this.#read;
    this.#log.glance(skip, read);
    const number = read.skipNumber;
    const { jump } = read;
    this.#log.glance(jump, read);
    const secondNumber = read.skipNumber;
    const secondJump = read.jump;
    this.#log.glance(secondJump, read);
    entry.skipNumber = number + 1;
    entry.skip = skip;
    // Two jumps of the same length become one.
    entry.jump = number - secondNumber === secondNumber - read.skipNumber ? secondJump : skip;
  }
}
