/**
 * How a replica and a cluster are, in the words of every place that says so: the terminal of the launcher, the command
 * `status`, the API, the metrics and the page.
 *
 * This module imports nothing, so that the page can use it in a browser.
 *
 * @module
 */

/** What a replica is. One that is `up` or `frozen` is a member; the view of a frozen one is about to end. */
export type ReplicaState = "up" | "frozen" | "joining" | "failed";

/** A replica as an observer sees it. */
export interface SeenReplica {
  /** What it says of itself, or else what the launcher says of it; absent: nobody says. */
  readonly state?: ReplicaState;
  /** Why it gives no answer; absent: it answers, or nobody has asked it. */
  readonly reason?: string;
  /** How much of the data a newcomer has, in percent; absent: no other replica sends it the data, or nobody says. */
  readonly restored?: number;
  /** How much a newcomer has of the sealed history that it fetches, in percent; absent: it fetches none. */
  readonly fetched?: number;
  /** Milliseconds that it still fetches, about; absent: nobody knows. */
  readonly fetchMs?: number;
  /** Whether a member lacks a part of its sealed history, until that is healed; absent: nobody says that it does. */
  readonly lacksHistory?: boolean;
}

/** The result of a request that was sent to see whether the cluster serves requests. */
export type ProbeOutcome =
  /** It became stable and was answered within that many milliseconds. */
  | { readonly ms: number }
  | { readonly reason: string };

/** Whether a cluster does what it is asked to do. */
export interface Health {
  readonly isHealthy: boolean;
  /** Why it is not healthy; absent: it is. */
  readonly reason?: string;
  /** For people, as a sentence without a full stop; why a probe failed is not in it. */
  readonly text: string;
}

/** What a replica is that has described itself. */
export function stateOf(replica: { readonly joining: boolean; readonly frozen: boolean }): ReplicaState {
  return replica.joining ? "joining" : replica.frozen ? "frozen" : "up";
}

/** How a replica describes itself. */
interface Described extends Pick<SeenReplica, "restored" | "fetched"> {
  readonly joining: boolean;
  readonly frozen: boolean;
  readonly history?: { readonly damaged: number };
}

/** What a replica that has described itself counts for. */
export function seenAs(
  { history, restored, fetched, ...flags }: Described,
): SeenReplica & { readonly state: ReplicaState; readonly lacksHistory: boolean } {
  const seen = { state: stateOf(flags), lacksHistory: history !== undefined && history.damaged > 0 };
  return {
    ...seen,
    ...(restored !== undefined && { restored }),
    ...(fetched !== undefined && { fetched }),
  };
}

/** A share from 0 to 1 in whole percent; 100 only if it is whole. */
export function percentOf(share: number | undefined): number | undefined {
  return share === undefined ? undefined : Math.floor(100 * share);
}

/** Whether a replica should answer and does not. The launcher calls a hung replica `up`, since its process runs. */
export function isSilent({ state, reason }: SeenReplica): boolean {
  return reason !== undefined && state !== "failed" && state !== "joining";
}

/** Whether a replica is a member, and nothing suggests that it hangs. */
function canServe({ state, reason }: SeenReplica): boolean {
  return reason === undefined && (state === "up" || state === "frozen");
}

/** Whether the cluster can continue with this replica alone and has lost nothing: it lacks none of its history. */
export function canGoOnAlone(replica: SeenReplica): boolean {
  return canServe(replica) && !replica.lacksHistory;
}

/** Whether the cluster ends, or has lost history, when this replica fails: none of the others replaces it. */
export function isIrreplaceable(replica: SeenReplica, replicas: readonly SeenReplica[]): boolean {
  const isNeeded = canGoOnAlone(replica) ? canGoOnAlone : canServe;
  return isNeeded(replica) && !replicas.some((other) => other !== replica && isNeeded(other));
}

/** How many more of these replicas may fail, for all that is known: any one that can continue alone is enough. */
export function mayFail(replicas: readonly SeenReplica[]): number {
  return Math.max(0, replicas.filter(canGoOnAlone).length - 1);
}

/** How many more may fail, in words. */
export function mayFailText(count: number): string {
  return `${count === 0 ? "no" : count} more may fail`;
}

/** Which members lack history, by their ids, as a clause without a full stop; undefined: none. */
export function lackingText(ids: readonly number[]): string | undefined {
  if (ids.length === 0) return undefined;
  if (ids.length === 1) return `replica ${ids[0]} lacks history until it is healed`;
  return `replicas ${ids.slice(0, -1).join(", ")} and ${ids.at(-1)} lack history until it is healed`;
}

/** How a replica is, in a word or two without figures. */
export function stateWords(replica: SeenReplica): string {
  const { state = "up", restored, fetched, lacksHistory } = replica;
  if (isSilent(replica)) return "no answer";
  if (state !== "joining") return lacksHistory && state !== "failed" ? `${state}, lacks history` : state;
  if (fetched !== undefined) return "fetching history";
  if (restored === undefined) return state;
  return restored < 100 ? "restoring" : "catching up";
}

/** The same, with how far a newcomer is. */
export function stateText(replica: SeenReplica): string {
  const words = stateWords(replica);
  const { restored, fetched, fetchMs } = replica;
  if (words === "restoring") return `${words}, ${restored} %`;
  if (words !== "fetching history") return words;
  return `${words}, ${fetched} %${fetchMs === undefined ? "" : `, about ${aboutText(fetchMs)}`}`;
}

/** How long something still takes, for a person who waits: no more exact than it is known. */
export function aboutText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${Math.max(10, 10 * Math.ceil(seconds / 10))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/**
 * How a cluster is. Replicas that call themselves well prove little: what counts is a request that became stable, and
 * that a change would be accepted.
 *
 * @param log how full the log is; undefined: it has no bound, or nobody says.
 * @param lacking the ids of the members that lack history: the cluster serves requests without it, and yet nobody
 * should read that all is well.
 */
export function healthOf(
  probe: ProbeOutcome,
  log: { readonly isFull: boolean; readonly text: string } | undefined,
  lacking: readonly number[] = [],
): Health {
  if ("reason" in probe) {
    return { isHealthy: false, reason: probe.reason, text: "Not healthy: the probe failed" };
  }
  if (log?.isFull) {
    return { isHealthy: false, reason: log.text, text: "Not healthy: every change is refused, since the log is full" };
  }
  const but = lackingText(lacking);
  const head = but === undefined ? "Healthy" : `Healthy, but ${but}`;
  return { isHealthy: true, text: `${head}: a probe became stable in ${Math.round(probe.ms * 10) / 10} ms` };
}
