/**
 * The outcome of a command over HTTP.
 *
 * @module
 */

import type { AnyOutcome, ConflictOutcome, DoneOutcome, ReopenOutcome, RetireOutcome, Site } from "../client.ts";
import { formatAvailability } from "../database/values.ts";
import { quotedShort } from "../quoted.ts";
import { HttpProblem } from "./problems.ts";
import { siteJson } from "./site_json.ts";

type CommandOutcome = AnyOutcome | RetireOutcome | ReopenOutcome;

type NotDoneOutcome = Exclude<CommandOutcome, { readonly kind: "site" }>;

/** The outcome of a command that was done. @throws {HttpProblem} if it was refused. */
export function checkDone<O extends CommandOutcome>(outcome: O): Extract<O, { readonly kind: "site" }> {
  if (outcome.kind !== "site") throw refusalOf(outcome);
  return outcome as Extract<O, { readonly kind: "site" }>;
}

/** The status and the body for a command that was done: 201 if the log has a new entry, 200 if nothing changed. */
export function doneOf({ site, effect, entry }: DoneOutcome): { readonly status: 200 | 201; readonly body: object } {
  return { status: effect === "same" ? 200 : 201, body: { site: siteJson(site), entry, effect } };
}

/** The problem of a command that was certainly not done. */
export function refusalOf(outcome: NotDoneOutcome): HttpProblem {
  switch (outcome.kind) {
    case "unknownSite":
      return new HttpProblem("unknown-site", `There is no site ${quotedShort(outcome.name)}: add it first`);
    case "exists":
      return new HttpProblem("exists", `${called(outcome)} is there already: report its availability`, siteOf(outcome));
    case "conflict": {
      const detail = `${shownOf(outcome)}, so nothing was reported: look at it, and decide again`;
      return new HttpProblem("conflict", detail, { ...siteOf(outcome), entry: outcome.entry });
    }
    case "retired":
      return new HttpProblem("retired", `${called(outcome)} is retired: reopen it first`, siteOf(outcome));
    case "refused":
      return new HttpProblem("refused", `The cluster did not do it: ${outcome.reason}`);
  }
}

/** What a site shows instead of what was wanted, as the beginning of a sentence. */
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
