/**
 * Every message of the wire protocol: who sends it, why, and what each field means.
 *
 * The layouts below are the only place where a message is defined: the types, the codec and the table in
 * `docs/reference/wire.md` are made from them. A message is a byte for its kind and then its fields in this order.
 *
 * @module
 */

import { fields, type Parts } from "./fields.ts";
import type { ValueOf } from "./kinds.ts";
import { codecs } from "./records.ts";

const { flag, varint, text, hex, blob, batch, optional, list } = fields;
const { clientId, ballot, member, sessionSeq, decision, carried, position, accepted, waits } = codecs;

/**
 * One message: the byte that starts it, its sender and receiver, its purpose, and its fields. A *reader* has no
 * session: it only asks on its link, and changes nothing.
 */
export interface Layout {
  readonly code: number;
  readonly way:
    | "client to replica"
    | "replica to client"
    | "reader to replica"
    | "replica to reader"
    | "replica to replica";
  readonly purpose: string;
  readonly fields: Parts;
}

/** All messages. Codes are never reused. */
export const layouts = {
  HELLO: {
    code: 0x01,
    way: "client to replica",
    purpose:
      "The first frame of a client's link: it names the session. `version` is that of the wire protocol. `cluster` " +
      "is the cluster that the session was opened in; absent if the client knows none yet. The session's id is the " +
      "hash of `secret`. `done`: the client has all outputs up to this seq.",
    fields: { version: varint, cluster: optional(hex(16)), secret: hex(32), done: varint },
  },
  RESUME: {
    code: 0x02,
    way: "client to replica",
    purpose:
      "The client wants to send in view `v` (rule C3). `ts` is its clock: everything that it sends later has a " +
      "larger timestamp.",
    fields: { v: varint, ts: varint, done: varint },
  },
  REQUEST: {
    code: 0x03,
    way: "client to replica",
    purpose:
      "The next request of the session, broadcast to all members of `v` (rule C4). `agreed`: every member has the " +
      "session's requests up to this seq. `end`: the session ends with this request. `commands` is a batch.",
    fields: { v: varint, seq: varint, ts: varint, agreed: varint, done: varint, end: flag, commands: batch },
  },
  CLOCK: {
    code: 0x04,
    way: "client to replica",
    purpose:
      "The null request: a later timestamp, and what is agreed (rules C5, C6). `suspend`: the client sends nothing " +
      "more before its next RESUME, and nobody waits for it (rule C7).",
    fields: { v: varint, ts: varint, agreed: varint, done: varint, suspend: flag },
  },
  COPY: {
    code: 0x05,
    way: "reader to replica",
    purpose:
      "The first frame, in place of HELLO, of a link for one copy of the database, and every later frame on it. It " +
      "asks for a copy with at least `atLeast` executed commands, from `offset` on. `offset` is 0 at first, and " +
      "then the end of the last piece.",
    fields: { version: varint, atLeast: varint, offset: varint },
  },
  WATCH: {
    code: 0x06,
    way: "reader to replica",
    purpose:
      "The first frame, in place of HELLO, of a link that watches the log of the database, and every later frame on " +
      "it. It asks for the entries after index `after`. The next WATCH begins where the last ENTRIES ended. " +
      "`cluster` is the cluster that the log belongs to; absent: any.",
    fields: { version: varint, cluster: optional(hex(16)), after: varint },
  },
  STATUS: {
    code: 0x07,
    way: "reader to replica",
    purpose:
      "The first frame, in place of HELLO, of a link that asks for a replica's status, and every later frame on it. " +
      "`waits`: the replica also says what it waits for.",
    fields: { version: varint, waits: flag },
  },
  VIEW: {
    code: 0x11,
    way: "replica to client",
    purpose:
      "The view that the sender, `from`, has installed. `base`: the session's last request that was executed before " +
      "the view (0: none, or the replica does not know the session). `forgot`: the last view at whose start " +
      "sessions expired (0: never).",
    fields: { cluster: hex(16), v: varint, from: varint, members: list(member), base: varint, forgot: varint },
  },
  READY: {
    code: 0x12,
    way: "replica to client",
    purpose: "Confirms RESUME (rule R2): the client's timestamps in `v` must be above `floor`.",
    fields: { v: varint, floor: varint },
  },
  ACK: {
    code: 0x13,
    way: "replica to client",
    purpose: "The sender has the session's requests up to `seq`; `clock` is its clock.",
    fields: { v: varint, seq: varint, clock: varint },
  },
  NUDGE: {
    code: 0x14,
    way: "replica to client",
    purpose: "Requests up to timestamp `ts` wait for the client: it should send a later timestamp (rule C6).",
    fields: { v: varint, ts: varint },
  },
  OUTPUT: {
    code: 0x15,
    way: "replica to client",
    purpose:
      "The outputs of request `seq`, one per command, as a batch. `index`: the index of its first command in the " +
      "log, from 1.",
    fields: { seq: varint, index: varint, outputs: batch },
  },
  REFUSED: {
    code: 0x16,
    way: "replica to client",
    purpose:
      "The last frame before the sender closes the link, to a client or to anybody else. `cluster`: present if the " +
      "reason is that the client belongs to another cluster.",
    fields: { reason: text, cluster: optional(hex(16)) },
  },
  COPIED: {
    code: 0x17,
    way: "replica to reader",
    purpose:
      "A piece of the database as it is after `executed` commands, from `offset` on; `total` is the length of the " +
      "whole copy. All pieces of a copy are the same except for `offset` and `bytes`.",
    fields: { cluster: hex(16), executed: varint, offset: varint, total: varint, bytes: blob },
  },
  ENTRIES: {
    code: 0x18,
    way: "replica to reader",
    purpose:
      "Follows a WATCH: the entries after its `after`, without gaps, up to index `last`. The sender has executed " +
      "that entry, and it cannot be lost any more. `bytes` are the entries as the state machine writes them. If " +
      "`bytes` is empty and `last` equals `after`, there was no entry for a while.",
    fields: { cluster: hex(16), last: varint, bytes: blob },
  },
  STATUS_IS: {
    code: 0x19,
    way: "replica to reader",
    purpose: "Follows a STATUS: replica `id` is in view `v` (0: it is `joining`, and not a member yet) with these " +
      "`members`. `frozen`: the view is about to end. `executed` counts its commands, and `digest` covers them. " +
      "`lastEntry` is the index of the last entry in the log of its database (0: none). `logBytes` of the log's " +
      "room are taken; above `logBytesMax`, the database refuses every change (0: never). `durable`: it has a disk. " +
      "`pending` counts requests that it has received and not executed. `memoryBytes`: the main memory of its " +
      "process. `uptimeMs`: milliseconds since it began. `waits` is present if the STATUS asked for it: the first " +
      "of the `pending` requests in the order of their uids, the number of `active` clients, and those that the " +
      "replica has `heard` least far. A request `waitsFor` that many of these clients, the first ones (0: it is " +
      "stable). `flush`: what a coordinator waits for, and from whom.",
    fields: {
      cluster: hex(16),
      id: varint,
      v: varint,
      members: list(varint),
      joining: flag,
      frozen: flag,
      durable: flag,
      executed: varint,
      lastEntry: varint,
      logBytes: varint,
      logBytesMax: varint,
      digest: hex(7),
      clock: varint,
      sessions: varint,
      pending: varint,
      memoryBytes: varint,
      uptimeMs: varint,
      waits: optional(waits),
    },
  },
  PEER: {
    code: 0x21,
    way: "replica to replica",
    purpose:
      "The first frame of a link between replicas. `from` opens the link, and `to` is the replica that it means to " +
      "reach. The launcher gave `key` to each replica; it proves that the sender is one.",
    fields: { version: varint, cluster: hex(16), from: varint, to: varint, key: hex(32) },
  },
  ALARM: {
    code: 0x22,
    way: "replica to replica",
    purpose: "An active client was lost in view `v`, or the sessions need tidying: the view must end (rules R6, V10).",
    fields: { v: varint },
  },
  PREPARE: {
    code: 0x23,
    way: "replica to replica",
    purpose: "The coordinator starts a round of the flush that ends view `v` (rule V1).",
    fields: { v: varint, ballot },
  },
  REPORT: {
    code: 0x24,
    way: "replica to replica",
    purpose:
      "Follows PREPARE; the sender is frozen (rule V2), and this is its `clock`. `received`: the last request of " +
      "each session with requests in `v`. `vanished`: sessions that had no link for long enough to expire. " +
      "`accepted`: absent if the sender accepted nothing.",
    fields: {
      v: varint,
      ballot,
      clock: varint,
      received: list(sessionSeq),
      vanished: list(clientId),
      accepted: optional(accepted),
    },
  },
  NACK: {
    code: 0x25,
    way: "replica to replica",
    purpose: "Refuses a PREPARE or ACCEPT whose ballot is below `promised`.",
    fields: { v: varint, ballot, promised: ballot },
  },
  ACCEPT: {
    code: 0x26,
    way: "replica to replica",
    purpose: "The coordinator proposes how view `v` ends (rule V3).",
    fields: { v: varint, ballot, decision },
  },
  ACCEPTED: {
    code: 0x27,
    way: "replica to replica",
    purpose: "Confirms ACCEPT (rule V4).",
    fields: { v: varint, ballot },
  },
  INSTALL: {
    code: 0x28,
    way: "replica to replica",
    purpose: "The decision, flooded: a replica sends it to all others before it installs it (rule V6).",
    fields: { decision },
  },
  DIGEST: {
    code: 0x29,
    way: "replica to replica",
    purpose:
      "Where the sender has begun view `position.v`: every member of the view must be there. `digest` covers all " +
      "`requests` that it has executed, and their outputs.",
    fields: { position },
  },
  JOIN: {
    code: 0x31,
    way: "replica to replica",
    purpose:
      "The sender, `member`, wants to be a member (rule V9). It sends this to every replica. `position`: what it " +
      "has executed already, as a member that came back; absent if nothing.",
    fields: { member, position: optional(position) },
  },
  FETCH: {
    code: 0x32,
    way: "replica to replica",
    purpose: "A newcomer has the donor's snapshot up to `offset`, and wants the next piece.",
    fields: { offset: varint },
  },
  PIECE: {
    code: 0x33,
    way: "replica to replica",
    purpose: "A piece of the snapshot of a donor in view `v`, from `offset` on; `total` is the length of the whole " +
      "snapshot. A piece at offset 0 begins a new snapshot, and the newcomer drops what it had before.",
    fields: { v: varint, offset: varint, total: varint, bytes: blob },
  },
  FOLLOW: {
    code: 0x34,
    way: "replica to replica",
    purpose: "What the donor has executed in view `v` since its snapshot, or since the last FOLLOW, in order.",
    fields: { v: varint, requests: list(carried) },
  },
  FOLLOWED: {
    code: 0x35,
    way: "replica to replica",
    purpose:
      "The newcomer has followed this many events, requests and changes of view, since the snapshot or the DELTA.",
    fields: { count: varint },
  },
  VIEWED: {
    code: 0x36,
    way: "replica to replica",
    purpose: "The donor has installed view `v` without the newcomer; these sessions expired.",
    fields: { v: varint, expired: list(clientId) },
  },
  STATE: {
    code: 0x37,
    way: "replica to replica",
    purpose:
      "The coordinator is frozen in view `v` and has nothing more to follow. With its `clock` and its `pending` " +
      "requests, the newcomer is its clone (rule V9).",
    fields: { v: varint, ballot, clock: varint, pending: list(carried) },
  },
  STATE_OK: {
    code: 0x38,
    way: "replica to replica",
    purpose: "The newcomer has the STATE of this round.",
    fields: { v: varint, ballot },
  },
  DELTA: {
    code: 0x39,
    way: "replica to replica",
    purpose:
      "In place of a snapshot of the donor in view `v`: the newcomer's own data are whole up to `position`, and " +
      "what it has missed follows.",
    fields: { v: varint, position },
  },
  DIVERGED: {
    code: 0x3a,
    way: "replica to replica",
    purpose:
      "The newcomer has executed something else than the donor, which had another digest at this `position`. The " +
      "newcomer must stop.",
    fields: { position },
  },
} as const satisfies Record<string, Layout>;

/** The name of a message. */
export type Kind = keyof typeof layouts;

/** The message of one kind, or of any of several. */
export type MessageOf<K extends Kind> = ValueOf<typeof layouts, K>;

/** Any message. */
export type Message = MessageOf<Kind>;

type KindsOnWay<W extends Layout["way"]> = {
  [K in Kind]: typeof layouts[K]["way"] extends W ? K : never;
}[Kind];

/** What a client sends in a session. */
export type ClientMessage = MessageOf<KindsOnWay<"client to replica">>;

/** What a replica sends to a client in a session. */
export type ReplyMessage = MessageOf<KindsOnWay<"replica to client">>;

/** What a reader asks. */
export type ReaderMessage = MessageOf<KindsOnWay<"reader to replica">>;

/** What a reader is answered. */
export type AnswerMessage = MessageOf<KindsOnWay<"replica to reader">>;

/** What replicas send to each other. */
export type MeshMessage = MessageOf<Exclude<KindsOnWay<"replica to replica">, "PEER">>;

/** Whether a message is of this kind. */
export function isOf<K extends Kind>(message: Message, kind: K): message is Message & MessageOf<K> {
  return message.kind === kind;
}

/** Whether replicas send it to each other on a link that stands. */
export function isMeshMessage(message: Message): message is MeshMessage {
  return layouts[message.kind].way === "replica to replica" && message.kind !== "PEER";
}
