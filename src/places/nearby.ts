/**
 * The sites near a ZIP code, the nearest first.
 *
 * @module
 */

import type { FullSite, ListOptions, Site, VaxlogClient } from "../library/client.ts";
import { Vicinity } from "./vicinity.ts";

/** Documents that are asked for at a time. */
const askedTogether = 64;

/** Which sites to look for. */
export interface NearbyOptions extends Omit<ListOptions, "after"> {
  /** The ZIP code that they are to be near. */
  readonly near: string;
  /** Miles; absent: as usual. */
  readonly within?: number;
}

/** A site and its distance. */
export type NearbySite = Site & {
  /** Miles, with one decimal. */
  readonly miles: number;
};

/**
 * Looks for sites near a ZIP code: the nearest first, and by name where the distance is the same.
 *
 * The sites come from pages that are linearizable each; where a site is, is looked up after that.
 *
 * @throws {ValueError} if it is not known where the ZIP code is.
 */
export async function nearbySites(client: VaxlogClient, options: NearbyOptions): Promise<NearbySite[]> {
  const { near, within, limit, ...filters } = options;
  const vicinity = await Vicinity.of(near, within);
  const candidates: Site[] = [];
  for await (const page of client.list(filters)) candidates.push(...page.filter(({ zip }) => vicinity.mayHave(zip)));
  const found: NearbySite[] = [];
  for (let at = 0; at < candidates.length; at += askedTogether) {
    const some = candidates.slice(at, at + askedTogether);
    for (const [index, site] of (await Promise.all(some.map((site) => placed(site, client)))).entries()) {
      const miles = vicinity.milesTo(site);
      if (miles !== undefined) found.push({ ...some[index], miles });
    }
  }
  return nearestFirst(found, limit);
}

/** Sorts sites that are in the order of their names by distance, and leaves that order where it is the same. */
export function nearestFirst<S extends { readonly miles: number }>(sites: readonly S[], limit?: number): S[] {
  return sites.toSorted((a, b) => a.miles - b.miles).slice(0, limit);
}

async function placed(site: Site, client: VaxlogClient): Promise<Pick<FullSite, "zip" | "document">> {
  const outcome = await client.details(site.name);
  return { zip: site.zip, document: outcome.kind === "site" ? outcome.site.document : undefined };
}
