/**
 * Gives sites the ids under which they are published: each once, and for ever.
 *
 * A site gets the id of the Location that it came from, or one made of its name; or where that is another site's, the
 * same with a number behind it. Several programs may do that at a time, so the database decides whose an id is.
 *
 * @module
 */

import type { FullSite } from "../database/values.ts";
import { DistinctIds, idOfName } from "./distinct_ids.ts";
import { textOfValue } from "./json_text.ts";
import { readLinksDocument } from "./links_document.ts";

/** A site, as far as its id depends on it. */
export type UnpublishedSite = Pick<FullSite, "name" | "document"> & {
  /** By what the database is told which one it is: its id, or its name. */
  readonly key: string;
};

/** What became of an id that was wanted for a site: it has this one now, or `wanted` is another site's. */
type GivenId = { readonly id: string } | { readonly isTaken: true };

/** Asks the database to give a site an id; rejects if it cannot be given one. */
type GiveId = (key: string, wanted: string) => Promise<GivenId>;

/** Sites that get their ids at a time. */
const togetherMax = 256;

/** The id that a site would have, if no other one had it. */
export function wantedId({ name, document }: Pick<FullSite, "name" | "document">): string {
  const location = readLinksDocument(document)?.location;
  return location === undefined ? idOfName(name) : textOfValue(location.id);
}

/** Gives ids to sites that have none. */
export class LocationIds {
  readonly #ids = new DistinctIds();
  readonly #give: GiveId;

  /** @param give decides whose an id is. */
  constructor(give: GiveId) {
    this.#give = give;
  }

  /** A site has this id already: no other one is given it. */
  reserve(id: string): void {
    this.#ids.reserve(id);
  }

  /**
   * Gives sites their ids, in their order.
   *
   * @returns the ids, in the same order.
   */
  async give(sites: readonly UnpublishedSite[]): Promise<string[]> {
    const given: string[] = [];
    for (let at = 0; at < sites.length; at += togetherMax) {
      const some = sites.slice(at, at + togetherMax).map((site) => [site, this.#ids.take(wantedId(site))] as const);
      given.push(...await Promise.all(some.map(([site, wanted]) => this.#giveOne(site, wanted))));
    }
    return given;
  }

  async #giveOne(site: UnpublishedSite, wanted: string): Promise<string> {
    for (let next = wanted;; next = this.#ids.take(wantedId(site))) {
      const outcome = await this.#give(site.key, next);
      if ("id" in outcome) return outcome.id;
    }
  }
}
