/**
 * What the outcome of a command is over HTTP.
 *
 * @module
 */

import type { AnyOutcome, ConflictOutcome, DoneOutcome, ReopenOutcome, RetireOutcome, Site } from "../client.ts";
import { quotedShort } from "../quoted.ts";
import { formatAvailability } from "../database/values.ts";
import { Problem } from "./problems.ts";
import { siteJson } from "./site_json.ts";

/** An outcome that is no success. */
type Refusal = Exclude<AnyOutcome | RetireOutcome | ReopenOutcome, { readonly kind: "site" }>;

/** The status and the body of a command that was done: 201 if the log has a new entry, 200 if all was so already. */
export function doneOf({ site, effect, entry }: DoneOutcome): { readonly status: 200 | 201; readonly body: object } {
  return { status: effect === "same" ? 200 : 201, body: { site: siteJson(site), entry, effect } };
}

/** The problem of a command that was certainly not done. */
export function refusalOf(outcome: Refusal): Problem {
  switch (outcome.kind) {
    case "unknownSite":
      return new Problem("unknown-site", `There is no site ${quotedShort(outcome.name)}: add it first`);
    case "exists":
      return new Problem("exists", `${called(outcome)} is there already: report its availability`, siteOf(outcome));
    case "conflict": {
      const detail = `${shownOf(outcome)}, so nothing was reported: look at it, and decide again`;
      return new Problem("conflict", detail, { ...siteOf(outcome), entry: outcome.entry });
    }
    case "retired":
      return new Problem("retired", `${called(outcome)} is retired: reopen it first`, siteOf(outcome));
    case "refused":
      return new Problem("refused", `The cluster did not do it: ${outcome.reason}`);
  }
}

/** What a site shows instead of what was wanted, as the begin of a sentence. */
export function shownOf(outcome: ConflictOutcome): string {
  const { site, entry } = outcome;
  const report = entry === 0 ? "and no report yet" : `the report of entry ${entry}`;
  return `${called(outcome)} shows ${formatAvailability(site.availability)}, ${report}`;
}

function called({ site }: { readonly site: { readonly name: string } }): string {
  return `The site ${quotedShort(site.name)}`;
}

function siteOf({ site }: { readonly site: Site }): { readonly site: object } {
  return { site: siteJson(site) };
}
