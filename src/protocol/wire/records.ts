/**
 * The records of which messages, and the rows of the journal, are made: what they mean, and how they are written.
 *
 * @module
 */

import type { ComparedSegment, SegmentPlace, SegmentRef } from "../../history.ts";
import { digestBytes } from "../../packing.ts";
import { type Codec, type Decoded, fields } from "./fields.ts";

const { flag, varint, text, hex, batch, optional, list, record, oneOf } = fields;

const clientId = hex(16, "id of a session");
const ballot = record("ballot", { n: varint, id: varint });
const member = record("member", { id: varint, address: text });
const sessionSeq = record("session and seq", { client: clientId, seq: varint });
const uid = record("uid", { ts: varint, client: clientId });
const receipt = record("receipt", {
  client: clientId,
  seq: varint,
  ts: varint,
  /** A checksum of the request, with a key that no client knows. */
  sum: varint,
});
const held = record("session with its requests", {
  client: clientId,
  /** The last one that the replica has executed. */
  executed: varint,
  /** The sums of those that follow, one by one: it has received them. */
  sums: list(varint),
});
const blame = record("blame", {
  client: clientId,
  /** It is at fault if the view ends without its request of this seq. */
  seq: varint,
  /** Milliseconds for which others have waited. */
  waitedMs: varint,
});
const decision = record("decision", {
  /** The number of the next view. */
  v: varint,
  /** Its members, by id. */
  members: list(member),
  /** 0: the clocks of a view begin there. In a file of version 0.10, the largest clock of the members. */
  clock: varint,
  /** Requests above these are dropped and sent again in the next view; a session that is absent has its base. */
  cut: list(sessionSeq),
  /** Sessions that are forgotten (rule V10). */
  expired: list(clientId),
});
const accepted = record("accepted", { ballot, decision });
const position = record("position", {
  /** The last view that has begun. */
  v: varint,
  /** How many requests were executed. */
  requests: varint,
  /** The digest of all of them. */
  digest: varint,
});
const carried = record("request", {
  client: clientId,
  seq: varint,
  ts: varint,
  /** The client has all outputs up to this seq. */
  done: varint,
  end: flag,
  commands: batch,
});
const waiting = record("waiting request", {
  client: clientId,
  seq: varint,
  ts: varint,
  end: flag,
  count: varint,
  commands: batch,
  waitsFor: varint,
  /** The members from which a receipt is missing, or that may still receive one before it. */
  lacks: list(varint),
});
const heard = record("heard client", { client: clientId, lastTs: varint, barred: flag });
const flushWait = record("flush", { stage: oneOf("stage", ["reports", "clones", "accepted"]), from: list(varint) });
const waits = record("waits", {
  pending: list(waiting),
  active: varint,
  heard: list(heard),
  flush: optional(flushWait),
});

const digest: Codec<Uint8Array> = {
  name: `${digestBytes} bytes`,
  write: (writer, value) => writer.raw(value),
  read: (reader) => reader.view(digestBytes).slice(),
};
const segment: Codec<SegmentRef> = record("segment", { kind: varint, number: varint, digest });
const place: Codec<SegmentPlace> = record("place of a segment", { kind: varint, number: varint });
const sealed: Codec<ComparedSegment> = record("sealed segment", {
  kind: varint,
  number: varint,
  /** How many of its entries are overwritten, since they were redacted. */
  redacted: varint,
  digest,
});
const history = record("history", {
  segments: varint,
  bytes: varint,
  unsealedBytes: varint,
  freeBytes: varint,
  diskBytes: varint,
  damaged: varint,
  damages: list(text),
  failure: optional(text),
});
const files = record("files", { isLogFailing: flag, logMissing: varint, isShort: flag, commitMicros: varint });

/** How each is written. */
export const codecs = {
  clientId,
  ballot,
  member,
  uid,
  receipt,
  held,
  blame,
  decision,
  carried,
  position,
  accepted,
  waits,
  history,
  files,
  segment,
  place,
  sealed,
};

/** A round of a view change: the larger number wins, then the larger id. */
export type Ballot = Decoded<typeof ballot>;

/** A request that a replica has received, without its bytes. */
export type Receipt = Decoded<typeof receipt>;

/** What a frozen replica has of a session. */
export type HeldSession = Decoded<typeof held>;

/** The client that seems to be the reason why a view ends. */
export type Blame = Decoded<typeof blame>;

/** What a flush decides: the next view, and what is executed in the view that ends. */
export type Decision = Decoded<typeof decision>;

/** An accepted value and the ballot in which it was accepted. */
export type Accepted = Decoded<typeof accepted>;

/** A place in the history of all replicas. */
export type Position = Decoded<typeof position>;

/** A request as it travels from replica to replica, with what orders it. */
export type CarriedRequest = Decoded<typeof carried>;

/** The ballot of a replica that has promised nothing. */
export const noBallot: Ballot = { n: 0, id: 0 };

/** Negative if `a` is the smaller ballot, positive if the larger one, 0 if they are the same. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return a.n !== b.n ? a.n - b.n : a.id - b.id;
}
