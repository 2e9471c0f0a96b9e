/**
 * The status of the cluster, as the API gives it, and the events between two of them.
 *
 * @module
 */

import { type SeenReplica, stateWords } from "../../health.ts";
import type { FilesFigures } from "../../files_words.ts";
import type { HistoryFigures } from "../../history.ts";
import type { FlushWait, InspectedTransmitter } from "../../inspection.ts";
import type { ReplicaPicture } from "../../lesson/picture.ts";

/** What a client waits for. */
export type Awaited = NonNullable<InspectedTransmitter["waitsFor"]>;

/** What the coordinator of a view change waits for. */
export type Stage = FlushWait["stage"];

/** A request that waits at a replica. */
export interface WaitingRequest extends Omit<ReplicaPicture["pending"][number], "text" | "lacks"> {
  /** Replicas whose word is missing. */
  readonly lacks: readonly number[];
  /** How many commands it has, and those of them that are described. */
  readonly count: number;
  readonly commands: readonly string[];
  /** Whether it ends its session. */
  readonly ends: boolean;
  /** Whether it waits for more clients than are named. */
  readonly andMore: boolean;
}

type Figure =
  | "id"
  | "view"
  | "executed"
  | "lag"
  | "clock"
  | "pending"
  | "sessions"
  | "memoryBytes"
  | "uptimeMs"
  | "active";

/** A replica in a status; little is known of one that does not answer. */
export interface ShownReplica extends SeenReplica, Partial<Readonly<Record<Figure, number>>> {
  readonly address: string;
  readonly digest?: string;
  readonly history?: HistoryFigures;
  readonly files?: FilesFigures;
  readonly durable?: boolean;
  readonly waiting?: readonly WaitingRequest[];
  readonly heard?: ReplicaPicture["heard"];
  /** What it waits for as the coordinator of a view change. */
  readonly flush?: FlushWait;
}

/** The gateway's own session with the cluster. */
export interface SessionStatus extends Pick<InspectedTransmitter, "client" | "mode" | "clock"> {
  readonly waitsFor?: { readonly what: Awaited; readonly from: readonly number[] };
}

/** The cluster. */
export interface ClusterStatus {
  readonly cluster: string;
  /** Whether a request becomes stable; absent: no probe was sent. */
  readonly probe?: { readonly ok: true; readonly ms: number } | { readonly ok: false };
  readonly view?: number;
  readonly session?: SessionStatus;
  readonly replicas: readonly ShownReplica[];
  readonly mayFail: number;
  readonly log?: { readonly text: string; readonly isWarning: boolean; readonly isFull: boolean };
  readonly disk?: { readonly text: string; readonly isWarning: boolean };
  readonly canControl: boolean;
}

/** What a replica is called. */
export function nameOf({ id, address }: ShownReplica): string {
  return id === undefined ? address : `Replica ${id}`;
}

/** Whether a replica answers. */
export function answers({ reason }: ShownReplica): boolean {
  return reason === undefined;
}

/**
 * The events between two statuses, a sentence each, the oldest first.
 *
 * @param before undefined: this is the first one.
 */
export function changesBetween(before: ClusterStatus | undefined, after: ClusterStatus): string[] {
  if (before === undefined) return [];
  const changes: string[] = [];
  const known = new Map(before.replicas.map((replica) => [nameOf(replica), replica]));
  for (const replica of after.replicas) {
    const name = nameOf(replica);
    const old = known.get(name);
    known.delete(name);
    const now = stateWords(replica);
    if (old === undefined) changes.push(`${name} has appeared: ${now}`);
    else if (stateWords(old) !== now) changes.push(`${name}: ${stateWords(old)} → ${now}`);
  }
  for (const name of known.keys()) changes.push(`${name} is no longer a member`);
  const view = viewOf(after);
  if (viewOf(before) !== view) {
    const names = after.replicas.filter((replica) => replica.view === view).map(nameOf);
    changes.push(`View ${view}${names.length === 0 ? "" : `: ${names.join(", ").replaceAll(", R", ", r")}`}`);
  }
  // At first, no probe has been answered yet.
  const [was, is] = [before.probe?.ok, after.probe?.ok];
  if (was === true && is === false) changes.push("The probe got no answer: the cluster serves no requests");
  if (was === false && is === true) changes.push("The cluster serves requests again");
  return changes;
}

/** The view of the cluster: the highest that any replica is in, or, if none says so, the one that the gateway knows. */
export function viewOf({ replicas, view }: Pick<ClusterStatus, "replicas" | "view">): number | undefined {
  const views = replicas.flatMap(({ view }) => view ?? []);
  return views.length > 0 ? Math.max(...views) : view;
}

/** A status, and when it was seen, in ms since any moment. */
export interface Look {
  readonly status: Pick<ClusterStatus, "replicas">;
  readonly atMs: number;
}

/** Commands per second between two statuses of the whole cluster; undefined if that is not known. */
export function rateBetween(before: Look | undefined, after: Look): number | undefined {
  const executed = ({ replicas }: Look["status"]) => Math.max(0, ...replicas.map(({ executed = 0 }) => executed));
  if (before === undefined || after.atMs <= before.atMs) return undefined;
  return Math.max(0, (executed(after.status) - executed(before.status)) * 1_000 / (after.atMs - before.atMs));
}
