/**
 * What the commands about one site have in common.
 *
 * @module
 */

import type { AnyOutcome, VaxlogClient } from "../../library/client.ts";
import { candidatesJson, candidatesText } from "../candidate_text.ts";
import { describeEffect, describeRefusal, verbHints } from "../refusals.ts";
import { jsonLine, siteFields, siteLine } from "../render.ts";
import { meantBy } from "../site_names.ts";
import type { Surroundings } from "../surroundings.ts";
import { clientTask, type ExitCode, exitCodes, type Task } from "../task.ts";

/** A task that has one command executed, and prints what it came to. */
export function siteTask(act: (client: VaxlogClient) => Promise<AnyOutcome>, json?: boolean): Task {
  return clientTask(async (client, around) => await printOutcome(await act(client), client, around, json));
}

/** Prints the site, and what came of the command; or why it was not done, with the sites that may have been meant. */
export async function printOutcome(
  outcome: AnyOutcome,
  client: VaxlogClient,
  around: Surroundings,
  json = false,
): Promise<ExitCode> {
  const { stdout, stderr } = around;
  if (outcome.kind === "unknownSite") {
    const meant = await meantBy(client, outcome, around);
    if (typeof meant === "string") {
      await stderr.write(`${describeRefusal(outcome, verbHints, meant)}\n`);
      return exitCodes.failure;
    }
    if (json) await stdout.write(`${candidatesJson(outcome.name, meant)}\n`);
    else await stderr.write(`${candidatesText(outcome.name, meant)}\n`);
    return exitCodes.usage;
  }
  if (outcome.kind !== "site") {
    await stderr.write(`${describeRefusal(outcome, verbHints)}\n`);
    return exitCodes.failure;
  }
  const done = "effect" in outcome ? outcome : undefined;
  if (json) {
    await stdout.write(`${jsonLine({ ...siteFields(outcome.site), effect: done?.effect, entry: done?.entry })}\n`);
  } else {
    await stdout.write(`${siteLine(outcome.site)}\n`);
    const effect = done && describeEffect(done);
    if (effect !== undefined) await stderr.write(`${effect}\n`);
  }
  return exitCodes.ok;
}
