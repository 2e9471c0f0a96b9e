/**
 * What the commands about one site have in common.
 *
 * @module
 */

import type { AnyOutcome, VaxlogClient } from "../../library/client.ts";
import { describeEffect, verbHints } from "../refusals.ts";
import { jsonLine, siteFields, siteLine } from "../render.ts";
import { refusalWithOffer } from "../site_names.ts";
import type { Surroundings } from "../surroundings.ts";
import { clientTask, type ExitCode, exitCodes, type Task } from "../task.ts";

/** A task that has one command executed, and prints what it came to. */
export function siteTask(act: (client: VaxlogClient) => Promise<AnyOutcome>, json?: boolean): Task {
  return clientTask(async (client, around) => await printOutcome(await act(client), client, around, json));
}

/** Prints the site, and what came of the command; or why it was not done. */
export async function printOutcome(
  outcome: AnyOutcome,
  client: VaxlogClient,
  around: Surroundings,
  json = false,
): Promise<ExitCode> {
  const { stdout, stderr } = around;
  if (outcome.kind !== "site") {
    await stderr.write(`${await refusalWithOffer(outcome, verbHints, client, around)}\n`);
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
