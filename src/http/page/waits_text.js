/**
 * What a replica waits for, and from whom, in words.
 *
 * @module
 */

/** What a client waits for. */
export const waitNames = { floors: "the floors", acks: "the acknowledgements", output: "the output" };

/** What the coordinator of a view change waits for. */
export const stageNames = { reports: "the reports", clones: "the word of the newcomers", accepted: "the acceptance" };

/** Clients that a line names. */
const namedMax = 4;

/**
 * What a client is called: sessions have no names, so the first digits of its id, which tell it from the others.
 *
 * @param {string} client
 * @param {string} own the session of the gateway that serves this page.
 */
export function clientName(client, own) {
  return client === own ? "this gateway" : client.slice(0, 6);
}

/**
 * For whom a request that is not stable waits.
 *
 * @param {{ waitsFor: string[], andMore: boolean }} request
 * @param {string} own
 */
export function waitsText({ waitsFor, andMore }, own) {
  return `waits for ${someOf(waitsFor.map((client) => clientName(client, own)), andMore)}`;
}

/**
 * Up to where the clients were heard that may send something earlier; undefined where that is not known.
 *
 * @param {{ heard?: { client: string, ts: number, lost: boolean }[], active?: number }} replica
 * @param {string} own
 */
export function heardText({ heard, active }, own) {
  if (heard === undefined) return undefined;
  if (heard.length === 0) return "No client may send";
  const texts = heard.map(({ client, ts, lost }) => `${clientName(client, own)} ${lost ? "lost" : `up to ${ts}`}`);
  return `Heard: ${someOf(texts, active > heard.length)}`;
}

/**
 * What the coordinator of a view change waits for.
 *
 * @param {{ stage: "reports" | "clones" | "accepted", from: number[] }} flush
 */
export function stageText({ stage, from }) {
  return `Ends the view; waits for ${stageNames[stage]} of ${replicasText(from)}`;
}

/**
 * How many requests wait that are not shown.
 *
 * @param {number} count
 * @param {number} shown
 */
export function restText(count, shown) {
  const number = count.toLocaleString("en");
  if (shown === 0) return `${number} ${count === 1 ? "request waits" : "requests wait"}`;
  return `and ${number} more`;
}

/**
 * What the gateway's own session does.
 *
 * @param {{ client: string, mode: string, clock: number, waitsFor?: { what: string, from: number[] } }} session
 */
export function sessionText({ client, mode, clock, waitsFor }) {
  const who = `This gateway is client ${client.slice(0, 6)}, ${mode}, clock ${clock.toLocaleString("en")}`;
  if (waitsFor === undefined || waitsFor.from.length === 0) return `${who}; it waits for nothing.`;
  return `${who}; it waits for ${waitNames[waitsFor.what]} of ${replicasText(waitsFor.from)}.`;
}

function replicasText(ids) {
  return `${ids.length === 1 ? "replica" : "replicas"} ${someOf(ids.map(String), false)}`;
}

function someOf(texts, andMore) {
  const named = texts.slice(0, namedMax);
  const rest = texts.length - named.length;
  if (andMore) return `${named.join(", ")} and others`;
  return rest > 0 ? `${named.join(", ")} and ${rest} more` : named.join(", ");
}
