/**
 * What the commands have in common that end with one site.
 *
 * @module
 */

import type { AddOutcome, SetOutcome, ViewOutcome } from "../../client.ts";
import { describeRefusal, verbHints } from "../refusals.ts";
import { siteJson, siteLine } from "../render.ts";
import { type ExitCode, exitCodes, type Surroundings } from "../surroundings.ts";

/** Prints the site, or why it was not done. */
export async function printOutcome(
  outcome: ViewOutcome | SetOutcome | AddOutcome,
  { stdout, stderr }: Surroundings,
  json = false,
): Promise<ExitCode> {
  if (outcome.kind === "site") {
    await stdout.write(`${json ? siteJson(outcome.site) : siteLine(outcome.site)}\n`);
    return exitCodes.ok;
  }
  await stderr.write(`${describeRefusal(outcome, verbHints)}\n`);
  return exitCodes.failure;
}
