/**
 * The mirror: all sites in the memory of the gateway, so that a search costs the cluster nothing.
 *
 * The mirror applies the entries of the log from the first one on, and knows nothing else: its answers are a function
 * of the log up to {@link Mirror.position}, the same at every gateway. It lags behind the cluster by the time that an
 * entry travels.
 *
 * @module
 */

import type { Entry } from "../database/entries.ts";
import { compareNames, countBefore } from "../database/name_order.ts";
import { finderOf, fullSiteAfter, type Search, searchable } from "../database/site_rules.ts";
import type { FullSite } from "../database/values.ts";
import { logName } from "./log_name.ts";

/** A site in the mirror. It never changes: a new object takes its place. */
export interface MirrorSite extends FullSite {
  /** The index of its last entry. */
  readonly lastEntry: number;
  /** The latest time, in ms since 1970, at which any entry up to that one was recorded, of this site or another. */
  readonly lastTime: number;
}

/** The sites as a log says. */
export class Mirror {
  /** The cluster whose log it is. */
  readonly cluster: string;
  /** What the log is called. */
  readonly log: string;
  readonly #sites = new Map<string, MirrorSite>();
  /** The names as searches compare them. */
  readonly #searchable = new Map<string, string>();
  /** In the order of their code points if `#isSorted`. */
  readonly #names: string[] = [];
  #isSorted = true;
  #last: Pick<Entry, "index" | "recordedAt"> = { index: 0, recordedAt: 0 };
  #latest = 0;

  /** @param cluster the id of the cluster whose log it is. */
  constructor(cluster: string) {
    this.cluster = cluster;
    this.log = logName(cluster);
  }

  /** The index of the last entry that it has. */
  get position(): number {
    return this.#last.index;
  }

  /** When that entry was recorded, in ms since 1970; 0 if there is none. */
  get recordedAt(): number {
    return this.#last.recordedAt;
  }

  /** How many sites there are, with those that are retired. */
  get size(): number {
    return this.#sites.size;
  }

  /**
   * Applies the next entry, and ignores one that it has applied already.
   *
   * @throws {Error} if an entry between is missing: an error of ours.
   */
  take(entry: Entry): void {
    if (entry.index <= this.position) return;
    if (entry.index !== this.position + 1) throw new Error(`Entry ${entry.index} does not follow ${this.position}`);
    this.#last = entry;
    this.#latest = Math.max(this.#latest, entry.recordedAt);
    const before = this.#sites.get(entry.site);
    const after = fullSiteAfter(before, entry);
    if (before === undefined) {
      this.#names.push(entry.site);
      this.#searchable.set(entry.site, searchable(entry.site));
      this.#isSorted = false;
    }
    this.#sites.set(entry.site, { ...after, lastEntry: entry.index, lastTime: this.#latest });
  }

  /** All sites in the order of their names, as they are now. */
  all(): MirrorSite[] {
    return this.#sortedNames().map((name) => this.#sites.get(name)!);
  }

  /**
   * The first sites that match; or the last ones, from the last one on.
   *
   * @param from only sites whose name comes after this one; of the last ones, only those whose name comes before.
   */
  search(search: Search, limit: number, from: string | undefined, isBack: boolean): readonly MirrorSite[] {
    const names = this.#sortedNames();
    const isFound = finderOf(search);
    const looked = isBack
      ? names.slice(0, countBefore(names, (name) => from === undefined || compareNames(name, from) < 0)).reverse()
      : names.slice(countBefore(names, (name) => from !== undefined && compareNames(name, from) <= 0));
    const sites: MirrorSite[] = [];
    for (const name of looked) {
      const site = this.#sites.get(name)!;
      if (isFound(site, this.#searchable.get(name))) sites.push(site);
      if (sites.length === limit) break;
    }
    return sites;
  }

  #sortedNames(): readonly string[] {
    // The names that were sorted already are one run for the sort, so it takes little longer than a look at each.
    if (!this.#isSorted) this.#names.sort(compareNames);
    this.#isSorted = true;
    return this.#names;
  }
}
