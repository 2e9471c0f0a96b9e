/**
 * What a node is told, and what it wants done.
 *
 * @module
 */

import type { StateMachine } from "../../state_machine.ts";
import type { ClientId } from "../../uid.ts";
import type { CutSnapshot } from "./epochs.ts";
import type { LogRecord, NodeRefusal, NodeSaying, OrderPlace } from "./order.ts";

/** What a node begins with. */
export interface NodeOptions {
  /** Its name: unique for each start of each node. */
  readonly node: string;
  /** `host:port`, where clients reach it; absent: it serves none. */
  readonly address?: string;
  readonly machine: StateMachine;
  /** Bytes of records after which another epoch begins; for tests. */
  readonly epochBytes?: number;
  /** Whether there is time in this turn to answer one more read; absent: there always is. */
  readonly hasTime?: () => boolean;
}

/** A request that a client sends to a node; the same one may be sent to several, one after the other. */
export interface NodeRequest<T> {
  /** Comes back with the outcome. */
  readonly ticket: T;
  readonly client: ClientId;
  /** Where some node was when the client made the session; the same in all its requests. */
  readonly born: number;
  readonly seq: number;
  /** The client has the outputs up to this seq. */
  readonly done: number;
  /** Whether the session ends. */
  readonly end: boolean;
  /** A well-formed batch. */
  readonly commands: Uint8Array;
  /** The latest time that a command says it was recorded at, in milliseconds since 1970. */
  readonly recordedAtMs?: number;
  /** By the node's running time. */
  readonly deadlineMs: number;
}

/** What a node is told. */
export type NodeEvent<T> =
  /** What time it is: of a clock that only goes forward, and of the calendar. */
  | { readonly kind: "tick"; readonly nowMs: number; readonly clockMs: number }
  /** A client wants a request executed. */
  | { readonly kind: "submitted"; readonly request: NodeRequest<T> }
  /** A client asks something that changes nothing. */
  | { readonly kind: "asked"; readonly ticket: T; readonly commands: Uint8Array; readonly deadlineMs: number }
  /** Record k of a lane is in the order, as record n of that. */
  | { readonly kind: "appended"; readonly lane: number; readonly k: number; readonly n: number }
  /** Record k of a lane is not in the order, and this attempt will not put it there; an earlier one may. */
  | { readonly kind: "appendRefused"; readonly lane: number; readonly k: number; readonly reason: string }
  /** Nobody knows whether record k of a lane is in the order, or will be. */
  | { readonly kind: "appendUnknown"; readonly lane: number; readonly k: number }
  /** The last record that anybody can have had an answer to was n, or there were more, when the barrier began. */
  | { readonly kind: "barrierDone"; readonly barrier: number; readonly n: number }
  | { readonly kind: "barrierFailed"; readonly barrier: number }
  /** Records of the order, as the engine gives them. */
  | { readonly kind: "records"; readonly records: readonly LogRecord[] }
  /** Parts of records have come, or some of many that are given together when all are there. */
  | { readonly kind: "recordsComing" }
  /** The engine gives no more records before somebody follows it again. */
  | { readonly kind: "followEnded" }
  /** {@link NodeCore.restoring} has taken in a snapshot of this many bytes, since records were gone. */
  | { readonly kind: "restored"; readonly bytes: number }
  /** Whether this node has begun the epoch after `after`. */
  | { readonly kind: "epochBegun"; readonly after: number; readonly outcome: "mine" | "other" | "unknown" | "refused" }
  /** The snapshot before the records of an epoch is in the engine, whole. */
  | { readonly kind: "snapshotPut"; readonly epoch: number }
  /** The engine cannot be used any more: the wrong version, no rights, a snapshot that is damaged. */
  | { readonly kind: "failed"; readonly reason: string }
  /** Another node says something of itself. */
  | { readonly kind: "told"; readonly saying: NodeSaying };

/** What a node wants done, in this order. */
export type NodeEffect<T> =
  /** Append bytes as record k of a lane. */
  | { readonly kind: "append"; readonly lane: number; readonly k: number; readonly bytes: Uint8Array }
  /** Ask how far the order has come. */
  | { readonly kind: "barrier"; readonly barrier: number }
  /** End what gives records at present, and follow the order from there; `reread`: events were lost, so read it. */
  | { readonly kind: "follow"; readonly after: OrderPlace; readonly reread: boolean }
  | { readonly kind: "beginEpoch"; readonly after: number }
  | { readonly kind: "putSnapshot" } & CutSnapshot
  /** Delete the records before those of an epoch: there is a snapshot. */
  | { readonly kind: "trim"; readonly epoch: number }
  | { readonly kind: "announce"; readonly saying: NodeSaying }
  /** A request was executed: `outputs` are its outputs. */
  | { readonly kind: "output"; readonly ticket: T; readonly index: number; readonly outputs: Uint8Array }
  /** The outputs of a read. `index`: how many commands the state has executed that it is from. */
  | { readonly kind: "value"; readonly ticket: T; readonly index: number; readonly outputs: Uint8Array }
  /** This submission was not and will not be executed. */
  | { readonly kind: "refused"; readonly ticket: T; readonly refusal: NodeRefusal; readonly reason: string }
  /** Nobody knows whether the request was executed, or will be. The client may send it again, to any node. */
  | { readonly kind: "unknown"; readonly ticket: T; readonly reason: string }
  /** The node has stopped for good. */
  | { readonly kind: "halt"; readonly reason: string };
