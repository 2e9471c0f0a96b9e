/**
 * The sites near a ZIP code, the nearest first.
 *
 * A site is where the document of a feed says it is, or else in the middle of its ZIP code.
 *
 * @module
 */

import { type ListOptions, type Site, ValueError, type VaxlogClient } from "../library/client.ts";
import { readLinksDocument } from "../formats/links_document.ts";
import { isObject } from "../formats/json_text.ts";
import { quotedShort } from "../quoted.ts";
import { type Coordinates, isPosition, milesBetween } from "./distance.ts";
import { type ZipPositions, zipPositions } from "./zip_positions.ts";

/** Miles within which sites are near, unless somebody says otherwise. */
export const nearMiles = 10;

/** A site is at most about this far from the middle of its ZIP code. */
const zipMilesMax = 60;

/** Documents that are asked for at a time. */
const askedTogether = 64;

/** Which sites to look for. */
export interface NearbyOptions extends Pick<ListOptions, "zip" | "available" | "retired" | "limit"> {
  /** The ZIP code that they are to be near. */
  readonly near: string;
  /** Miles; {@link nearMiles} if absent. */
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
  const { near, within = nearMiles, limit, ...filters } = options;
  const positionOfZip = await zipPositions();
  const from = positionOfZip(near.slice(0, 5));
  if (from === undefined) {
    throw new ValueError(`Nobody knows where the ZIP code ${quotedShort(near)} is: give another one near it`);
  }
  const candidates: Site[] = [];
  for await (const page of client.list(filters)) {
    candidates.push(...page.filter(({ zip }) => {
      const middle = positionOfZip(zip.slice(0, 5));
      return middle === undefined || milesBetween(from, middle) <= within + zipMilesMax;
    }));
  }
  const found: NearbySite[] = [];
  for (let at = 0; at < candidates.length; at += askedTogether) {
    const some = candidates.slice(at, at + askedTogether);
    const positions = await Promise.all(some.map((site) => positionOf(site, client, positionOfZip)));
    for (const [index, position] of positions.entries()) {
      if (position === undefined) continue;
      const miles = Math.round(milesBetween(from, position) * 10) / 10;
      if (miles <= within) found.push({ ...some[index], miles });
    }
  }
  // The pages were in the order of the names, and this leaves it where nothing else decides.
  return found.sort((a, b) => a.miles - b.miles).slice(0, limit);
}

async function positionOf(
  site: Site,
  client: VaxlogClient,
  positionOfZip: ZipPositions,
): Promise<Coordinates | undefined> {
  const outcome = await client.details(site.name);
  const document = outcome.kind === "site" ? readLinksDocument(outcome.site.document) : undefined;
  return statedPosition(document?.location.position) ?? positionOfZip(site.zip.slice(0, 5));
}

/** The position that a Location states, if it is one. */
function statedPosition(position: unknown): Coordinates | undefined {
  if (!isObject(position) || !isPosition(position.latitude, position.longitude)) return undefined;
  return { latitude: Number(position.latitude), longitude: Number(position.longitude) };
}
