/**
 * Sites that may be meant by a name that none of them has: those that have it with something behind it.
 *
 * Many sites of one chain cannot all be called "Rite Aid", so they are "Rite Aid, Millville" and "Rite Aid (116)".
 * Names are in order, so these stand together, and few requests find them however many sites there are.
 *
 * @module
 */

import { folded, formatId, parseId } from "../database/look_alikes.ts";
import { given } from "../database/given.ts";
import { placeOf } from "../database/place.ts";
import type { Candidate } from "../database/values.ts";
import { candidatesCountedMax, candidatesMax, nameCodePointsMax } from "../limits.ts";
import type { UnknownSiteOutcome, VaxlogClient } from "./client.ts";

/** All that may be meant. */
export interface Candidates {
  /** In the order of their names, with a look-alike before them; at least one. */
  readonly sites: readonly Candidate[];
  /** How many more were counted. */
  readonly more: number;
  /** Whether that is all; else there are still more. */
  readonly isAll: boolean;
}

/**
 * The sites that may be meant by a name that no site has: those whose name is this one with something behind it, after
 * a comma or in parentheses, and with them the one that is like it. Retired sites are among them.
 *
 * It takes one request to see that there are none, and a few more to show them.
 *
 * @param unknown what the database has answered to the name.
 * @returns undefined if no site has the name with something behind it.
 * @throws {NotExecutedError} if the cluster does not answer.
 */
export async function candidatesFor(
  client: VaxlogClient,
  { name, alike }: Pick<UnknownSiteOutcome, "name" | "alike">,
): Promise<Candidates | undefined> {
  // Nobody means the beginning of a name by an id, and behind a very long name there is no room.
  if (parseId(name) !== undefined || [...name].length > nameCodePointsMax - ", x".length) return undefined;
  // Together, so that they travel in one request. A parenthesis comes before a comma, in names too.
  const groups = await Promise.all([" (", ", "].map((sign) => sitesNamed(client, name, sign)));
  const found = groups.flatMap(({ ids }) => ids);
  if (found.length === 0) return undefined;
  const ids = [...alike === undefined ? [] : [alike.id], ...found];
  const shown = await Promise.all(ids.slice(0, candidatesMax).map((id) => candidateOf(client, id)));
  return {
    sites: shown.filter((candidate) => candidate !== undefined),
    more: Math.max(0, ids.length - candidatesMax),
    isAll: groups.every(({ isAll }) => isAll),
  };
}

/** The ids of the sites that have a name with this sign and something behind it, in the order of their names. */
async function sitesNamed(client: VaxlogClient, name: string, sign: string) {
  const ids: number[] = [];
  const beginning = folded(name) + sign;
  // There are mostly none, so the first page is short.
  for (let after = `${name}${sign}`.trimEnd(), limit = candidatesMax + 1; ids.length <= candidatesCountedMax;) {
    const sites = (await Array.fromAsync(client.list({ after, limit, retired: true }))).flat();
    const named = sites.findIndex(({ name }) => !folded(name).startsWith(beginning));
    ids.push(...(named < 0 ? sites : sites.slice(0, named)).map(({ id }) => id));
    if (named >= 0 || sites.length < limit) return { ids, isAll: true };
    after = sites[sites.length - 1].name;
    // The last one shows only that there are more.
    limit = candidatesCountedMax + 1 - ids.length;
  }
  return { ids: ids.slice(0, candidatesCountedMax), isAll: false };
}

/** What a person chooses by; undefined if the site is gone: others may have merged it meanwhile. */
async function candidateOf(client: VaxlogClient, id: number): Promise<Candidate | undefined> {
  const outcome = await client.details(formatId(id));
  if (outcome.kind !== "site") return undefined;
  const { name, zip, retired, document } = outcome.site;
  return { id: outcome.site.id, name, zip, ...given({ retired, address: placeOf(document).address }) };
}
