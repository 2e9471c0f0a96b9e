/**
 * Sites that a search finds in the gateway's own copy, some in each turn of the event loop.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import type { Search } from "../database/site_rules.ts";
import { httpSitesAtOnce } from "../limits.ts";
import { nearestFirst } from "../places/nearby.ts";
import type { Vicinity } from "../places/vicinity.ts";
import type { Mirror, MirrorSite } from "./mirror.ts";

/** All sites that a search finds, in the order of their names; with a vicinity, only those in it. */
export async function* foundSites(
  mirror: Mirror,
  search: Search,
  vicinity?: Vicinity,
): AsyncGenerator<readonly MirrorSite[]> {
  let after: string | undefined;
  do {
    await setImmediate();
    const { sites, next } = mirror.look(search, httpSitesAtOnce, after);
    yield vicinity === undefined ? sites : sites.filter((site) => vicinity.milesTo(site) !== undefined);
    after = next;
  } while (after !== undefined);
}

/** The sites in a vicinity, the nearest first. */
export async function sitesNear(mirror: Mirror, search: Search, vicinity: Vicinity, limit: number) {
  const pages = await Array.fromAsync(foundSites(mirror, search, vicinity));
  const placed = pages.flat().map((site) => ({ site, miles: vicinity.milesTo(site) ?? 0 }));
  return nearestFirst(placed, limit);
}
