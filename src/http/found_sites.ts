/**
 * Searches of all sites in the gateway's own copy: some sites in each turn of the event loop.
 *
 * @module
 */

import { type AgedSite, isOfAge } from "../database/age_rules.ts";
import { given } from "../database/given.ts";
import { ValueError } from "../database/values.ts";
import { staleAfterMs } from "../limits.ts";
import type { GatewayOptions } from "./gateway_options.ts";
import { nearestFirst } from "../places/nearby.ts";
import type { Vicinity } from "../places/vicinity.ts";
import type { MirrorSearch, MirrorSite } from "./mirror.ts";
import type { Services } from "./services.ts";

/** Sites that the gateway finds, places or writes in one turn: about a millisecond. */
export const httpSitesAtOnce = 500;

/** Names that a search for a page looks at in one turn: a few milliseconds. */
export const httpNamesAtOnce = 10_000;

/**
 * All sites that a search finds, in the order of their names; with a vicinity, only those in it. However many searches
 * are under way, one of them has its part in a turn.
 */
export async function* foundSites(
  { mirror, searchTurn }: Services,
  search: MirrorSearch,
  vicinity?: Vicinity,
): AsyncGenerator<readonly MirrorSite[]> {
  let after: string | undefined;
  do {
    await searchTurn();
    const { sites, next } = mirror.look(search, httpSitesAtOnce, after);
    yield vicinity === undefined ? sites : sites.filter((site) => vicinity.milesTo(site) !== undefined);
    after = next;
  } while (after !== undefined);
}

/**
 * The first sites that a search finds; or the last ones, from the last one on. A rare name takes several turns.
 *
 * @param from only sites whose name comes after this one; of the last ones, only those whose name comes before.
 */
export async function searchSites(
  { mirror, searchTurn }: Services,
  search: MirrorSearch,
  limit: number,
  from: string | undefined,
  isBack: boolean,
): Promise<readonly MirrorSite[]> {
  const found: MirrorSite[] = [];
  for (let at = from;;) {
    const { sites, next } = mirror.look(search, httpNamesAtOnce, at, { isBack, limit: limit - found.length });
    found.push(...sites);
    if (next === undefined || found.length === limit) return found;
    at = next;
    await searchTurn();
  }
}

/** The sites in a vicinity, the nearest first. */
export async function sitesNear(services: Services, search: MirrorSearch, vicinity: Vicinity, limit: number) {
  const pages = await Array.fromAsync(foundSites(services, search, vicinity));
  const placed = pages.flat().map((site) => ({ site, miles: vicinity.milesTo(site) ?? 0 }));
  return nearestFirst(placed, limit);
}

/** Which ages a query asks for, in milliseconds; `true`: the one from which on a report is stale. */
interface AskedAges {
  readonly fresh?: number | true;
  readonly stale?: number | true;
}

/**
 * Tests the ages of sites.
 *
 * @returns undefined if all are wanted.
 * @throws {ValueError} if the ages exclude each other.
 */
export function ageFilter(
  { now, staleAfterMs: after = staleAfterMs }: Pick<GatewayOptions, "now" | "staleAfterMs">,
  { fresh, stale }: AskedAges,
): ((site: AgedSite) => boolean) | undefined {
  if (fresh === undefined && stale === undefined) return undefined;
  if (fresh !== undefined && stale !== undefined) throw new ValueError('Give either "fresh" or "stale", not both');
  const [wishes, nowMs] = [given({ fresh: msOf(fresh, after), stale: msOf(stale, after) }), now()];
  return (site) => isOfAge(site, wishes, nowMs);
}

function msOf(age: number | true | undefined, usualMs: number): number | undefined {
  return age === true ? usualMs : age;
}
