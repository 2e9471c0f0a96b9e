/**
 * The problem of a name that no site has, but that sites have with something behind it.
 *
 * @module
 */

import { type Candidates, candidatesFor } from "../library/candidates.ts";
import { UnknownSiteError, type VaxlogClient } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { HttpProblem, UnknownSiteProblem } from "./problems.ts";

/** Looks for the sites that the errors of one HTTP request are about. */
export class MeantSites {
  readonly #client: VaxlogClient;
  /** By the name: the commands of a batch may all have the same one. */
  readonly #found = new Map<string, Promise<Candidates | undefined>>();

  /** @param client the database. */
  constructor(client: VaxlogClient) {
    this.#client = client;
  }

  /**
   * The problem with the sites that may be meant, if the error is that of an unknown site and there are some; else the
   * error itself. If the search fails, the site is as unknown as it was.
   */
  async told(error: unknown): Promise<unknown> {
    const unknown = unknownIn(error);
    if (unknown === undefined) return error;
    const { name } = unknown;
    const found = await this.#found.getOrInsertComputed(
      name,
      () => candidatesFor(this.#client, unknown).catch(() => undefined),
    );
    if (found === undefined) return error;
    const { sites: candidates, more } = found;
    const what = `There is no site ${quotedShort(name)}, but the names of others begin with it`;
    const advice = "give the whole name or the id of one of these sites";
    return new HttpProblem("ambiguous", `${what}: ${advice}`, { candidates, more });
  }
}

function unknownIn(error: unknown): UnknownSiteProblem["unknown"] | undefined {
  if (error instanceof UnknownSiteProblem) return error.unknown;
  return error instanceof UnknownSiteError ? { name: error.site, alike: error.alike } : undefined;
}
