/**
 * The sites that are shown, as far as they were loaded, and what changes make of them.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { compareNames, countBefore } from "../../database/name_order.ts";
import { finderOf, siteAfter } from "../../database/site_rules.ts";
import type { Site } from "../../database/values.ts";

/** A part of a list of sites, without gaps. */
export interface Page {
  readonly sites: readonly Site[];
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

/** Which sites to find; empty: all. */
export interface Filter {
  readonly q: string;
  readonly zip: string;
  readonly available: boolean;
  readonly retired: boolean;
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
  const { sites, next, previous, loaded } = list;
  const changed = new Map<string, Site>();
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

/** The site of a name, if it is there. */
export function siteNamed(sites: readonly Site[], name: string): Site | undefined {
  const site = sites[placeOf(sites, name)];
  return site?.name === name ? site : undefined;
}

/** Where a name stands, or would stand, among the sites. */
export function placeOf(sites: readonly Site[], name: string): number {
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
