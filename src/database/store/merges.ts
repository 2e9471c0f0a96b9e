/**
 * Which sites are aliases of others. Few are, so the packed table does not have them.
 *
 * An alias leads to another site, which may be an alias itself: to undo a merge, only one link is cut.
 *
 * @module
 */

import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";

/** The links between sites. */
export class Merges {
  readonly #table: SiteTable;
  readonly #asOf: (site: SitePlace) => number;
  readonly #into = new Map<SitePlace, SitePlace>();
  readonly #aliases = new Map<SitePlace, SitePlace[]>();

  /**
   * Those of the sites of `table`, in which a mark says whether a site has any.
   *
   * @param asOf as of when it is known what a site shows.
   */
  constructor(table: SiteTable, asOf: (site: SitePlace) => number) {
    this.#table = table;
    this.#asOf = asOf;
  }

  /** How many sites are aliases. */
  get size(): number {
    return this.#into.size;
  }

  /** How many of them are retired: what was retired before it was merged stays so. */
  retiredSize = 0;

  /** Whether a site is an alias. */
  isAlias(site: SitePlace): boolean {
    return this.#into.has(site);
  }

  /** The site that an alias leads to directly; undefined: it is not an alias. */
  intoOf(site: SitePlace): SitePlace | undefined {
    return this.#into.get(site);
  }

  /** The site that a site leads to in the end: itself, unless it is an alias. */
  rootOf(site: SitePlace): SitePlace {
    for (let into = this.#into.get(site); into !== undefined; into = this.#into.get(site)) site = into;
    return site;
  }

  /** A site and all that lead to it, in the order in which they were added. */
  membersOf(site: SitePlace): readonly SitePlace[] {
    const members = [site];
    for (const member of members) members.push(...this.#aliases.get(member) ?? []);
    return members.sort((a, b) => a - b);
  }

  /**
   * The site that shows what is known as of the latest time, of a site and all that lead to it; the site itself,
   * if none has a report.
   */
  newestOf(site: SitePlace): SitePlace {
    const table = this.#table;
    let newest = site;
    for (const member of this.membersOf(site)) {
      const newer = this.#asOf(member) - this.#asOf(newest) ||
        table.shownIndex(member) - table.shownIndex(newest);
      if (newer > 0) newest = member;
    }
    return newest;
  }

  /** Makes a site, which is none yet, an alias of another one, which does not lead to it. */
  merge(site: SitePlace, into: SitePlace): void {
    this.#into.set(site, into);
    if (this.#table.isRetired(site)) this.retiredSize++;
    this.#aliases.getOrInsertComputed(into, () => []).push(site);
    this.#table.setJoined(site, true);
    this.#table.setJoined(into, true);
  }

  /** Undoes {@link merge}. */
  unmerge(site: SitePlace): void {
    const into = this.#into.get(site)!;
    this.#into.delete(site);
    if (this.#table.isRetired(site)) this.retiredSize--;
    const others = this.#aliases.get(into)!.filter((alias) => alias !== site);
    if (others.length > 0) this.#aliases.set(into, others);
    else this.#aliases.delete(into);
    for (const each of [site, into]) this.#table.setJoined(each, this.isAlias(each) || this.#aliases.has(each));
  }
}
