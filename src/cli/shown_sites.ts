/**
 * What sites show before and after each of their entries, for a watch that wants arrivals.
 *
 * What a site showed before the first entry that is watched follows from entries before that one. They are read from
 * the newest back, until the rest cannot matter. So a watch costs what changes, however many sites there are.
 *
 * @module
 */

import { type Absence, arrivalBetween, mayArrive, saidArrival } from "../alerts/arrivals.ts";
import { formatId } from "../database/look_alikes.ts";
import { joinedSite } from "../database/site_rules.ts";
import { type SourcedSite, sourcedSiteAfter } from "../database/source_rules.ts";
import { isAvailable } from "../database/values.ts";
import type { Entry, FullSite, VaxlogClient } from "../library/client.ts";
import { togetherMs } from "../limits.ts";

/** A site, and those that were merged into it. */
interface ShownGroup {
  /** The id of the one that the others lead to. */
  readonly root: number;
  /** What each is by itself, by its id; absent: nothing is known of it but that it is there. */
  readonly sites: Map<number, SourcedSite>;
}

/** Follows what sites show. */
export class ShownSites {
  readonly #client: VaxlogClient;
  /** By the id of each site. */
  readonly #groups = new Map<number, ShownGroup>();

  /** @param client looks up what was before the first entry. */
  constructor(client: VaxlogClient) {
    this.#client = client;
  }

  /**
   * What there was before an entry that brought an arrival; undefined: it brought none. All entries of a site must come
   * here, in order.
   *
   * @param isWanted whether somebody wants to know.
   * @param isOfSaid whether that is what its source had said of its product, and not what the site showed.
   */
  async arrival(entry: Entry, isWanted: boolean, isOfSaid: boolean): Promise<Absence | undefined> {
    const { kind, siteId } = entry;
    // Documents are long, and nothing that is shown follows from them.
    if (kind === "documented") return undefined;
    if (kind === "merged" || kind === "unmerged") {
      // What they show may be the report of another site from now on.
      for (const id of [siteId, entry.into.id]) this.#forget(id);
      return undefined;
    }
    if (kind === "added") this.#groups.set(siteId, { root: siteId, sites: new Map() });
    const isNeeded = isWanted && mayMatter(entry);
    const group = this.#groups.get(siteId) ?? (isNeeded ? await this.#load(entry, isOfSaid) : undefined);
    if (group === undefined) return undefined;
    const [own, before] = [group.sites.get(siteId), shownBy(group)];
    const after = followed(group, entry);
    if (isOfSaid) return saidArrival(own, after, entry);
    return mayArrive(entry) ? arrivalBetween(before, shownBy(group)) : undefined;
  }

  #forget(id: number): void {
    for (const each of this.#groups.get(id)?.sites.keys() ?? []) this.#groups.delete(each);
    this.#groups.delete(id);
  }

  /** Looks up what the site of an entry, and those that were merged with it, were before it. */
  async #load(entry: Entry, isOfSaid: boolean): Promise<ShownGroup> {
    const { siteId, index } = entry;
    const name = formatId(siteId);
    const viewed = await this.#client.view(name);
    const group: ShownGroup = { root: viewed.kind === "site" ? viewed.site.id : siteId, sites: new Map() };
    const past = new PastEntries(entry, isOfSaid);
    read: for await (const page of this.#client.history(name, { newestFirst: true, before: index })) {
      for (const each of page) if (past.take(each)) break read;
    }
    for (const each of past.entries.toReversed()) followed(group, each);
    for (const id of [siteId, group.root, ...group.sites.keys()]) this.#groups.set(id, group);
    return group;
  }
}

/** Whether an entry of a site of which nothing is known yet may bring an arrival. */
function mayMatter(entry: Entry): boolean {
  if (entry.kind !== "report") return mayArrive(entry);
  // With a product, its source may become the one that the site shows.
  return entry.product !== undefined || isAvailable(entry.availability);
}

/** Applies an entry to its site. */
function followed({ sites }: ShownGroup, entry: Entry): SourcedSite {
  const { siteId, kind } = entry;
  const before = sites.get(siteId) ?? (kind === "added" ? undefined : { site: unreported(siteId) });
  const after = sourcedSiteAfter(before, entry);
  sites.set(siteId, after);
  return after;
}

function unreported(id: number): FullSite {
  return { id, name: "", zip: "", availability: 0, observedAt: 0 };
}

/** What visitors find at a group. */
function shownBy({ root, sites }: ShownGroup): FullSite {
  const aliases = [...sites].filter(([id]) => id !== root).map(([, { site }]) => site);
  return joinedSite(sites.get(root)?.site ?? unreported(root), aliases);
}

/** Entries of a group of sites from the newest back, until what the group shows follows from them. */
class PastEntries {
  /** The entries, the newest first. */
  readonly entries: Entry[] = [];
  /** What sources have said of products that must be known, and of which no report is there yet. */
  readonly #wanted = new Set<string>();
  readonly #reported = new Set<string>();
  /** Reports that were taken back. */
  readonly #takenBack = new Set<number>();
  #newest = -Infinity;
  #isShown = false;
  #hasProduct = false;

  /**
   * @param first the entry before which they are.
   * @param isOfSaid whether it matters what its source had said before.
   */
  constructor(first: Entry, isOfSaid: boolean) {
    const isWanted = first.kind === "confirmed" || (first.kind === "report" && isOfSaid);
    if (isWanted) this.#wanted.add(strandOf(first));
  }

  /** Takes the one before. @returns whether those that are left cannot matter. */
  take(entry: Entry): boolean {
    const { kind, index } = entry;
    if (kind === "documented" || kind === "merged" || kind === "unmerged") return false;
    this.entries.push(entry);
    if (kind === "retracted") {
      this.#takenBack.add(entry.of);
    } else if (kind === "confirmed") {
      this.#note(entry.observedAt, entry.product);
      if (!this.#reported.has(strandOf(entry))) this.#wanted.add(strandOf(entry));
    } else if (kind === "report" && !this.#takenBack.has(index)) {
      this.#note(entry.observedAt, entry.product);
      this.#reported.add(strandOf(entry));
      this.#wanted.delete(strandOf(entry));
      this.#isShown ||= !entry.outOfDate;
    }
    if (!this.#isShown || this.#wanted.size > 0) return false;
    if (!this.#hasProduct) return true;
    // Products that were known a day before the newest one are not shown with it; nor is what was there before a report
    // that was the newest.
    return kind === "report" && !entry.outOfDate && entry.observedAt < this.#newest - togetherMs;
  }

  #note(asOf: number, product: string | undefined): void {
    this.#newest = Math.max(this.#newest, asOf);
    this.#hasProduct ||= product !== undefined;
  }
}

/** What a report or a confirmation is about. */
function strandOf({ siteId, source, product }: Extract<Entry, { kind: "report" | "confirmed" }>): string {
  return JSON.stringify([siteId, source, product]);
}
