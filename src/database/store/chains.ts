/**
 * The entries of each site, chained backwards: any one is found among n in O(log n) steps.
 *
 * Each entry points to the previous one of its site. Every 16th has pointers far back as well: to the 16th before it,
 * and one to jump, as in a skew-binary random-access stack (Myers, An applicative random-access stack, IPL 17, 1983).
 * Such an entry costs three looks into the log when it is made, the others none, so that what most commands do is to
 * write where the log ends.
 *
 * The chain is in the order of the indices, and of {@link LogEntry.reach} too, which never becomes less.
 *
 * @module
 */

import { skipEntries } from "../../limits.ts";
import type { PackedLog } from "./entry_log.ts";
import { LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";

/** By what an entry is searched for: neither becomes less along a chain. */
export type ChainKey = "index" | "reach";

/** The chains of all sites. */
export class Chains {
  readonly #table: SiteTable;
  readonly #log: PackedLog;
  // The entry that a search has come to, and the one that it looks at next.
  #here = new LogEntry();
  #next = new LogEntry();
  #place: LogPlace = noEntry;

  /** The entries of `log`, of the sites of `table`. */
  constructor(table: SiteTable, log: PackedLog) {
    this.#table = table;
    this.#log = log;
  }

  /** Adds the first entry of a site to the log, and returns its place. */
  appendFirst(entry: LogEntry): LogPlace {
    entry.previous = noEntry;
    entry.isSkip = true;
    entry.skipNumber = 0;
    return this.#log.append(entry);
  }

  /** Adds the next entry of a site that is there already. */
  append(entry: LogEntry): LogPlace {
    const { site } = entry;
    const table = this.#table;
    entry.previous = table.head(site);
    entry.isSkip = table.count(site) % skipEntries === 0;
    if (entry.isSkip) this.#linkBack(entry, table.skip(site));
    const place = this.#log.append(entry);
    table.setHead(site, place);
    if (entry.isSkip) table.setSkip(site, place);
    return place;
  }

  #linkBack(entry: LogEntry, skip: LogPlace): void {
    const first = this.#read(skip);
    const number = first.skipNumber;
    const { jump } = first;
    const second = this.#read(jump);
    const secondNumber = second.skipNumber;
    const secondJump = second.jump;
    const thirdNumber = this.#read(secondJump).skipNumber;
    entry.skipNumber = number + 1;
    entry.skip = skip;
    // Two jumps of the same length become one.
    entry.jump = number - secondNumber === secondNumber - thirdNumber ? secondJump : skip;
  }

  #read(place: LogPlace): LogEntry {
    this.#log.glance(place, this.#next);
    return this.#next;
  }

  /** The number of the last entry of a site, from 0. */
  lastNumber(site: SitePlace): number {
    // The count begins again at 0, where the entries do not.
    return skipEntries * this.#table.skipNumber(site) + (this.#table.count(site) + skipEntries - 1) % skipEntries;
  }

  /** The oldest entry of a site with a key of at least `least`, or {@link noEntry}. */
  oldest(site: SitePlace, key: ChainKey, least: number): LogPlace {
    return this.#find(site, key, least) < 0 ? noEntry : this.#place;
  }

  /** The number, from 0, of the oldest entry of a site after an index; -1 if there is none. */
  numberAfter(site: SitePlace, index: number): number {
    return this.#find(site, "index", index + 1);
  }

  /** Comes to the oldest entry with such a key, and says its number; -1 if there is none. */
  #find(site: SitePlace, key: ChainKey, least: number): number {
    this.#begin(this.#table.head(site));
    if (this.#here[key] < least) return -1;
    let number = this.lastNumber(site);
    const skip = this.#table.skip(site);
    if (this.#read(skip)[key] >= least) {
      this.#begin(skip);
      this.#jumpBack(key, least);
      number = skipEntries * this.#here.skipNumber;
    }
    // Fewer than 16 steps: the one with pointers far back that is before this one has a lesser key.
    while (this.#here.previous !== noEntry && this.#read(this.#here.previous)[key] >= least) {
      this.#step(this.#here.previous);
      number--;
    }
    return number;
  }

  /** The entry of a site with this number, from 0 to that of the last one. */
  at(site: SitePlace, number: number): LogPlace {
    const skipNumber = Math.ceil(number / skipEntries);
    let left = this.lastNumber(site) - number;
    if (skipNumber > this.#table.skipNumber(site)) {
      this.#begin(this.#table.head(site));
    } else {
      this.#begin(this.#table.skip(site));
      this.#jumpBack("skipNumber", skipNumber);
      left = skipEntries * skipNumber - number;
    }
    for (; left > 0; left--) this.#begin(this.#here.previous);
    return this.#place;
  }

  /** Goes back to the oldest entry with pointers far back that has such a key, from one that has. */
  #jumpBack(key: ChainKey | "skipNumber", least: number): void {
    while (this.#here.skipNumber > 0) {
      if (this.#read(this.#here.jump)[key] >= least) this.#step(this.#here.jump);
      else if (this.#read(this.#here.skip)[key] >= least) this.#step(this.#here.skip);
      else return;
    }
  }

  #begin(place: LogPlace): void {
    this.#log.glance(place, this.#here);
    this.#place = place;
  }

  /** Comes to what was read last. */
  #step(place: LogPlace): void {
    [this.#here, this.#next] = [this.#next, this.#here];
    this.#place = place;
  }
}
