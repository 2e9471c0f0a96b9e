/**
 * Searches of all sites in the gateway's own copy: some sites in each turn of the event loop.
 *
 * @module
 */

import type { Search } from "../database/site_rules.ts";
import { httpSitesAtOnce } from "../limits.ts";
import { nearestFirst } from "../places/nearby.ts";
import type { Vicinity } from "../places/vicinity.ts";
import type { MirrorSite } from "./mirror.ts";
import type { Services } from "./services.ts";

/**
 * All sites that a search finds, in the order of their names; with a vicinity, only those in it. However many searches
 * are under way, one of them has its part in a turn.
 */
export async function* foundSites(
  { mirror, searchTurn }: Services,
  search: Search,
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

/** The sites in a vicinity, the nearest first. */
export async function sitesNear(services: Services, search: Search, vicinity: Vicinity, limit: number) {
  const pages = await Array.fromAsync(foundSites(services, search, vicinity));
  const placed = pages.flat().map((site) => ({ site, miles: vicinity.milesTo(site) ?? 0 }));
  return nearestFirst(placed, limit);
}
