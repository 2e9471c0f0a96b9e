/**
 * Finds the site that a person means by less than its name: by a number of the last list, or the beginning of the name.
 *
 * @module
 */

import { type Candidates, candidatesFor } from "../library/candidates.ts";
import type { SiteOutcome, VaxlogClient, ViewOutcome } from "../library/client.ts";
import { namesBeginning } from "./site_names.ts";

/** Sites of a list that can be chosen by number: nobody counts further, and memory holds them. */
const listedMax = 10_000;

/** Candidates that are shown where a beginning is ambiguous. */
const candidatesMax = 9;

/** The site that was meant. */
export interface FoundSite {
  /** Which choice it is. */
  readonly kind: "site";
  /** The site, as it is now. */
  readonly outcome: SiteOutcome;
  /** Whether its name was typed in full. */
  readonly isExact: boolean;
}

/** The result of a search for the site that was meant. */
export type Choice =
  | FoundSite
  /** One of several sites, whose names begin so; there may be more than are here. */
  | { readonly kind: "ambiguous"; readonly names: readonly string[]; readonly isAll: boolean }
  /** One of several sites that have the name with something behind it. */
  | { readonly kind: "candidates"; readonly candidates: Candidates }
  /** None; what the database has answered to the name. */
  | { readonly kind: "none"; readonly outcome: Exclude<ViewOutcome, SiteOutcome> };

/** Finds the sites that are meant. */
export class SiteChoice {
  readonly #client: VaxlogClient;
  #listed: string[] = [];

  /** @param client the database. */
  constructor(client: VaxlogClient) {
    this.#client = client;
  }

  /** Forgets the last list: another one begins. */
  beginList(): void {
    this.#listed = [];
  }

  /** Takes in a name that was listed. @returns its number, from 1, or undefined if that cannot be chosen. */
  list(name: string): number | undefined {
    if (this.#listed.length >= listedMax) return undefined;
    return this.#listed.push(name);
  }

  /**
   * Finds what was meant: first the site of that very name, then the number, then several sites
   * that have the name with something behind it, then the beginning.
   *
   * @param name a name that a site can have.
   */
  async find(name: string): Promise<Choice> {
    const outcome = await this.#client.view(name);
    if (outcome.kind === "site") return { kind: "site", outcome, isExact: true };
    if (outcome.kind !== "unknownSite") return { kind: "none", outcome };
    const listed = /^[1-9][0-9]*$/.test(name) ? this.#listed[Number(name) - 1] : undefined;
    if (listed === undefined) {
      const candidates = await candidatesFor(this.#client, outcome);
      if (candidates !== undefined && candidates.sites.length > 1) return { kind: "candidates", candidates };
    }
    const names = listed === undefined ? await this.#beginningWith(name) : [listed];
    if (names.length === 0) return { kind: "none", outcome };
    if (names.length > 1) {
      return { kind: "ambiguous", names: names.slice(0, candidatesMax), isAll: names.length <= candidatesMax };
    }
    const found = await this.#client.view(names[0]);
    return found.kind === "site" ? { kind: "site", outcome: found, isExact: false } : { kind: "none", outcome: found };
  }

  /** Names that begin so, at most one more than are shown; of retired sites only if there are no others. */
  async #beginningWith(beginning: string): Promise<string[]> {
    const open = await namesBeginning(this.#client, beginning, candidatesMax + 1, false);
    return open.length > 0 ? open : await namesBeginning(this.#client, beginning, candidatesMax + 1, true);
  }
}
