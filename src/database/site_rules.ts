/**
 * What an entry of the log makes of its site, and which sites a search finds.
 *
 * The gateway's mirror and the page in the browser apply these functions as they are. The replica's store works on
 * packed bytes, for speed: it shares the rules of time below, and a property test compares the rest with this file.
 *
 * @module
 */

import type { Entry } from "./entries.ts";
import { given } from "./given.ts";
import { type BriefSite, type FullSite, isAvailable, type Site } from "./values.ts";

/**
 * When a report was observed that does not say so: when it was recorded, but not before the newest observation of the
 * site, so that the site shows it even if the reporter's clock is slow. All times are in ms since 1970.
 *
 * @param newest the newest observation of the site; 0 if there is none.
 */
export function observedByDefault(recordedAt: number, newest: number): number {
  return recordedAt < newest ? newest : recordedAt;
}

/** Whether a report comes too late to be shown: the site has a newer observation. */
export function isOutOfDate(observedAt: number, newest: number): boolean {
  return observedAt < newest;
}

/** As of when it is known what a site shows: when that was observed or confirmed, in ms since 1970. */
export function asOf({ observedAt, checkedAt = 0 }: Pick<Site, "observedAt" | "checkedAt">): number {
  return Math.max(observedAt, checkedAt);
}

/** Whether what an entry makes of its site depends on what each of its sources has said (`source_rules.ts`). */
export function dependsOnSources(entry: Entry): boolean {
  return entry.kind === "confirmed" || (entry.kind === "report" && entry.product !== undefined) ||
    (entry.kind === "retracted" && entry.shows !== undefined);
}

/**
 * A site as lists show it after an entry of its own; the same object if nothing of that has changed. An entry that
 * {@link dependsOnSources} changes nothing here: a program that has only this must ask for the site again.
 *
 * @param site the site before the entry; undefined if the entry adds it.
 * @throws {Error} if the site is not there, and the entry does not add it: an error of ours.
 */
export function siteAfter<S extends Site>(site: S | undefined, entry: Entry): S | Site {
  if (entry.kind === "added") {
    return { id: entry.index, name: entry.site, zip: entry.zip, availability: 0, observedAt: 0 };
  }
  if (site === undefined) throw new Error(`Entry ${entry.index} is of a site that was not added`);
  switch (entry.kind) {
    case "report": {
      // Not what the entry says of that: a site that was merged into this one may have known a newer one.
      if (dependsOnSources(entry) || isOutOfDate(entry.observedAt, asOf(site))) return site;
      const { availability, observedAt, unit } = entry;
      const { id, name, zip, retired } = site;
      return { id, name, zip, availability, observedAt, ...given({ unit, retired }) };
    }
    case "retired":
      return { ...site, retired: entry.reason };
    case "reopened": {
      const { retired: _, ...open } = site;
      return open;
    }
    case "edited":
      return { ...site, ...given({ name: entry.name, zip: entry.zip }) };
    case "redacted":
      return entry.reason ? { ...site, retired: redactedReason } : site;
    case "retracted":
    case "published":
    case "confirmed":
    case "documented":
    case "merged":
    case "unmerged":
      return site;
  }
}

/** What a redacted reason reads, since no site is retired without one. */
export const redactedReason = "redacted";

/** The same with the report that the site shows, and its document. */
export function fullSiteAfter(site: FullSite | undefined, entry: Entry): FullSite {
  const after = siteAfter(site, entry);
  if (entry.kind === "documented") return { ...after, document: entry.document };
  if (entry.kind === "edited" && entry.identifiers !== undefined) {
    const { identifiers: _, ...others }: FullSite = after;
    return entry.identifiers.length === 0 ? others : { ...others, identifiers: entry.identifiers };
  }
  if (entry.kind === "published") return { ...after, locationId: entry.locationId };
  if (entry.kind === "redacted" && site?.report?.index === entry.of) {
    const { who: _, note: __, ...report } = site.report;
    return { ...after, report };
  }
  if (after === site || entry.kind !== "report") return after;
  const { index, recordedAt, who, source, note } = entry;
  const report = { index, recordedAt, ...given({ who, source, note }) };
  const { document, identifiers, locationId } = site ?? {};
  return { ...after, ...given({ report, document, identifiers, locationId }) };
}

/** A site as it is shown when others were merged into it: with the newest report of all. */
export function joinedSite<S extends FullSite>(site: S, aliases: readonly FullSite[]): S {
  if (aliases.length === 0) return site;
  const newest = [site, ...aliases].reduce<FullSite>(
    (a, b) => (asOf(b) - asOf(a) || (b.report?.index ?? 0) - (a.report?.index ?? 0)) > 0 ? b : a,
    site,
  );
  const { unit: _, report: __, checkedAt: ___, ...own } = site;
  const { availability, observedAt, checkedAt, unit, report } = newest;
  const named = aliases.map(({ id, name }) => ({ id, name }));
  return { ...own, availability, observedAt, ...given({ unit, checkedAt, report }), aliases: named } as unknown as S;
}

/** A search. */
export interface Search {
  /** A part of the name, in any case. */
  readonly part?: string;
  /** How the ZIP code begins. */
  readonly zip?: string;
  /** Only sites where something is available. */
  readonly available?: boolean;
  /** Retired sites too. */
  readonly retired?: boolean;
}

/** A name, or a part of one, as searches compare it: however it was typed, composed or not, in whatever case. */
export function searchable(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/**
 * Makes a test of whether a search finds a site.
 *
 * @returns the test; `name` is the site's {@link searchable} name, for callers that keep it.
 */
export function finderOf(search: Search): (site: BriefSite & { retired?: string }, name?: string) => boolean {
  const { zip = "", available = false, retired = false } = search;
  const part = searchable(search.part ?? "");
  return (site, name = searchable(site.name)) =>
    name.includes(part) && site.zip.startsWith(zip) && (retired || site.retired === undefined) &&
    (!available || isAvailable(site.availability));
}
