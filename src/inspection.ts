/**
 * What a replica or a client waits for, and from whom: for people who watch the protocol at work.
 *
 * Nothing in here changes anything, and nothing of the protocol depends on it.
 *
 * @module
 */

import type { ClientId, ReplicaId, Timestamp } from "./uid.ts";

/** A request that was received and not executed, and why not. */
export interface InspectedRequest {
  /** The session that has sent it. */
  readonly client: ClientId;
  /** Its number in its session. */
  readonly seq: number;
  /** Its timestamp. */
  readonly ts: Timestamp;
  /** It ends its session. */
  readonly end: boolean;
  /** How many commands it has. */
  readonly count: number;
  /** A batch of them, or of the first of them. */
  readonly commands: Uint8Array;
  /**
   * How many of the clients that are asked can still send a request that comes before it: the first of
   * {@link InspectedReplica.heard}. It is stable if there is none.
   */
  readonly waitsFor: number;
  /**
   * At the answerer: the members whose receipt is missing, or that may still receive one that comes before it. At the
   * others: the answerer, which has not executed it.
   */
  readonly lacks: readonly ReplicaId[];
}

/** A client that the stability test asks. */
export interface InspectedClient {
  /** Its session. */
  readonly client: ClientId;
  /** The largest timestamp that came from it, or the floor that it was given. */
  readonly lastTs: Timestamp;
  /** It was lost, and is asked until the view ends. */
  readonly barred: boolean;
}

/** What the coordinator of a flush waits for. */
export interface FlushWait {
  /** The reports of the members (V3), newcomers that are to become clones (V9), or members that accept (V5). */
  readonly stage: "reports" | "clones" | "accepted";
  /** Those whose answers are missing. */
  readonly from: readonly ReplicaId[];
}

/** A replica as it is inside. */
export interface InspectedReplica {
  /** In the order of their uids: the first is executed first. */
  readonly pending: readonly InspectedRequest[];
  /** How many clients are active. */
  readonly active: number;
  /** Those heard least far, in the order of (lastTs, client): a request that waits for any waits for the first. */
  readonly heard: readonly InspectedClient[];
  /** Undefined where it coordinates no flush. */
  readonly flush: FlushWait | undefined;
}

/** How much of a replica is looked at; absent: all. */
export interface InspectionBounds {
  /** The first requests that wait. */
  readonly requests: number;
  /** The clients that were heard least far. */
  readonly clients: number;
  /** Bytes of the commands of a request. */
  readonly commandBytes: number;
}

/** A client as it is inside. */
export interface InspectedTransmitter {
  /** The id of its session. */
  readonly client: ClientId;
  /** Whether it asks for floors (`joining`), may send (`active`), or neither. */
  readonly mode: "idle" | "joining" | "active" | "over";
  /** Its Lamport clock. */
  readonly clock: Timestamp;
  /** The view that it is in, 0 before the first. */
  readonly v: number;
  /** The last request that it has sent in this view. */
  readonly sent: number;
  /** It has the outputs of its requests up to this one. */
  readonly done: number;
  /** What it waits for: floors (C3), an output (C8), or a value (C10). */
  readonly waitsFor: "floors" | "output" | "value" | undefined;
  /** Those from whom it does. */
  readonly from: readonly ReplicaId[];
  /** `host:port` of the node that it is with; absent: it is with replicas, or looks for a node. */
  readonly node?: string;
}
