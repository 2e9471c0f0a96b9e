/**
 * The records of which messages, and the rows of the journal, are made: what they mean, and how they are written.
 *
 * @module
 */

import type { ClientId, Member, ReplicaId, Timestamp } from "../../uid.ts";
import { type Codec, fields } from "./fields.ts";
import type { FlushWait, InspectedClient, InspectedReplica, InspectedRequest } from "../../inspection.ts";

const { flag, varint, text, hex, batch, optional, list, record, oneOf } = fields;

/** A round of a view change: the larger number wins, then the larger id. */
export interface Ballot {
  readonly n: number;
  readonly id: ReplicaId;
}

/** Up to which seq a session's requests are meant. */
export interface SessionSeq {
  readonly client: ClientId;
  readonly seq: number;
}

/** What a flush decides: the next view, and what is executed in the view that ends. */
export interface Decision {
  /** The number of the next view. */
  readonly v: number;
  /** Its members, by id. */
  readonly members: readonly Member[];
  /** The largest clock of the members: no timestamp of the next view is out of the reach of any of them. */
  readonly clock: Timestamp;
  /** Requests above these are dropped and sent again in the next view; a session that is absent has its base. */
  readonly cut: readonly SessionSeq[];
  /** Sessions that are forgotten (rule V10). */
  readonly expired: readonly ClientId[];
}

/** An accepted value and the ballot in which it was accepted. */
export interface Accepted {
  readonly ballot: Ballot;
  readonly decision: Decision;
}

/** A place in the history of all replicas. */
export interface Position {
  /** The last view that has begun. */
  readonly v: number;
  /** How many requests were executed. */
  readonly requests: number;
  /** The digest of all of them. */
  readonly digest: number;
}

/** A request as it travels from replica to replica, with what orders it. */
export interface CarriedRequest {
  readonly client: ClientId;
  readonly seq: number;
  readonly ts: Timestamp;
  /** The client has all outputs up to this seq. */
  readonly done: number;
  readonly end: boolean;
  /** A batch. */
  readonly commands: Uint8Array;
}

const clientId: Codec<ClientId> = hex(16, "id of a session");
const ballot: Codec<Ballot> = record("ballot", { n: varint, id: varint });
const member: Codec<Member> = record("member", { id: varint, address: text });
const sessionSeq: Codec<SessionSeq> = record("session and seq", { client: clientId, seq: varint });
const decision: Codec<Decision> = record("decision", {
  v: varint,
  members: list(member),
  clock: varint,
  cut: list(sessionSeq),
  expired: list(clientId),
});
const carried: Codec<CarriedRequest> = record("request", {
  client: clientId,
  seq: varint,
  ts: varint,
  done: varint,
  end: flag,
  commands: batch,
});
const position: Codec<Position> = record("position", { v: varint, requests: varint, digest: varint });
const accepted: Codec<Accepted> = record("accepted", { ballot, decision });

const waiting: Codec<InspectedRequest> = record("waiting request", {
  client: clientId,
  seq: varint,
  ts: varint,
  end: flag,
  count: varint,
  commands: batch,
  agreed: flag,
  waitsFor: varint,
});
const heard: Codec<InspectedClient> = record("heard client", { client: clientId, lastTs: varint, barred: flag });
const flushWait: Codec<FlushWait> = record("flush", {
  stage: oneOf("stage", ["reports", "clones", "accepted"]),
  from: list(varint),
});
const waits: Codec<InspectedReplica> = record("waits", {
  pending: list(waiting),
  active: varint,
  heard: list(heard),
  flush: optional(flushWait),
});

/** How each is written. */
export const codecs = { clientId, ballot, member, sessionSeq, decision, carried, position, accepted, waits };

/** Negative if `a` is the smaller ballot, positive if the larger one, 0 if they are the same. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return a.n !== b.n ? a.n - b.n : a.id - b.id;
}
