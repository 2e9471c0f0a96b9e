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
import { finderOf, joinedSite, type Search, searchable } from "../database/site_rules.ts";
import { type SourcedSite, sourcedSiteAfter } from "../database/source_rules.ts";
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
  /** All sites by their ids, each as if no other one was merged into it. */
  readonly #sites = new Map<number, MirrorSite>();
  /** What else is known of those with several sources, by their ids. */
  readonly #sources = new Map<number, Omit<SourcedSite, "site">>();
  /** The sites that are not aliases, by their names. */
  readonly #ids = new Map<string, number>();
  /** The site that an alias leads to, by its id. */
  readonly #into = new Map<number, number>();
  /** The names as searches compare them. */
  readonly #searchable = new Map<string, string>();
  /** For each site that others lead to, their ids, in order; undefined: to be gathered again. */
  #aliases: Map<number, number[]> | undefined = new Map();
  /** The aliases by their names; undefined: to be gathered again. */
  #aliasIds: Map<string, number> | undefined;
  /** The names of {@link #ids}, in the order of their code points if `#isSorted`; undefined: to be gathered again. */
  #names: string[] | undefined = [];
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
    return this.#ids.size;
  }

  /** The id of the site of a name; undefined if there is none. */
  idOf(name: string): number | undefined {
    return this.#ids.get(name);
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
    const before = this.#sites.get(entry.siteId);
    const known = before === undefined ? undefined : { ...this.#sources.get(entry.siteId), site: before };
    const { site, ...sources } = sourcedSiteAfter(known, entry);
    if (Object.keys(sources).length > 0) this.#sources.set(site.id, sources);
    else this.#sources.delete(site.id);
    const after = this.#put(site, entry.kind === "published" ? before?.lastTime : undefined);
    if (entry.kind === "added") this.#list(after);
    else if (entry.kind === "merged") {
      this.#unlist(after.name);
      this.#into.set(after.id, entry.into.id);
    } else if (entry.kind === "unmerged") {
      this.#into.delete(after.id);
      this.#list(after);
    } else if (before !== undefined && before.name !== after.name) {
      this.#unlist(before.name);
      this.#list(after);
    }
    // What another site shows may have changed, or that it exists.
    if (entry.kind === "merged" || entry.kind === "unmerged") {
      this.#aliases = undefined;
      this.#aliasIds = undefined;
      this.#put(this.#sites.get(this.#rootOf(entry.into.id))!);
    }
  }

  /** @param lastTime absent: now. A site with a new id is published with it at once, and has not changed since. */
  #put(site: FullSite, lastTime = this.#latest): MirrorSite {
    const put = { ...site, lastEntry: this.position, lastTime };
    this.#sites.set(site.id, put);
    return put;
  }

  #list({ id, name }: FullSite): void {
    this.#ids.set(name, id);
    this.#searchable.set(name, searchable(name));
    this.#names?.push(name);
    this.#isSorted = false;
  }

  #unlist(name: string): void {
    this.#ids.delete(name);
    this.#searchable.delete(name);
    this.#names = undefined;
  }

  #rootOf(id: number): number {
    for (let into = this.#into.get(id); into !== undefined; into = this.#into.get(id)) id = into;
    return id;
  }

  /** The site of a name, with what it shows of the sites that were merged into it. */
  #named(name: string): MirrorSite {
    const site = this.#sites.get(this.#ids.get(name)!)!;
    const aliases = this.#aliasesByRoot().get(site.id);
    return aliases === undefined ? site : joinedSite(site, aliases.map((id) => this.#sites.get(id)!));
  }

  #aliasesByRoot(): ReadonlyMap<number, readonly number[]> {
    return this.#aliases ??= Map.groupBy([...this.#into.keys()].sort((a, b) => a - b), (id) => this.#rootOf(id));
  }

  /** The site that a name leads to, its own or that of an alias; undefined if there is none. */
  site(name: string): MirrorSite | undefined {
    if (this.#ids.has(name)) return this.#named(name);
    this.#aliasIds ??= new Map([...this.#into.keys()].map((id) => [this.#sites.get(id)!.name, id]));
    const alias = this.#aliasIds.get(name);
    return alias === undefined ? undefined : this.#named(this.#sites.get(this.#rootOf(alias))!.name);
  }

  /** The ids under which sites are published, also those that were merged. */
  *locationIds(): Generator<string> {
    for (const { locationId } of this.#sites.values()) if (locationId !== undefined) yield locationId;
  }

  /** All sites in the order of their names, as they are now. */
  all(): MirrorSite[] {
    return this.#sortedNames().map((name) => this.#named(name));
  }

  /** The sites that were merged into others, each as it is by itself. */
  merged(): MirrorSite[] {
    return [...this.#into.keys()].map((id) => this.#sites.get(id)!);
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
      const site = this.#named(name);
      if (isFound(site, this.#searchable.get(name))) sites.push(site);
      if (sites.length === limit) break;
    }
    return sites;
  }

  #sortedNames(): readonly string[] {
    if (this.#names !== undefined && this.#isSorted) return this.#names;
    this.#isSorted = true;
    // The names that were sorted already are one run for the sort, so it takes little longer than a look at each.
    return this.#names = (this.#names ?? [...this.#ids.keys()]).sort(compareNames);
  }
}
