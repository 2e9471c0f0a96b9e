/**
 * Why the database did not do a command, as a person is told.
 *
 * @module
 */

import type { AddOutcome, SetOutcome, ViewOutcome } from "../client.ts";
import { quotedShort } from "../database/quoted.ts";
import { siteLine } from "./render.ts";

/** How a person lists, adds and sets where the refusal is read. */
export interface Hints {
  /** What shows all sites. */
  readonly list: string;
  /** What makes a site. */
  readonly add: string;
  /** What changes a site. */
  readonly set: string;
}

/** The hints for who types single commands. */
export const verbHints: Hints = { list: '"list"', add: '"add"', set: '"set"' };

/** One line for a command that was certainly not done: why, and what to do. */
export function describeRefusal(
  outcome: Exclude<ViewOutcome | SetOutcome | AddOutcome, { readonly kind: "site" }>,
  hints: Hints,
): string {
  switch (outcome.kind) {
    case "unknownSite":
      return `There is no site ${quotedShort(outcome.name)}: ${hints.list} shows all sites, ${hints.add} adds one`;
    case "exists":
      return `A site is there already: ${siteLine(outcome.site)}; ${hints.set} changes its availability`;
    case "refused":
      return `The cluster did not do it: ${outcome.reason}`;
  }
}
