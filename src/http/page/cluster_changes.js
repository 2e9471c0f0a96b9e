/**
 * What happens in the cluster, found by comparing how it was with how it is.
 *
 * @module
 */

/**
 * @typedef {object} Replica
 * @property {string} address
 * @property {number} [id]
 * @property {string} [state] up, joining, frozen or failed; of one that says nothing, as the launcher sees it.
 * @property {number} [view]
 * @property {number} [executed]
 * @property {string} [reason] why nothing is known of it.
 */

/**
 * What a replica is called.
 *
 * @param {Replica} replica
 */
export function nameOf({ id, address }) {
  return id === undefined ? address : `Replica ${id}`;
}

/**
 * Whether a replica answers.
 *
 * @param {Replica} replica
 */
export function answers({ reason }) {
  return reason === undefined;
}

/**
 * What has happened between two statuses, a sentence each, the oldest first.
 *
 * @param {any} before undefined: this is the first one.
 * @param {any} after
 * @returns {string[]}
 */
export function changesBetween(before, after) {
  if (before === undefined) return [];
  const changes = [];
  const known = new Map(before.replicas.map((replica) => [nameOf(replica), replica]));
  for (const replica of after.replicas) {
    const name = nameOf(replica);
    const old = known.get(name);
    known.delete(name);
    if (old === undefined) changes.push(`${name} is there, ${stateText(replica)}`);
    else if (stateText(old) !== stateText(replica)) changes.push(`${name}: ${stateText(old)} → ${stateText(replica)}`);
  }
  for (const name of known.keys()) changes.push(`${name} is no member any more`);
  if (viewOf(before) !== viewOf(after)) {
    const members = after.replicas.filter(({ view }) => view === viewOf(after));
    const names = members.map(nameOf).join(", ").replaceAll(", R", ", r");
    changes.push(`View ${viewOf(after)}${names === "" ? "" : `: ${names}`}`);
  }
  // None has been answered yet, at first.
  const [was, is] = [before.probe?.ok, after.probe?.ok];
  if (was === true && is === false) changes.push("No answer to the probe: no request is served");
  if (was === false && is === true) changes.push("Requests are served again");
  return changes;
}

/**
 * How a replica is, in a word.
 *
 * @param {Replica} replica
 */
export function stateText(replica) {
  return isSilent(replica) ? "no answer" : replica.state ?? "up";
}

/**
 * Whether a replica should answer, and does not. What the launcher calls up is a process that runs: it may hang.
 *
 * @param {Replica} replica
 */
export function isSilent(replica) {
  return !answers(replica) && replica.state !== "failed" && replica.state !== "joining";
}

/**
 * What is said beside the number that may still fail, in which those that are silent are not counted.
 *
 * @param {number} silent
 */
export function mayFailText(silent) {
  return silent === 0 ? "more may fail" : `more may fail; ${silent} ${silent === 1 ? "gives" : "give"} no answer`;
}

/**
 * The view of the cluster: the highest that any replica is in, or, if none says so, the one that the gateway knows.
 *
 * @param {{ replicas: { view?: number }[], view?: number }} status
 */
export function viewOf({ replicas, view }) {
  const views = replicas.flatMap(({ view }) => view ?? []);
  return views.length > 0 ? Math.max(...views) : view;
}

/**
 * Commands per second between two statuses of the whole cluster; undefined where that is not known.
 *
 * @typedef {{ status: { replicas: { executed?: number }[] }, atMs: number }} Look
 * @param {Look | undefined} before
 * @param {Look} after
 */
export function rateBetween(before, after) {
  const executed = ({ replicas }) => Math.max(0, ...replicas.map(({ executed = 0 }) => executed));
  if (before === undefined || after.atMs <= before.atMs) return undefined;
  return Math.max(0, (executed(after.status) - executed(before.status)) * 1_000 / (after.atMs - before.atMs));
}
