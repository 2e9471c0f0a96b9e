/**
 * The status of the cluster, as the API gives it, and the events between two of them.
 *
 * @module
 */

import type { NodeState, SeenEngine } from "../../front/node_health.ts";
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

/** A node in a status; little is known of one that does not answer. */
export interface ShownNode {
  readonly address: string;
  /** Why it gives no answer; absent: it answers. */
  readonly reason?: string;
  readonly name?: string;
  readonly state?: NodeState;
  /** The last record of the order that it has applied. */
  readonly n?: number;
  readonly lag?: number;
  readonly executed?: number;
  readonly digest?: string;
  readonly sessions?: number;
  readonly waiting?: number;
  readonly memoryBytes?: number;
  readonly uptimeMs?: number;
  /** Why it has stopped; absent: it runs. */
  readonly halted?: string;
}

/** The engine in a status. */
export interface ShownEngine extends SeenEngine {
  /** How many more of its members may fail. */
  readonly mayFail: number;
  /** How much of its quota is taken; absent: nobody says. */
  readonly quotaPercent?: number;
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
  /** Absent: an engine gives the order, and there are nodes. */
  readonly replicas?: readonly ShownReplica[];
  readonly mayFail?: number;
  /** Absent: there are replicas. */
  readonly nodes?: readonly ShownNode[];
  readonly nodesMayFail?: number;
  /** Absent: there are replicas, or no node says how it is. */
  readonly engine?: ShownEngine;
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
  const known = partsOf(before);
  for (const [name, now] of partsOf(after)) {
    const old = known.get(name);
    known.delete(name);
    if (old === undefined) changes.push(`${name} has appeared: ${now}`);
    else if (old !== now) changes.push(`${name}: ${old} → ${now}`);
  }
  for (const name of known.keys()) changes.push(`${name} is no longer a member`);
  const view = viewOf(after);
  if (viewOf(before) !== view) {
    const names = (after.replicas ?? []).filter((replica) => replica.view === view).map(nameOf);
    changes.push(`View ${view}${names.length === 0 ? "" : `: ${names.join(", ").replaceAll(", R", ", r")}`}`);
  }
  // At first, no probe has been answered yet.
  const [was, is] = [before.probe?.ok, after.probe?.ok];
  if (was === true && is === false) changes.push("The probe got no answer: the cluster serves no requests");
  if (was === false && is === true) changes.push("The cluster serves requests again");
  return changes;
}

/** All that a cluster consists of, by name, and how it is in a word or two. */
function partsOf({ replicas = [], nodes = [], engine }: ClusterStatus): Map<string, string> {
  return new Map([
    ...replicas.map((replica) => [nameOf(replica), stateWords(replica)] as const),
    ...nodes.map((node) => [nodeName(node), nodeWords(node)] as const),
    ...(engine?.members ?? []).map((member) => [`Member ${member.address}`, memberWords(member)] as const),
  ]);
}

/** What a node is called. */
export function nodeName({ address }: ShownNode): string {
  return `Node ${address}`;
}

/** How a node is, in a word or two. */
export function nodeWords({ reason, state = "up" }: ShownNode): string {
  return reason === undefined ? state : "no answer";
}

/** How a member of the engine is, in a word or two. */
export function memberWords({ failure, isLeader }: SeenEngine["members"][number]): string {
  if (failure !== undefined) return "no answer";
  return isLeader ? "leader" : "follower";
}

/** The view of the cluster: the highest that any replica is in, or, if none says so, the one that the gateway knows. */
export function viewOf({ replicas = [], view }: Pick<ClusterStatus, "replicas" | "view">): number | undefined {
  const views = replicas.flatMap(({ view }) => view ?? []);
  return views.length > 0 ? Math.max(...views) : view;
}

/** A status, and when it was seen, in ms since any moment. */
export interface Look {
  readonly status: Pick<ClusterStatus, "replicas" | "nodes">;
  readonly atMs: number;
}

/** Commands per second between two statuses of the whole cluster; undefined if that is not known. */
export function rateBetween(before: Look | undefined, after: Look): number | undefined {
  const executed = ({ replicas, nodes }: Look["status"]) =>
    Math.max(0, ...[...replicas ?? [], ...nodes ?? []].map(({ executed = 0 }) => executed));
  if (before === undefined || after.atMs <= before.atMs) return undefined;
  return Math.max(0, (executed(after.status) - executed(before.status)) * 1_000 / (after.atMs - before.atMs));
}
