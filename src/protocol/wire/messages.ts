/**
 * Every message of the wire protocol: who sends it, why, and what each field means.
 *
 * The layouts below are the only place where a message is defined: the types, the codec and the table in
 * `docs/reference/wire.md` are made from them. A message is a byte for its kind and then its fields in this order.
 *
 * @module
 */

import { type AccessRole, accessRoles } from "../../roles.ts";
import { type Codec, type CodecsByField, fields } from "./fields.ts";
import type { ValueOf } from "./kinds.ts";
import { codecs } from "./records.ts";

const { flag, varint, text, hex, blob, batch, optional, list, oneOf } = fields;
const { clientId, ballot, member, held, receipt, uid, blame, decision, carried, position, accepted } = codecs;
const { waits, history, files, segment, place, sealed } = codecs;

/** What a link is for; the side that opens it says so. */
export const linkPurposes = ["session", "copy", "watch", "status", "replica"] as const;

/** One of {@link linkPurposes}. */
export type LinkPurpose = typeof linkPurposes[number];

const purpose: Codec<LinkPurpose> = oneOf("purpose", linkPurposes);
const role: Codec<AccessRole> = oneOf("role", accessRoles);

/**
 * The sender and the receiver of a message. An *opener* opens a link, and is not admitted yet. A *reader* has no
 * session: it asks on its link, and changes nothing.
 */
type LinkWay =
  | "opener to replica"
  | "replica to opener"
  | "client to replica"
  | "replica to client"
  | "reader to replica"
  | "replica to reader"
  | "replica to replica";

/** Messages that go this way: each has the byte that starts it, its fields, and its purpose. */
function messages<W extends LinkWay>(way: W) {
  return <F extends CodecsByField>(code: number, fields: F, purpose: string) => ({ way, code, fields, purpose });
}

/** One message. */
export type Layout = ReturnType<ReturnType<typeof messages>>;

const toAdmit = messages("opener to replica");
const toOpener = messages("replica to opener");
const toReplica = messages("client to replica");
const toClient = messages("replica to client");
const question = messages("reader to replica");
const answer = messages("replica to reader");
const amongReplicas = messages("replica to replica");

/** All messages. Codes are never reused. */
export const layouts = {
  GREET: toAdmit(
    0x01,
    { version: varint, purpose, nonce: hex(32) },
    "The first frame of every link. `version` is that of the wire protocol. `purpose`: what the link is for. " +
      "`nonce`: 32 random bytes, drawn for this link. In earlier versions, another message of this code began the " +
      "link of a client, so they refuse this one with both versions.",
  ),
  PROOF: toAdmit(
    0x0c,
    { name: text, proof: hex(32) },
    "Follows CHALLENGE. `name` is that of the token, empty for a replica. `proof` shows that the sender has it.",
  ),
  CHALLENGE: toOpener(
    0x1c,
    { nonce: hex(32) },
    "Follows GREET. `nonce`: 32 random bytes, drawn for this link.",
  ),
  ADMITTED: toOpener(
    0x1d,
    { role, now: varint, proof: hex(32) },
    "Follows PROOF: the link is open. `role` is that of the token. `now` is the clock of the replica, in " +
      "milliseconds since 1970. `proof` shows that the replica knows the token.",
  ),
  FORBIDDEN: toOpener(
    0x1e,
    { reason: text },
    "The last frame before the replica closes the link of a session that has asked for more than the role of its " +
      "token allows. A replica that sends it has not received that request.",
  ),
  HELLO: toReplica(
    0x0b,
    { version: varint, cluster: optional(hex(16)), secret: hex(32), done: varint },
    "The first frame of a client's link after ADMITTED: it names the session. `version` is that of the wire " +
      "protocol. `cluster` is the cluster that the session was opened in; absent if the client knows none yet. The " +
      "session's id is the hash of `secret`. `done`: the client has all outputs up to this seq.",
  ),
  RESUME: toReplica(
    0x02,
    { v: varint, ts: varint, done: varint },
    "The client wants to send in view `v` (rule C3). `ts` is its clock: everything that it sends later has a " +
      "larger timestamp.",
  ),
  REQUEST: toReplica(
    0x08,
    { v: varint, seq: varint, ts: varint, upto: varint, done: varint, end: flag, commands: batch },
    "The next request of the session, broadcast to all members of `v` (rule C4). `upto`: the client promises to " +
      "send nothing else in `v` with a timestamp up to this one. `done`: the client has all outputs up to this seq. " +
      "`end`: the session ends with this request. `commands` is a batch.",
  ),
  CLOCK: toReplica(
    0x09,
    { v: varint, ts: varint, done: varint, suspend: flag },
    "The null request: a later timestamp (rule C6). `suspend`: the client sends nothing more before its next RESUME, " +
      "and nobody waits for it (rule C7).",
  ),
  READ: toReplica(
    0x0a,
    { v: varint, rid: varint, after: varint, commands: batch },
    "Commands that change nothing, for the answerer of `v` alone (rule C10). `rid` is the number of the read in its " +
      "client. The session's requests up to seq `after` come before it.",
  ),
  COPY: question(
    0x05,
    { version: varint, atLeast: varint, offset: varint },
    "The first frame after ADMITTED of a link for one copy of the database, and every later frame on it. It " +
      "asks for a copy with at least `atLeast` executed commands, from `offset` on. `offset` is 0 at first, and " +
      "then the end of the last piece; or, once the list of segments has come, a place behind it, to leave out files.",
  ),
  WATCH: question(
    0x06,
    { version: varint, cluster: optional(hex(16)), after: varint },
    "The first frame after ADMITTED of a link that watches the log of the database, and every later frame on " +
      "it. It asks for the entries after index `after`. The next WATCH begins where the last ENTRIES ended. " +
      "`cluster` is the cluster that the log belongs to; absent: any.",
  ),
  STATUS: question(
    0x07,
    { version: varint, waits: flag },
    "The first frame after ADMITTED of a link that asks for a replica's status, and every later frame on it. " +
      "`waits`: the replica also says what it waits for.",
  ),
  VIEW: toClient(
    0x11,
    { cluster: hex(16), v: varint, from: varint, members: list(member), base: varint, forgot: varint },
    "The view that the sender, `from`, has installed. `base`: the session's last request that was executed before " +
      "the view (0: none, or the replica does not know the session). `forgot`: the last view at whose start " +
      "sessions expired (0: never).",
  ),
  READY: toClient(
    0x12,
    { v: varint, floor: varint, pace: varint },
    "Confirms RESUME (rule R2): the client's timestamps in `v` must be above `floor`. Each request must promise " +
      "`pace` times as far as it must at least (rule R11).",
  ),
  FULL: toClient(
    0x1f,
    { v: varint },
    "Answers RESUME, before READY: the disk of the sender has little room, so it takes no changes in `v` for now. " +
      "It keeps the RESUME, and answers it with READY when there is room (rules R13 and C11).",
  ),
  NUDGE: toClient(
    0x14,
    { v: varint, ts: varint },
    "Requests up to timestamp `ts` wait for the client: it should send a later timestamp (rule C6).",
  ),
  OUTPUT: toClient(
    0x1a,
    { v: varint, clock: varint, seq: varint, index: varint, outputs: batch },
    "The outputs of request `seq`, one per command, as a batch. `index`: the index of its first command in the " +
      "log, from 1. `clock` is the clock of the sender in view `v`.",
  ),
  VALUE: toClient(
    0x1b,
    { rid: varint, index: varint, outputs: batch },
    "The outputs of the commands of READ `rid`, as a batch (rule R8). `index`: how many commands were executed " +
      "before it.",
  ),
  REFUSED: toClient(
    0x16,
    { reason: text, cluster: optional(hex(16)) },
    "The last frame before the sender closes the link, to a client or to anybody else. `cluster`: present if the " +
      "reason is that the client belongs to another cluster.",
  ),
  COPIED: answer(
    0x17,
    {
      cluster: hex(16),
      executed: varint,
      offset: varint,
      estimate: varint,
      final: flag,
      part: varint,
      bytes: blob,
    },
    "A piece of the database as it is after `executed` commands, from `offset` on. `part`: what it is a piece of; 1: " +
      "the state; 2: the list of the sealed segments that the state names; 3: their files, in the order of the list. " +
      "The parts come in this order. `final`: the copy ends with it. " +
      "`estimate`: about how many bytes the whole copy has. All pieces of a copy have " +
      "the same `cluster` and `executed`.",
  ),
  ENTRIES: answer(
    0x18,
    { cluster: hex(16), last: varint, bytes: blob },
    "Follows a WATCH: the entries after its `after`, without gaps, up to index `last`. The sender has executed " +
      "that entry, and it cannot be lost any more. `bytes` are the entries as the state machine writes them. If " +
      "`bytes` is empty and `last` equals `after`, there was no entry for a while.",
  ),
  STATUS_IS: answer(
    0x19,
    {
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
      restored: optional(varint),
      fetched: optional(varint),
      history: optional(history),
      files: optional(files),
      waits: optional(waits),
    },
    "Follows a STATUS: replica `id` is in view `v` (0: it is `joining`, and not a member yet) with these " +
      "`members`. `frozen`: the view is about to end. `executed` counts its commands, and `digest` covers them. " +
      "`lastEntry` is the index of the last entry in the log of its database (0: none). `logBytes` of the log's " +
      "room are taken; above `logBytesMax`, the database refuses every change (0: never). `durable`: it has a disk. " +
      "`pending` counts requests that it has received and not executed. `memoryBytes`: the main memory of its " +
      "process. `uptimeMs`: milliseconds since it began. `restored`: how much of the data of its donor a newcomer " +
      "has, in percent; absent: nobody feeds it. `fetched`: how much it has of the segments that it fetches; absent: " +
      "none. `history`: of its sealed history, absent where it seals " +
      "none; `bytes` of files, `unsealedBytes` of memory that wait to be sealed, room of the disk (0: nobody says), " +
      "how many parts are `damaged`, the first `damages`, and why nothing is sealed, as sentences. `files`: of its " +
      "other files, absent where it has none; whether its log cannot be written, and how many lines are missing in " +
      "it, whether its disk is so short of room that it takes no changes, and the mean of its last commits. `waits` " +
      "is present if the STATUS asked for it: the first of the `pending` requests in the order of their uids, the " +
      "number of `active` clients, and those that the replica has `heard` least far. A request `waitsFor` that many " +
      "of these clients, the first ones (0: it is stable). `flush`: what a coordinator waits for, and from whom.",
  ),
  PEER: amongReplicas(
    0x2e,
    { version: varint, cluster: hex(16), from: varint, to: varint },
    "The first frame of a link between replicas after ADMITTED. `from` opens the link, and `to` is the replica that " +
      "it means to reach.",
  ),
  ALARM: amongReplicas(
    0x2a,
    { v: varint, blame: optional(blame) },
    "View `v` must end (rule V1). `blame`: the client that seems to be the reason (rule R10); absent: none.",
  ),
  PREPARE: amongReplicas(
    0x23,
    { v: varint, ballot },
    "The coordinator starts a round of the flush that ends view `v` (rule V1).",
  ),
  REPORT: amongReplicas(
    0x2b,
    { v: varint, ballot, sessions: list(held), vanished: list(clientId), accepted: optional(accepted) },
    "Follows PREPARE; the sender is frozen (rule V2). `sessions`: what it has of each session with requests in `v`. " +
      "`vanished`: sessions that had no link for long enough to expire. `accepted`: absent if the sender accepted " +
      "nothing.",
  ),
  NACK: amongReplicas(
    0x25,
    { v: varint, ballot, promised: ballot },
    "Refuses a PREPARE or ACCEPT whose ballot is below `promised`.",
  ),
  ACCEPT: amongReplicas(0x26, { v: varint, ballot, decision }, "The coordinator proposes how view `v` ends (rule V3)."),
  ACCEPTED: amongReplicas(0x27, { v: varint, ballot }, "Confirms ACCEPT (rule V4)."),
  INSTALL: amongReplicas(
    0x28,
    { decision },
    "The decision, flooded: a replica sends it to all others before it installs it (rule V6).",
  ),
  DIGEST: amongReplicas(
    0x29,
    { position },
    "Where the sender has begun view `position.v`: every member of the view must be there. `digest` covers all " +
      "`requests` that it has executed, and their outputs.",
  ),
  SEALED: amongReplicas(
    0x40,
    { segments: list(sealed) },
    "The state of the sender names these segments: since the last SEALED, or since before it was a member (rule " +
      "V12). It leaves out those that it is to write again, because entries of them were redacted.",
  ),
  DISPUTED: amongReplicas(
    0x41,
    { v: varint, places: list(place) },
    "Before the DIGEST of view `v`: another member has told another digest of these segments than the sender names, " +
      "16 of them at most.",
  ),
  STATED: amongReplicas(
    0x42,
    { v: varint, segments: list(sealed) },
    "After the DIGESTs of all members, if one of them came after a DISPUTED: what the sender names of all segments " +
      "that a member of view `v` calls disputed. All members judge by what all have stated.",
  ),
  RECEIVED: amongReplicas(
    0x2c,
    { v: varint, receipts: list(receipt), upTo: uid },
    "The sender has received these requests since its last RECEIVED, for the answerer of `v` (rule R3). It has all " +
      "that it will ever receive in `v` up to `upTo`.",
  ),
  EXECUTED: amongReplicas(
    0x2d,
    { position, upTo: uid },
    "The answerer has executed all requests of view `position.v` up to `upTo`, and is at this `position` (rule R5).",
  ),
  JOIN: amongReplicas(
    0x31,
    { member, position: optional(position) },
    "The sender, `member`, wants to be a member (rule V9). It sends this to every replica. `position`: what it " +
      "has executed already, as a member that came back; absent if nothing.",
  ),
  FETCH: amongReplicas(
    0x32,
    { offset: varint },
    "A newcomer has the donor's snapshot up to `offset`, and wants the next piece.",
  ),
  PIECE: amongReplicas(
    0x33,
    { v: varint, offset: varint, estimate: varint, final: flag, bytes: blob },
    "A piece of the snapshot of a donor in view `v`, from `offset` on. `final`: the snapshot ends with it. " +
      "`estimate`: about how many bytes the whole snapshot has. A piece at offset 0 begins a new snapshot, and the " +
      "newcomer drops what it had before.",
  ),
  FOLLOW: amongReplicas(
    0x34,
    { v: varint, requests: list(carried) },
    "What the donor has executed in view `v` since its snapshot, or since the last FOLLOW, in order.",
  ),
  FOLLOWED: amongReplicas(
    0x35,
    { count: varint },
    "The newcomer has followed this many events, requests and changes of view, since the snapshot or the DELTA.",
  ),
  VIEWED: amongReplicas(
    0x36,
    { v: varint, expired: list(clientId) },
    "The donor has installed view `v` without the newcomer; these sessions expired.",
  ),
  STATE: amongReplicas(
    0x3b,
    { v: varint, ballot, pending: list(carried) },
    "The coordinator is frozen in view `v` and has nothing more to follow. With its `pending` requests, the newcomer " +
      "is its clone (rule V9).",
  ),
  STATE_OK: amongReplicas(0x38, { v: varint, ballot }, "The newcomer has the STATE of this round."),
  DELTA: amongReplicas(
    0x39,
    { v: varint, position },
    "In place of a snapshot of the donor in view `v`: the newcomer's own data are whole up to `position`, and " +
      "what it has missed follows.",
  ),
  DIVERGED: amongReplicas(
    0x3a,
    { position },
    "The newcomer has executed something else than the donor, which had another digest at this `position`. The " +
      "newcomer must stop.",
  ),
  SEGMENTS: amongReplicas(
    0x3c,
    {},
    "A newcomer asks a member which segments of the sealed history its state names.",
  ),
  SEGMENTS_ARE: amongReplicas(
    0x3d,
    { segments: list(segment) },
    "Follows SEGMENTS: the state of the sender names these `segments`, and has their files.",
  ),
  PART: amongReplicas(
    0x3e,
    { segment, part: varint },
    "A replica asks for a part of the file of a `segment`: a newcomer, or a member whose file is damaged. `part`: 0 " +
      "for what follows the blocks in it, or else the number of a block, from 1.",
  ),
  PART_IS: amongReplicas(
    0x3f,
    { segment, part: varint, fileBytes: varint, bytes: blob },
    "Follows PART. `fileBytes`: how many bytes the file of the sender has. `bytes` are the packed block, or what " +
      "follows the blocks. None: the sender does not have the part, such as because the segment was redacted, or is " +
      "damaged.",
  ),
};

/** The name of a message. */
export type Kind = keyof typeof layouts;

/** The message of one kind, or of any of several. */
export type MessageOf<K extends Kind> = ValueOf<typeof layouts, K>;

/** Any message. */
export type Message = MessageOf<Kind>;

type KindsOnWay<W extends LinkWay> = {
  [K in Kind]: typeof layouts[K]["way"] extends W ? K : never;
}[Kind];

/** What the opener of a link sends before it is admitted. */
export type OpenerMessage = MessageOf<KindsOnWay<"opener to replica">>;

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
