/**
 * The changes that a watch is about: of some sites by their names, or of those that a filter wants.
 *
 * What a filter needs to know of a site is asked when the site first changes. So a watch costs what changes, however
 * many sites there are, and wherever in the log it begins.
 *
 * @module
 */

import type { Absence } from "../alerts/arrivals.ts";
import { type ChangeFilter, type ChangeSubject, changeSubject } from "../alerts/change_filter.ts";
import { formatId } from "../database/look_alikes.ts";
import type { Entry, FullSite, VaxlogClient } from "../library/client.ts";
import { ShownSites } from "./shown_sites.ts";

/** Sites that are asked for at a time. */
const askedTogether = 64;

/** A change that is wanted. */
export interface WatchedChange {
  readonly entry: Entry;
  /** What there was before, if only arrivals are wanted. */
  readonly was?: Absence;
}

/** The changes that are watched, whatever their sites are called meanwhile. */
export class WatchedChanges {
  /** The sites as they were named; none: all. */
  readonly names: ReadonlySet<string>;
  readonly #client: VaxlogClient;
  readonly #filter: ChangeFilter | undefined;
  /** Those of the named sites that were found. */
  readonly #ids = new Set<number>();
  /** The sites that have changed, by id: where each is now. */
  readonly #places = new Map<number, Pick<FullSite, "zip" | "document">>();
  readonly #shown: ShownSites;

  /** @param filter absent: all changes of the sites are wanted. */
  constructor(client: VaxlogClient, names: readonly string[], filter?: ChangeFilter) {
    this.names = new Set(names);
    this.#client = client;
    this.#filter = filter;
    this.#shown = new ShownSites(client);
  }

  /** One of the named sites was found. */
  add(id: number): void {
    this.#ids.add(id);
  }

  /** Those of the next entries that are wanted. All entries must come here, in order. */
  async of(entries: readonly Entry[]): Promise<WatchedChange[]> {
    const named = entries.filter((entry) => this.#isNamed(entry));
    const filter = this.#filter;
    if (filter === undefined) return named.map((entry) => ({ entry }));
    await this.#lookUp(named);
    const changes: WatchedChange[] = [];
    for (const entry of named) {
      const isPlaced = filter.wantsSite(this.#placeAfter(entry));
      const isWanted = isPlaced && filter.wantsSubject(await this.#subjectOf(entry));
      if (filter.onlyArrivals) {
        const was = await this.#shown.arrival(entry, isWanted, filter.isOfSaid);
        if (isWanted && was !== undefined) changes.push({ entry, was });
      } else if (isWanted) changes.push({ entry });
    }
    return changes;
  }

  /** Whether an entry is of a named site. A site that is added or renamed may become one. */
  #isNamed({ site, siteId }: Entry): boolean {
    if (this.names.has(site)) this.add(siteId);
    return this.names.size === 0 || this.#ids.has(siteId);
  }

  /** Asks where the sites of entries are, as far as that is not known. */
  async #lookUp(entries: readonly Entry[]): Promise<void> {
    const added = new Set(entries.flatMap(({ kind, siteId }) => kind === "added" ? [siteId] : []));
    const unknown = [...new Set(entries.map(({ siteId }) => siteId))]
      .filter((id) => !added.has(id) && !this.#places.has(id));
    for (let at = 0; at < unknown.length; at += askedTogether) {
      await Promise.all(
        unknown.slice(at, at + askedTogether).map(async (id) => {
          const { needsDocument } = this.#filter!;
          const outcome = await (needsDocument ? this.#client.details(formatId(id)) : this.#client.view(formatId(id)));
          if (outcome.kind !== "site") return;
          const { zip, document }: FullSite = outcome.site;
          this.#places.set(id, { zip, document });
        }),
      );
    }
  }

  /** Where the site of an entry is after it. */
  #placeAfter(entry: Entry): Pick<FullSite, "zip" | "document"> {
    const { kind, siteId } = entry;
    const before = this.#places.get(siteId);
    if (before !== undefined && kind !== "added" && kind !== "edited" && kind !== "documented") return before;
    const zip = kind === "added" || kind === "edited" ? entry.zip : undefined;
    const document = kind === "documented" && this.#filter!.needsDocument ? entry.document : before?.document;
    const after = { zip: zip ?? before?.zip ?? "", document };
    this.#places.set(siteId, after);
    return after;
  }

  /** The source and the product of an entry. One that takes a report back has those of the report. */
  async #subjectOf(entry: Entry): Promise<ChangeSubject> {
    const isUntold = entry.kind === "retracted" && entry.shows !== undefined && typeof entry.shows !== "object";
    if (!isUntold || !this.#filter!.isOfSaid) return changeSubject(entry);
    const [report] = (await Array.fromAsync(this.#client.changes({ after: entry.of - 1, limit: 1 }))).flat();
    return report === undefined ? {} : changeSubject(report);
  }
}
