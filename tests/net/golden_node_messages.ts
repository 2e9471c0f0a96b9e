/**
 * One message of nodes of each kind with its bytes, written out by hand from docs/reference/wire.md.
 *
 * @module
 */

import type { NodeMessage } from "../../src/engine/wire/node_messages.ts";

const cluster = "c0".repeat(16);
/** A batch of one command, "a". */
const commands = Uint8Array.of(1, 0x61);
const outputs = commands;
const status = {
  kind: "NODE_IS",
  cluster,
  name: "n1",
  n: 300,
  lag: 1,
  epoch: 2,
  executed: 3,
  lastEntry: 4,
  logBytes: 5,
  logBytesMax: 2 ** 32,
  digest: "0123456789abcd",
  sessions: 6,
  waiting: 7,
  memoryBytes: 8,
  uptimeMs: 9,
  halted: "no",
  nodes: [{ name: "n2", address: "h:8893", n: 300, skewMs: 2 ** 40 - 5 }],
  engine: {
    hasQuorum: true,
    members: [
      { address: "e1", failure: undefined, version: "3.4.3", isLeader: true, bytes: 300, bytesMax: undefined },
    ],
    warnings: ["no"],
  },
  history: undefined,
  files: undefined,
} as const;

/** Each with its bytes as hexadecimal digits. */
export const goldenOfNodes: readonly (readonly [NodeMessage, hex: string])[] = [
  [
    { kind: "NODE", cluster, name: "n1", born: 300, executed: 2, nodes: [{ name: "n1", address: "h:8893" }] },
    `50 ${cluster} 02 6e31 ac02 02 01 02 6e31 06 683a38383933`,
  ],
  [{ kind: "SUBMIT", seq: 300, born: 1, done: 2, end: false, commands }, "51 ac02 01 02 00 02 0161"],
  [{ kind: "ASK", rid: 300, commands }, "52 ac02 02 0161"],
  [{ kind: "RESULT", seq: 300, index: 128, outputs }, "53 ac02 8001 02 0161"],
  [{ kind: "ANSWER", rid: 300, index: 128, outputs }, "54 ac02 8001 02 0161"],
  [
    { kind: "DECLINED", isRead: true, number: 300, refusal: "noQuorum", reason: "no" },
    "55 01 ac02 0a 02 6e6f",
  ],
  [{ kind: "UNSURE", seq: 300, reason: "no" }, "56 ac02 02 6e6f"],
  [
    status,
    `57 ${cluster} 02 6e31 ac02 01 02 03 04 05 8080808010 0123456789abcd 06 07 08 09 01 02 6e6f ` +
    "01 02 6e32 06 683a38383933 ac02 fbffffffff1f " +
    "01 01 02 6531 00 01 05 332e342e33 01 01 ac02 00 01 02 6e6f 00 00",
  ],
];
