/**
 * The sites that are shown, as far as they were loaded, and what changes make of them.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { given } from "../../database/given.ts";
import { compareNames, countBefore } from "../../database/name_order.ts";
import { finderOf, siteAfter } from "../../database/site_rules.ts";
import type { FullSite, Site } from "../../database/values.ts";
import { type Filter, isNear, isOfReports } from "./filters.ts";

/** A site in a list. */
export interface RowSite extends Site {
  /** Miles to it, in a list of the sites near a ZIP code. */
  readonly miles?: number;
}

/** A part of a list of sites, without gaps: in the order of their names, or by distance. */
export interface Page {
  readonly sites: readonly RowSite[];
  /** The name after which there are more. */
  readonly next?: string;
  /** The name before which there are more. */
  readonly previous?: string;
}

/** The sites that were loaded. */
export interface List extends Page {
  /** How many sites were loaded; the others were added since. */
  readonly loaded: number;
  /** How many sites came above the others, when some last did. */
  readonly above?: { readonly rows: number };
}

/** Sites that are kept beside those that were loaded, of the sites that are added meanwhile. */
const addedMax = 500;

/**
 * A list with a page that was loaded: in place of all, or beside what is there.
 *
 * @param where the end of the list at which the page stands, as the name `after` or `before` it; neither: in its place.
 */
export function listWith(list: List, where: { after?: string; before?: string }, page: Page): List {
  const { after, before } = where;
  const { sites, next, previous } = page;
  if (after === undefined && before === undefined) return { sites, next, previous, loaded: sites.length };
  // Meanwhile the list was cut, and ends elsewhere.
  if (after !== undefined ? list.next !== after : list.previous !== before) return { ...list };
  const loaded = list.sites.length + sites.length;
  return after !== undefined
    ? { ...list, sites: [...list.sites, ...sites], next, loaded }
    : { ...list, sites: [...sites, ...list.sites], previous, loaded, above: { rows: sites.length } };
}

/**
 * The list after entries of the log, copied once for all of them. A site that came to match the filter by a change
 * other than its addition is not known here, unless it is among `known`.
 *
 * However many sites are added, few more are kept than were loaded: the page loads the rest when somebody scrolls.
 *
 * @param known sites as they were before, if they are not in the list.
 * @returns the same object if nothing has changed.
 */
export function listAfter(
  list: List,
  entries: readonly Entry[],
  filter: Filter,
  known: ReadonlyMap<string, Site> = new Map(),
): List {
  if (isNear(filter)) return nearListAfter(list, entries, filter);
  const { sites, next, previous, loaded } = list;
  const changed = new Map<string, RowSite>();
  for (const entry of entries) {
    const name = entry.site;
    // Sites beyond what was loaded will be loaded.
    if (next !== undefined && compareNames(name, next) > 0) continue;
    if (previous !== undefined && compareNames(name, previous) < 0) continue;
    const found = changed.get(name) ?? siteNamed(sites, name);
    const before = found ?? known.get(name);
    // The list that was loaded may have the entry already.
    if ((before === undefined) !== (entry.kind === "added")) continue;
    const after = siteAfter(before, entry);
    if (after !== found) changed.set(name, after);
  }
  const isFound = finderOf({ ...filter, part: filter.q });
  const shown = [...changed.values()].filter((site) => isFound(site));
  const others = sites.filter(({ name }) => !changed.has(name));
  if (shown.length === 0 && others.length === sites.length) return list;
  const merged = [...others, ...shown].sort((a, b) => compareNames(a.name, b.name));
  const max = loaded + addedMax;
  if (merged.length <= max) return { ...list, sites: merged };
  return { ...list, sites: merged.slice(0, max), next: merged[max - 1].name };
}

/** The same for a list by distance: no site has another place in it. Others that may have come are to be loaded. */
function nearListAfter(list: List, entries: readonly Entry[], filter: Filter): List {
  const bySite = Map.groupBy(entries.filter(({ kind }) => kind !== "added"), ({ siteId }) => siteId);
  if (!list.sites.some(({ id }) => bySite.has(id))) return list;
  const isFound = finderOf({ ...filter, part: filter.q });
  const sites = list.sites.flatMap((site) => {
    const after = (bySite.get(site.id) ?? []).reduce<RowSite>(siteAfter, site);
    if (!isFound(after)) return [];
    return [after === site ? site : { ...after, miles: site.miles }];
  });
  return { ...list, sites };
}

/** Whether an entry may bring a site into a list by distance, or to another place in it. */
export function mayComeNear(entry: Entry, { sites }: List, { available }: Filter): boolean {
  if (entry.kind === "report") return available && !sites.some(({ id }) => id === entry.siteId);
  return entry.kind !== "retired";
}

/** Whether a list must be loaded again after a change: it goes by what is not known here. */
export function needsReload(filter: Filter): boolean {
  return isOfReports(filter) || filter.age !== "";
}

/** The list with a site as it is now, in its place; a site that the filter no longer finds leaves the list. */
export function listWithSite(list: List, site: FullSite, filter: Filter): List {
  const at = list.sites.findIndex(({ id }) => id === site.id);
  if (at < 0) return list;
  const isFound = finderOf({ ...filter, part: filter.q });
  if (!isFound(site)) return { ...list, sites: list.sites.toSpliced(at, 1) };
  return { ...list, sites: list.sites.with(at, { ...site, ...given({ miles: list.sites[at].miles }) }) };
}

/** The site of a name, if it is there. */
export function siteNamed(sites: readonly RowSite[], name: string): RowSite | undefined {
  const site = sites[placeOf(sites, name)];
  return site?.name === name ? site : undefined;
}

/** Where a name stands, or would stand, among the sites; in a list by distance, that is the first place. */
export function placeOf(sites: readonly RowSite[], name: string): number {
  if (sites[0]?.miles !== undefined) return Math.max(0, sites.findIndex((site) => site.name === name));
  return countBefore(sites, (site) => compareNames(site.name, name) < 0);
}

/** Rows that are drawn above and below those that are seen. */
const aroundRows = 8;

/** Which rows of a long list are to be drawn: those that are seen, and some around them. All heights are in pixels. */
export function windowOf(seen: { top: number; height: number }, rowHeight: number, count: number) {
  const first = Math.max(0, Math.floor(seen.top / rowHeight) - aroundRows);
  const last = Math.min(count, Math.ceil((seen.top + seen.height) / rowHeight) + aroundRows);
  return { first: Math.min(first, Math.max(0, count - 1)), last };
}

/**
 * The places of the rows that are drawn, in their order: those of the window, and those that must not go although they
 * are not seen, since they have the focus, or a text that somebody typed.
 */
export function drawnOf(first: number, last: number, kept: readonly number[], count: number): number[] {
  const places = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  return [...new Set([...places, ...kept.filter((place) => place < count)])].sort((a, b) => a - b);
}
