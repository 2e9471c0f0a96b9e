/**
 * What the commands have in common that end with one site.
 *
 * @module
 */

import { describeEffect, describeRefusal, isDone, type OneSiteOutcome, verbHints } from "../refusals.ts";
import { jsonLine, siteFields, siteLine } from "../render.ts";
import { offerOf } from "../site_names.ts";
import { type ExitCode, exitCodes } from "../surroundings.ts";
import type { TaskContext } from "../task.ts";

/** Prints the site, and what came of it; or why it was not done. */
export async function printOutcome(
  outcome: OneSiteOutcome,
  { client, around }: Pick<TaskContext, "client" | "around">,
  json = false,
): Promise<ExitCode> {
  const { stdout, stderr } = around;
  if (!isDone(outcome)) {
    const offer = outcome.kind === "unknownSite" ? await offerOf(client, outcome.name, around) : "";
    await stderr.write(`${describeRefusal(outcome, verbHints, offer)}\n`);
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
