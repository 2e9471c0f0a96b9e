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

/** A site in the mirror. It never changes: a new object takes its place. */
export interface MirrorSite extends FullSite {
  /** The index of its last entry. */
  readonly lastEntry: number;
  /** The latest time, in ms since 1970, at which any entry up to that one was recorded, of this site or another. */
  readonly lastTime: number;
}

/** What a search has found. */
export interface FoundSites {
  /** In the order of their names. */
  readonly sites: readonly MirrorSite[];
  /** The name beyond which there are more; undefined: there are none. */
  readonly next: string | undefined;
}

/** The sites as the log says. */
export class Mirror {
  readonly #sites = new Map<string, MirrorSite>();
  /** The names as searches compare them. */
  readonly #searchable = new Map<string, string>();
  /** In the order of their code points, up to `#sorted`. */
  #names: string[] = [];
  #isSorted = true;
  #log = "";
  #position = 0;
  #recordedAt = 0;
  #latest = 0;

  /** What the log is called. */
  get log(): string {
    return this.#log;
  }

  /** The index of the last entry that it has. */
  get position(): number {
    return this.#position;
  }

  /** When that entry was recorded, in ms since 1970; 0 if there is none. */
  get recordedAt(): number {
    return this.#recordedAt;
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
    if (entry.index <= this.#position) return;
    if (entry.index !== this.#position + 1) throw new Error(`Entry ${entry.index} does not follow ${this.#position}`);
    this.#position = entry.index;
    this.#recordedAt = entry.recordedAt;
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

  /** Forgets everything: the entries that follow are those of the log of this name. */
  begin(log: string): void {
    this.#log = log;
    this.#sites.clear();
    this.#searchable.clear();
    this.#names = [];
    this.#position = 0;
    this.#recordedAt = 0;
    this.#latest = 0;
  }

  /** One site, or undefined if there is none. */
  get(name: string): MirrorSite | undefined {
    return this.#sites.get(name);
  }

  /** All sites in the order of their names, as they are now. */
  all(): MirrorSite[] {
    return this.#sortedNames().map((name) => this.#sites.get(name)!);
  }

  /**
   * The first sites that match.
   *
   * @param after only sites whose name comes after this one.
   */
  search(search: Search, limit: number, after?: string): FoundSites {
    const names = this.#sortedNames();
    const start = after === undefined ? 0 : countBefore(names, (name) => compareNames(name, after) <= 0);
    return this.#find(search, limit, start, 1);
  }

  /**
   * The last sites that match.
   *
   * @param before only sites whose name comes before this one.
   */
  searchBack(search: Search, limit: number, before?: string): FoundSites {
    const names = this.#sortedNames();
    const end = before === undefined ? names.length : countBefore(names, (name) => compareNames(name, before) < 0);
    const { sites, next } = this.#find(search, limit, end - 1, -1);
    return { sites: sites.toReversed(), next };
  }

  /** The sites that match among the names from `start` on, in steps of 1 or -1. */
  #find(search: Search, limit: number, start: number, step: 1 | -1): FoundSites {
    const names = this.#sortedNames();
    const isFound = finderOf(search);
    const sites: MirrorSite[] = [];
    for (let at = start; at >= 0 && at < names.length; at += step) {
      const site = this.#sites.get(names[at])!;
      if (!isFound(site, this.#searchable.get(names[at]))) continue;
      if (sites.length === limit) return { sites, next: sites[limit - 1].name };
      sites.push(site);
    }
    return { sites, next: undefined };
  }

  #sortedNames(): readonly string[] {
    if (!this.#isSorted) {
      // The names that were sorted already are one run for the sort, so it takes little longer than a look at each.
      this.#names.sort(compareNames);
      this.#isSorted = true;
    }
    return this.#names;
  }
}
