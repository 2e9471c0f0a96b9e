/**
 * What the commands have in common that end with one site.
 *
 * @module
 */

import { describeEffect, describeRefusal, isDone, type OneSiteOutcome, verbHints } from "../refusals.ts";
import { jsonLine, siteFields, siteLine } from "../render.ts";
import { type ExitCode, exitCodes, type Surroundings } from "../surroundings.ts";

/** Prints the site, and what came of it; or why it was not done. */
export async function printOutcome(
  outcome: OneSiteOutcome,
  { stdout, stderr }: Surroundings,
  json = false,
): Promise<ExitCode> {
  if (!isDone(outcome)) {
    await stderr.write(`${describeRefusal(outcome, verbHints)}\n`);
    return exitCodes.failure;
  }
  if (json) {
    const came = "effect" in outcome ? { effect: outcome.effect, entry: outcome.entry } : {};
    await stdout.write(`${jsonLine({ ...siteFields(outcome.site), ...came })}\n`);
    return exitCodes.ok;
  }
  await stdout.write(`${siteLine(outcome.site)}\n`);
  const effect = "effect" in outcome ? describeEffect(outcome) : undefined;
  if (effect !== undefined) await stderr.write(`${effect}\n`);
  return exitCodes.ok;
}
