/**
 * What a process waits for, and for whom, in words: the processes of a real cluster, and those of a lesson.
 *
 * @module
 */

import type { ReplicaPicture } from "../../lesson/picture.ts";
import type { Awaited, SessionStatus, Stage } from "./cluster_changes.ts";

/** What a client waits for. */
const waitNames = { floors: "floors", output: "output", value: "value" };

/** What the coordinator of a view change waits for. */
const stageNames = {
  reports: "reports from",
  clones: "confirmation from newcomers:",
  accepted: "acceptance from",
};

/** Clients that a line names. */
const namedMax = 4;

/** What a client is called: sessions have no names, so the first digits of the id, which tell it from the others. */
export function clientName(client: string, own: string | undefined): string {
  return client === own ? "this gateway" : client.slice(0, 6);
}

/**
 * For whom a request waits that is not stable.
 *
 * @param clients those that the page knows by name.
 */
export function waitsText(clients: readonly string[], andMore = false): string {
  return `waiting for ${someOf(clients, andMore)}`;
}

/** Whose word a request lacks that is not agreed. */
export function lacksText(replicas: string): string {
  return `no word from ${replicas}`;
}

/**
 * Up to where those clients were heard that may still send something earlier; undefined if that is not known.
 *
 * @param active how many such clients there are; more than are in `heard` are not named.
 */
export function heardText(
  heard: ReplicaPicture["heard"] | undefined,
  active: number | undefined,
  nameOf: (client: string) => string,
): string | undefined {
  if (heard === undefined) return undefined;
  if (heard.length === 0) return "No client may send";
  const texts = heard.map(({ client, ts, lost }) => `${nameOf(client)} ${lost ? "lost" : `up to ${ts}`}`);
  return `Heard: ${someOf(texts, active !== undefined && active > heard.length)}`;
}

/** What the coordinator of a view change waits for. */
export function stageText(stage: Stage, from: string): string {
  return `Ending the view: waiting for ${stageNames[stage]} ${from}`;
}

/** What a client waits for, and from whom. */
export function awaitedText(what: Awaited, from: string): string {
  return `${waitNames[what]} from ${from}`;
}

/** How many requests are waiting that are not shown; `shown`: how many are. */
export function restText(count: number, shown: number): string {
  const number = count.toLocaleString("en");
  if (shown === 0) return `${number} ${count === 1 ? "request is" : "requests are"} waiting`;
  return `and ${number} more`;
}

/** What the gateway's own session does. */
export function sessionText({ client, mode, clock, waitsFor }: SessionStatus): string {
  const who = `This gateway is client ${client.slice(0, 6)}, ${mode}, clock ${clock.toLocaleString("en")}`;
  const awaited = waitsFor === undefined || waitsFor.from.length === 0
    ? "nothing"
    : awaitedText(waitsFor.what, replicasText(waitsFor.from));
  return `${who}, waiting for ${awaited}.`;
}

/** Replicas by their numbers. */
export function replicasText(ids: readonly number[]): string {
  return `${ids.length === 1 ? "replica" : "replicas"} ${someOf(ids.map(String), false)}`;
}

function someOf(texts: readonly string[], andMore: boolean): string {
  const named = texts.slice(0, namedMax).join(", ");
  const rest = texts.length - namedMax;
  if (andMore) return `${named} and others`;
  return rest > 0 ? `${named} and ${rest} more` : named;
}
