/**
 * Why the database did not do a command, as a person is told.
 *
 * @module
 */

import type { AnyOutcome, DoneOutcome, ReopenOutcome, RetireOutcome, SiteOutcome } from "../client.ts";
import { printable, quotedShort } from "../quoted.ts";
import { availabilityText, siteLine } from "./render.ts";
import { formatTime } from "./times.ts";

/** How a person lists, adds, sets and reopens where the refusal is read. */
export interface Hints {
  /** What shows all sites. */
  readonly list: string;
  /** What makes a site. */
  readonly add: string;
  /** What changes a site. */
  readonly set: string;
  /** What opens a retired site again. */
  readonly reopen: string;
}

/** The hints for a person who types single commands. */
export const verbHints: Hints = { list: '"list"', add: '"add"', set: '"set"', reopen: '"reopen"' };

/** Any outcome of a command about one site. */
export type OneSiteOutcome = AnyOutcome | RetireOutcome | ReopenOutcome;

/** Whether the command was done. */
export function isDone(outcome: OneSiteOutcome): outcome is Extract<OneSiteOutcome, SiteOutcome> {
  return outcome.kind === "site";
}

/**
 * One line for a command that was certainly not done: why, and what to do.
 *
 * @param offer a question with the names that may have been meant by one that no site has, with a blank before it.
 */
export function describeRefusal(outcome: Exclude<OneSiteOutcome, SiteOutcome>, hints: Hints, offer = ""): string {
  switch (outcome.kind) {
    case "unknownSite":
      return offer === ""
        ? `There is no site ${quotedShort(outcome.name)}: ${hints.list} shows all sites, ${hints.add} adds one`
        : `There is no site ${quotedShort(outcome.name)}.${offer}`;
    case "exists":
      return `A site is there already: ${siteLine(outcome.site)}; ` +
        (outcome.site.retired === undefined
          ? `${hints.set} changes its availability`
          : `${hints.reopen} opens it again`);
    case "conflict":
      return `Nothing was changed: ${printable(outcome.site.name)} shows ${availabilityText(outcome.site)} ` +
        (outcome.entry === 0 ? "(no report yet)" : `(entry ${outcome.entry})`);
    case "retired": {
      const { name, retired = "" } = outcome.site;
      return `Nothing was changed: ${printable(name)} is retired: ${
        printable(retired)
      }; ${hints.reopen} opens it again`;
    }
    case "refused":
      return `The cluster did not do it: ${printable(outcome.reason)}`;
  }
}

/** What else there is to say of a command that was done; undefined if nothing. */
export function describeEffect({ effect, site }: DoneOutcome): string | undefined {
  switch (effect) {
    case "outOfDate":
      return `Kept, and not shown: the site shows a newer report, observed at ${formatTime(site.observedAt)}`;
    case "same":
      return "Nothing was changed: it was so already";
    default:
      return undefined;
  }
}
