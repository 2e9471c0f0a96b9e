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

/** Whether a replica should answer and does not. The launcher calls a hung replica `up`, since its process runs. */
export function isSilent({ state, reason }: SeenReplica): boolean {
  return reason !== undefined && state !== "failed" && state !== "joining";
}

/** Whether the cluster can continue with this replica alone: it is a member, and nothing suggests that it hangs. */
export function canGoOnAlone({ state, reason }: SeenReplica): boolean {
  return reason === undefined && (state === "up" || state === "frozen");
}

/** How many more of these replicas may fail, for all that is known: any one that can continue alone is enough. */
export function mayFail(replicas: readonly SeenReplica[]): number {
  return Math.max(0, replicas.filter(canGoOnAlone).length - 1);
}

/** How many more may fail, in words. */
export function mayFailText(count: number): string {
  return `${count === 0 ? "no" : count} more may fail`;
}

/** How a replica is, in a word or two. */
export function stateText(replica: SeenReplica): string {
  const { state = "up", restored } = replica;
  if (isSilent(replica)) return "no answer";
  if (state !== "joining" || restored === undefined) return state;
  return restored < 100 ? `restoring, ${restored} %` : "catching up";
}

/**
 * How a cluster is. Replicas that call themselves well prove little: what counts is a request that became stable, and
 * that a change would be accepted.
 *
 * @param log how full the log is; undefined: it has no bound, or nobody says.
 */
export function healthOf(
  probe: ProbeOutcome,
  log: { readonly isFull: boolean; readonly text: string } | undefined,
): Health {
  if ("reason" in probe) {
    return { isHealthy: false, reason: probe.reason, text: "Not healthy: the probe failed" };
  }
  if (log?.isFull) {
    return { isHealthy: false, reason: log.text, text: "Not healthy: every change is refused, since the log is full" };
  }
  return { isHealthy: true, text: `Healthy: a probe became stable in ${Math.round(probe.ms * 10) / 10} ms` };
}
