/**
 * Gives the sites that are published for the first time their ids, which the log keeps.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { formatId } from "../database/look_alikes.ts";
import { LocationIds } from "../formats/location_ids.ts";
import type { VaxlogClient } from "../library/client.ts";
import { checkDone } from "./outcomes.ts";
import type { Mirror, MirrorSite } from "./mirror.ts";

/** What publishing needs of the gateway. */
interface PublishingServices {
  readonly client: Pick<VaxlogClient, "publish">;
  readonly mirror: Mirror;
  /** Resolves when the mirror has an entry. */
  reached(entry: number): Promise<void>;
}

/** Rounds after which sites that others have added meanwhile wait for the next publication. */
const roundsMax = 3;

/**
 * Gives ids to all sites that have none and are not retired, and resolves when the mirror knows them. If the database
 * is full, they stay without: then no other site comes, and the ids that the writer of the feed computes do not move.
 */
export async function publishSites(services: PublishingServices): Promise<void> {
  for (let round = 0; round < roundsMax; round++) {
    const { mirror } = services;
    const all = mirror.all();
    // Each of these steps looks at all sites, and has a turn of its own.
    await setImmediate();
    const sites = all.filter(isUnpublished);
    if (sites.length === 0) return;
    let last = 0;
    let isRefused = false;
    const ids = new LocationIds(async (name, wanted) => {
      const outcome = await services.client.publish(name, wanted);
      if (outcome.kind === "taken") return { isTaken: true };
      if (outcome.kind === "refused") {
        isRefused = true;
        return { id: wanted };
      }
      const { locationId, entry = 0 } = checkDone(outcome);
      last = Math.max(last, entry);
      return { id: locationId };
    });
    for (const id of mirror.locationIds()) ids.reserve(id);
    await setImmediate();
    await ids.give(sites.map(({ id, name, document }) => ({ name, document, key: formatId(id) })));
    if (isRefused) return;
    await services.reached(last);
  }
}

function isUnpublished({ locationId, retired }: MirrorSite): boolean {
  return locationId === undefined && retired === undefined;
}
