/**
 * The messages between clients and nodes: those that are about sessions and status. How a link is opened, the entries
 * of the log and copies are as with replicas; see `src/protocol/wire/messages.ts`.
 *
 * A client has a link to one node, and continues at another one when that is lost. It sends again there, with the same
 * seq, each request whose outcome it has not heard (rule E3).
 *
 * @module
 */

import { type Codec, type CodecsByField, fields } from "../../protocol/wire/fields.ts";
import type { ValueOf } from "../../protocol/wire/kinds.ts";
import { codecs } from "../../protocol/wire/records.ts";
import { type NodeRefusal, nodeRefusals } from "../core/order.ts";

const { flag, varint, text, hex, batch, optional, list, record, oneOf } = fields;
const { history, files } = codecs;

const refusal: Codec<NodeRefusal> = oneOf("refusal", nodeRefusals);

const node = record("node", {
  /** Its name: unique for each start. */
  name: text,
  /** `host:port`, for clients. */
  address: text,
});

const seenNode = record("node that another one has heard of", {
  name: text,
  address: text,
  /** A record that it has applied. */
  n: varint,
  /** Milliseconds that its clock is ahead, plus 2^40: it may be behind. */
  skewMs: varint,
});

const engineMember = record("member of the engine", {
  address: text,
  /** Why it gives no status; absent: it has given one. */
  failure: optional(text),
  version: optional(text),
  isLeader: flag,
  /** Bytes of its data, and the most that it may have; absent: nobody knows. */
  bytes: optional(varint),
  bytesMax: optional(varint),
});

const engine = record("engine", {
  /** Whether a majority of its members has answered in time. */
  hasQuorum: flag,
  members: list(engineMember),
  /** A sentence for each thing that a person should do. */
  warnings: list(text),
});

/** The sender of a message, and its receiver. A *reader* has no session. */
type NodeWay = "client to node" | "node to client" | "node to reader";

function messages<W extends NodeWay>(way: W) {
  return <F extends CodecsByField>(code: number, fields: F, purpose: string) => ({ way, code, fields, purpose });
}

const toNode = messages("client to node");
const toClient = messages("node to client");
const answer = messages("node to reader");

/** All messages. Codes are never reused, and none is one of those among replicas and their clients. */
export const nodeLayouts = {
  NODE: toClient(
    0x50,
    { cluster: hex(16), name: text, born: varint, executed: varint, nodes: list(node) },
    "Follows HELLO: the sender is a node, `name`, and not a replica. `born`: the number of a record that it has " +
      "applied; a client that makes a session says it in all SUBMITs of that. `executed`: the last request of the " +
      "session that it knows to be executed (0: none). `nodes`: those that it knows, itself included.",
  ),
  SUBMIT: toNode(
    0x51,
    { seq: varint, born: varint, done: varint, end: flag, commands: batch },
    "A request of the session (rule E3). `done`: the client has all outputs up to this seq. `end`: the session ends " +
      "with this request. Each SUBMIT has one RESULT, DECLINED or UNSURE.",
  ),
  ASK: toNode(
    0x52,
    { rid: varint, commands: batch },
    "Commands that change nothing (rule E8). `rid` is the number of the read in its client. Each ASK has one ANSWER " +
      "or DECLINED.",
  ),
  RESULT: toClient(
    0x53,
    { seq: varint, index: varint, outputs: batch },
    "The outputs of request `seq`, one per command. `index`: the index of its first command in the log, from 1.",
  ),
  ANSWER: toClient(
    0x54,
    { rid: varint, index: varint, outputs: batch },
    "The outputs of the commands of ASK `rid`. `index`: how many commands were executed before it.",
  ),
  DECLINED: toClient(
    0x55,
    { isRead: flag, number: varint, refusal, reason: text },
    "By this SUBMIT or ASK, nothing was or will be executed. `number` is its seq or rid. Another SUBMIT of the same " +
      "seq may be executed all the same.",
  ),
  UNSURE: toClient(
    0x56,
    { seq: varint, reason: text },
    "Nobody knows whether request `seq` was or will be executed. The client may send it again, to any node.",
  ),
  NODE_IS: answer(
    0x57,
    {
      cluster: hex(16),
      name: text,
      n: varint,
      lag: varint,
      epoch: varint,
      executed: varint,
      lastEntry: varint,
      logBytes: varint,
      logBytesMax: varint,
      digest: hex(7),
      sessions: varint,
      waiting: varint,
      memoryBytes: varint,
      uptimeMs: varint,
      halted: optional(text),
      nodes: list(seenNode),
      engine,
      history: optional(history),
      files: optional(files),
    },
    "Follows a STATUS: the node `name` has applied record `n`, knows of `lag` records more, and is in `epoch`. " +
      "`cluster` is all zeros before it has opened the order. " +
      "`executed` counts its commands, and `digest` covers them. `lastEntry`, `logBytes`, `logBytesMax`, " +
      "`memoryBytes`, `uptimeMs`, `history` and `files` are as in STATUS_IS. `waiting` requests wait at it for their " +
      "outputs. `halted`: why it has stopped; absent: it runs. `nodes`: the others, as far as it has heard of them " +
      "in the last seconds. `engine`: how the engine is, as this node sees it.",
  ),
};

/** The name of a message. */
export type NodeKind = keyof typeof nodeLayouts;

/** The message of one kind, or of any of several. */
export type NodeMessageOf<K extends NodeKind> = ValueOf<typeof nodeLayouts, K>;

/** Any message. */
export type NodeMessage = NodeMessageOf<NodeKind>;

type NodeKindsOn<W extends NodeWay> = {
  [K in NodeKind]: typeof nodeLayouts[K]["way"] extends W ? K : never;
}[NodeKind];

/** What a client sends in a session. */
export type ToNodeMessage = NodeMessageOf<NodeKindsOn<"client to node">>;

/** What a node sends to a client in a session. */
export type FromNodeMessage = NodeMessageOf<NodeKindsOn<"node to client">>;

/** How a node is. */
export type NodeStatus = NodeMessageOf<"NODE_IS">;
