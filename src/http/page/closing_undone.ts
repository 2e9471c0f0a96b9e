/**
 * Taking back that a site was retired, or reopened. Each is an entry of its own; nothing is taken back if somebody else
 * has changed the site meanwhile. The log takes back reports alone, so these need the command that is the opposite.
 *
 * @module
 */

import type { FullSite, SiteJson } from "../../database/values.ts";
import { get, isUnreachable, messageOf, post, sitePath } from "./api.ts";
import { byReporter } from "./reporter.ts";
import { say } from "./say.ts";

/** The response to a change. */
export interface DoneJson {
  readonly site: SiteJson;
  /** The entry of the log; absent: nothing was to be changed. */
  readonly entry?: number;
}

/** What undoes a change; undefined: it changed nothing. */
export function undoOf({ entry }: DoneJson, undo: () => void): (() => void) | undefined {
  return entry === undefined ? undefined : undo;
}

/** Opens a site that was retired by this change. */
export async function openAgain(name: string, { site, entry }: DoneJson): Promise<void> {
  await attempt(name, "it takes reports again", async () => {
    const { body } = await get<SiteJson>(sitePath(name));
    if (body.retired !== site.retired) return false;
    await post(sitePath(name, "/reopen"), { note: `undo of entry ${entry}`, ...byReporter() });
    return true;
  });
}

/** Retires a site that was reopened by this change, for the reason that it had. */
export async function retireAgain(name: string, reason: string, { entry = 0 }: DoneJson): Promise<void> {
  await attempt(name, "it is retired as before", async () => {
    const { body } = await get<SiteJson<FullSite>>(sitePath(name));
    if (body.retired !== undefined || (body.report?.index ?? 0) > entry) return false;
    await post(sitePath(name, "/retire"), { reason, ...byReporter() });
    return true;
  });
}

/** @param undo gives false if somebody else has changed the site. */
async function attempt(name: string, done: string, undo: () => Promise<boolean>): Promise<void> {
  try {
    if (await undo()) say(`${name}: undone, ${done}`);
    else say(`${name}: not undone, somebody else has changed it meanwhile`, "bad");
  } catch (error) {
    if (isUnreachable(error)) say(`${name}: it is not known whether it was undone`, "bad");
    else say(`${name}: not undone. ${messageOf(error)}`, "bad");
  }
}
