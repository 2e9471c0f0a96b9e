/**
 * Why the database did not do a command, as a person is told.
 *
 * @module
 */

import { availabilityText } from "../alerts/change_text.ts";
import type { AnyOutcome, DoneOutcome, SiteOutcome } from "../library/client.ts";
import { printable, quotedShort } from "../quoted.ts";
import { siteLine } from "./render.ts";
import { formatTime } from "../formats/times.ts";

/** How a person lists, adds, sets and reopens sites where the refusal is read. */
export type Hints = Readonly<Record<"list" | "add" | "set" | "reopen", string>>;

/** The hints for a person who types single commands. */
export const verbHints: Hints = { list: '"list"', add: '"add"', set: '"set"', reopen: '"reopen"' };

/** The outcome of a command that was certainly not done. */
export type Refused = Exclude<AnyOutcome, SiteOutcome>;

/**
 * One line for a command that was certainly not done: why, and what to do.
 *
 * @param offer a question with the names that may have been meant by one that no site has, with a blank before it.
 */
export function describeRefusal(outcome: Refused, hints: Hints, offer = ""): string {
  switch (outcome.kind) {
    case "unknownSite": {
      const what = `There is no site ${quotedShort(outcome.name)}`;
      return offer === "" ? `${what}: ${hints.list} shows all sites, ${hints.add} adds one` : `${what}.${offer}`;
    }
    case "exists": {
      const isOpen = outcome.site.retired === undefined;
      const hint = isOpen ? `${hints.set} changes its availability` : `${hints.reopen} opens it again`;
      return `A site is there already: ${siteLine(outcome.site)}; ${hint}`;
    }
    case "conflict": {
      const { site, entry } = outcome;
      const report = entry === 0 ? "no report yet" : `entry ${entry}`;
      return `Nothing was changed: ${printable(site.name)} shows ${availabilityText(site)} (${report})`;
    }
    case "retired": {
      const { name, retired = "" } = outcome.site;
      const why = `${printable(name)} is retired: ${printable(retired)}`;
      return `Nothing was changed: ${why}; ${hints.reopen} opens it again`;
    }
    case "taken":
      return `Nothing was changed: ${printable(outcome.site.name)} has that already`;
    case "unknownEntry":
      return `There is no entry ${outcome.entry}`;
    case "notReport":
      return `Nothing was changed: entry ${outcome.entry} is not a report, and only reports can be taken back`;
    case "refused":
      return `The cluster did not do it: ${printable(outcome.reason)}`;
  }
}

/** What else there is to say of a command that was done; undefined if nothing. */
export function describeEffect({ effect, site }: DoneOutcome): string | undefined {
  if (effect === "confirmed") return "Confirmed: it was reported before, and is still so";
  if (effect === "same") return "Nothing was changed: it was so already";
  if (effect !== "outOfDate") return undefined;
  return `Kept, and not shown: the site shows a newer report, observed at ${formatTime(site.observedAt)}`;
}
