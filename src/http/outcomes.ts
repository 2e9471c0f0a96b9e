/**
 * The outcome of a command over HTTP.
 *
 * @module
 */

import type { AnyOutcome, ConflictOutcome, DoneOutcome } from "../library/client.ts";
import { formatAvailability } from "../database/values.ts";
import { quotedShort } from "../quoted.ts";
import { HttpProblem, UnknownSiteProblem } from "./problems.ts";
import { siteJson } from "./site_json.ts";

/** The outcome of a command that was done. @throws {HttpProblem} if it was refused. */
export function checkDone<O extends AnyOutcome>(outcome: O): Extract<O, { readonly kind: "site" }> {
  if (outcome.kind !== "site") throw refusalOf(outcome);
  return outcome as Extract<O, { readonly kind: "site" }>;
}

/** The status and the body for a command that was done: 201 if the log has a new entry, 200 if nothing changed. */
export function doneOf({ site, effect, entry }: DoneOutcome): { readonly status: 200 | 201; readonly body: object } {
  return { status: effect === "same" ? 200 : 201, body: { site: siteJson(site), entry, effect } };
}

/** The problem of a command that was certainly not done. */
export function refusalOf(outcome: Exclude<AnyOutcome, { readonly kind: "site" }>): HttpProblem {
  const { kind } = outcome;
  if (kind === "unknownSite") return new UnknownSiteProblem(outcome);
  if (kind === "refused") return new HttpProblem("refused", `The cluster did not do it: ${outcome.reason}`);
  if (kind === "conflict") return conflictOf("conflict", outcome, "");
  if (kind === "unknownEntry") {
    return new HttpProblem("unknown-entry", `There is no entry ${outcome.entry}`, { entry: outcome.entry });
  }
  if (kind === "notReport") {
    const why = "only reports can be taken back";
    return new HttpProblem("not-report", `Entry ${outcome.entry} is not a report, and ${why}`, {
      entry: outcome.entry,
    });
  }
  if (kind === "taken") {
    const { site } = outcome;
    return new HttpProblem("taken", `The site ${quotedShort(site.name)} has that already`, { site: siteJson(site) });
  }
  const { site } = outcome;
  const state = kind === "exists" ? "is there already: report its availability" : "is retired: reopen it first";
  return new HttpProblem(kind, `The site ${quotedShort(site.name)} ${state}`, { site: siteJson(site) });
}

/** The problem of a report whose condition does not hold; `why` says what else there is to say of the condition. */
export function conflictOf(
  type: "conflict" | "precondition",
  { site, entry }: ConflictOutcome,
  why: string,
): HttpProblem {
  const report = entry === 0 ? "and no report yet" : `the report of entry ${entry}`;
  const shown = `The site ${quotedShort(site.name)} shows ${formatAvailability(site.availability)}, ${report}`;
  const detail = `${shown}${why}, so nothing was reported: look at it, and decide again`;
  return new HttpProblem(type, detail, { site: siteJson(site), entry });
}
