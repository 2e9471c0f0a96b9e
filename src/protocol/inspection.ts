/**
 * What a replica or a client waits for, and from whom: for people who watch the protocol at work.
 *
 * Nothing in here changes anything, and nothing of the protocol depends on it.
 *
 * @module
 */

import { mayPrecede } from "../stability.ts";
import type { ClientId, ReplicaId, Timestamp } from "../uid.ts";
import type { Channel } from "./channel.ts";
import type { Order } from "./order.ts";

/** A request that was received and not executed, and why not. */
export interface InspectedRequest {
  readonly client: ClientId;
  readonly seq: number;
  readonly ts: Timestamp;
  /** It ends its session. */
  readonly end: boolean;
  /** A batch. */
  readonly commands: Uint8Array;
  /** Its client has said that every member has it. */
  readonly agreed: boolean;
  /** No active client can still send a request that comes before it. */
  readonly stable: boolean;
  /** The clients that still can. */
  readonly waitsFor: readonly ClientId[];
}

/** A client that the stability test asks. */
export interface InspectedClient {
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
  readonly from: readonly ReplicaId[];
}

/** A replica as it is inside. */
export interface InspectedReplica {
  /** In the order of their uids: the first is executed first. */
  readonly pending: readonly InspectedRequest[];
  readonly active: readonly InspectedClient[];
  /** Undefined where it coordinates no flush. */
  readonly flush: FlushWait | undefined;
}

/** A client as it is inside. */
export interface InspectedTransmitter {
  readonly mode: "idle" | "joining" | "active" | "over";
  readonly clock: Timestamp;
  readonly v: number;
  /** The last request that it has sent in this view, and up to which one every member has acknowledged. */
  readonly sent: number;
  readonly agreed: number;
  /** What it waits for: floors (C3), acknowledgements (C5), or an output (C8). */
  readonly waitsFor: "floors" | "acks" | "output" | undefined;
  readonly from: readonly ReplicaId[];
}

/** The requests that wait, with what each waits for, and those who are asked. */
export function inspectOrder({ pending, channels, members }: Order): Omit<InspectedReplica, "flush"> {
  const active = [...channels].filter((channel) => channel.active);
  // In a view of one member both tests are vacuous.
  const asked: readonly Channel[] = members.length === 1 ? [] : active;
  return {
    pending: [...pending].map((request) => {
      const { client, seq, ts, end, commands, channel } = request;
      const waitsFor = asked.filter((heard) => mayPrecede(heard, request)).map((heard) => heard.client);
      const agreed = members.length === 1 || channel.agreed >= seq;
      return { client, seq, ts, end, commands, agreed, stable: waitsFor.length === 0, waitsFor };
    }),
    active: active.map(({ client, lastTs, barred }) => ({ client, lastTs, barred })),
  };
}
