/**
 * One message of each kind with its bytes, written out by hand from docs/reference/wire.md: what pins the wire format.
 *
 * @module
 */

import type { Message } from "../../../src/protocol/wire/messages.ts";

const cluster = "c0".repeat(16);
const secret = "5e".repeat(32);
const client = "0102030405060708090a0b0c0d0e0f10";
const other = "ff".repeat(16);
const members = [{ id: 0, address: "r0" }, { id: 65, address: "h:8893" }];
const decision = { v: 3, members, clock: 300, cut: [{ client, seq: 300 }], expired: [other] };
const decisionHex = `03 02 00 02 7230 41 06 683a38383933 ac02 01 ${client} ac02 01 ${other}`;
const statusIs = {
  kind: "STATUS_IS",
  cluster,
  v: 2,
  members: [0, 65],
  joining: false,
  frozen: true,
  durable: false,
  executed: 300,
  lastEntry: 128,
  logBytes: 300,
  logBytesMax: 2 ** 32,
  digest: "0123456789abcd",
  clock: 301,
  sessions: 3,
  pending: 4,
  history: undefined,
  files: undefined,
} as const;

const requests = [
  { client, seq: 6, ts: 2 ** 32, done: 4, end: false, commands: new Uint8Array([2, 0xaa, 0xbb, 0]) },
  { client: other, seq: 7, ts: 9, done: 6, end: true, commands: new Uint8Array(0) },
];
const requestsHex = `02 ${client} 06 8080808010 04 00 04 02aabb00 ${other} 07 09 06 01 00`;

/** Each message and its bytes. */
export const golden: readonly (readonly [Message, hex: string])[] = [
  [{ kind: "GREET", version: 9, purpose: "session", nonce: secret }, `01 09 00 ${secret}`],
  [{ kind: "GREET", version: 9, purpose: "replica", nonce: secret }, `01 09 04 ${secret}`],
  [{ kind: "PROOF", name: "ann", proof: secret }, `0c 03 616e6e ${secret}`],
  [{ kind: "CHALLENGE", nonce: secret }, `1c ${secret}`],
  [{ kind: "ADMITTED", role: "operate", now: 300, proof: secret }, `1d 02 ac02 ${secret}`],
  [{ kind: "FORBIDDEN", reason: "nö" }, "1e 03 6ec3b6"],
  [{ kind: "HELLO", version: 9, cluster: undefined, secret, done: 0 }, `0b 09 00 ${secret} 00`],
  [{ kind: "HELLO", version: 9, cluster, secret, done: 7 }, `0b 09 01 ${cluster} ${secret} 07`],
  [{ kind: "RESUME", v: 2, ts: 128, done: 5 }, "02 02 8001 05"],
  [
    {
      kind: "REQUEST",
      v: 1,
      seq: 6,
      ts: 2 ** 32,
      upto: 2 ** 32 + 16,
      done: 4,
      end: false,
      commands: new Uint8Array([2, 0xaa, 0xbb, 0, 1, 0xcc]),
    },
    "08 01 06 8080808010 9080808010 04 00 06 02aabb 00 01cc",
  ],
  [
    { kind: "REQUEST", v: 1, seq: 7, ts: 9, upto: 128, done: 6, end: true, commands: new Uint8Array(0) },
    "08 01 07 09 8001 06 01 00",
  ],
  [{ kind: "CLOCK", v: 1, ts: 300, done: 6, suspend: true }, "09 01 ac02 06 01"],
  [{ kind: "READ", v: 2, rid: 300, after: 6, commands: new Uint8Array([1, 0xee]) }, "0a 02 ac02 06 02 01ee"],
  [{ kind: "COPY", version: 9, atLeast: 9, offset: 300 }, "05 09 09 ac02"],
  [{ kind: "WATCH", version: 9, cluster: undefined, after: 0 }, "06 09 00 00"],
  [{ kind: "WATCH", version: 9, cluster, after: 300 }, `06 09 01 ${cluster} ac02`],
  [{ kind: "STATUS", version: 9, waits: false }, "07 09 00"],
  [{ kind: "STATUS", version: 9, waits: true }, "07 09 01"],
  [
    { kind: "VIEW", cluster, v: 2, from: 65, members, base: 6, forgot: 0 },
    `11 ${cluster} 02 41 02 00 02 7230 41 06 683a38383933 06 00`,
  ],
  [{ kind: "READY", v: 2, floor: 300, pace: 1 }, "12 02 ac02 01"],
  [{ kind: "FULL", v: 300 }, "1f ac02"],
  [{ kind: "NUDGE", v: 2, ts: 128 }, "14 02 8001"],
  [
    { kind: "OUTPUT", v: 2, clock: 300, seq: 6, index: 1000, outputs: new Uint8Array([1, 0xee]) },
    "1a 02 ac02 06 e807 02 01ee",
  ],
  [{ kind: "VALUE", rid: 300, index: 1000, outputs: new Uint8Array([1, 0xee]) }, "1b ac02 e807 02 01ee"],
  [{ kind: "REFUSED", reason: "nö", cluster: undefined }, "16 03 6ec3b6 00"],
  [{ kind: "REFUSED", reason: "", cluster }, `16 00 01 ${cluster}`],
  [
    {
      kind: "COPIED",
      cluster,
      executed: 1000,
      offset: 300,
      estimate: 302,
      final: true,
      part: 3,
      bytes: Uint8Array.of(0xaa, 0xbb),
    },
    `17 ${cluster} e807 ac02 ae02 01 03 02 aabb`,
  ],
  [{ kind: "ENTRIES", cluster, last: 302, bytes: Uint8Array.of(0xaa, 0xbb) }, `18 ${cluster} ae02 02 aabb`],
  [{ kind: "ENTRIES", cluster, last: 300, bytes: new Uint8Array(0) }, `18 ${cluster} ac02 00`],
  [
    {
      ...statusIs,
      id: 65,
      memoryBytes: 2 ** 32,
      uptimeMs: 1000,
      restored: undefined,
      fetched: undefined,
      waits: undefined,
    },
    `19 ${cluster} 41 02 02 00 41 00 01 00 ac02 8001 ac02 8080808010 0123456789abcd ad02 03 04 8080808010 e807 ` +
    "00 00 00 00 00",
  ],
  [
    {
      ...statusIs,
      id: 0,
      memoryBytes: 1000,
      uptimeMs: 1000,
      restored: 100,
      fetched: 37,
      history: {
        segments: 3,
        bytes: 300,
        unsealedBytes: 128,
        freeBytes: 1,
        diskBytes: 300,
        damaged: 1,
        damages: ["d"],
        failure: "f",
      },
      files: { isLogFailing: true, logMissing: 300, isShort: false, commitMicros: 128 },
      waits: {
        pending: [
          {
            client,
            seq: 7,
            ts: 299,
            end: false,
            count: 300,
            commands: Uint8Array.of(1, 0xee),
            waitsFor: 1,
            lacks: [],
          },
          { client, seq: 8, ts: 301, end: true, count: 0, commands: new Uint8Array(0), waitsFor: 1, lacks: [2, 65] },
        ],
        active: 300,
        heard: [{ client, lastTs: 298, barred: true }],
        flush: { stage: "accepted", from: [65] },
      },
    },
    `19 ${cluster} 00 02 02 00 41 00 01 00 ac02 8001 ac02 8080808010 0123456789abcd ad02 03 04 e807 e807 01 64 01 25 ` +
    "01 03 ac02 8001 01 ac02 01 01 01 64 01 01 66 01 01 ac02 00 8001 01 " +
    `02 ${client} 07 ab02 00 ac02 02 01ee 01 00 ${client} 08 ad02 01 00 00 01 02 02 41 ` +
    `ac02 01 ${client} aa02 01 01 02 01 41`,
  ],
  [
    { kind: "SEALED", segments: [{ kind: 1, number: 300, redacted: 128, digest: new Uint8Array(32).fill(0xd1) }] },
    `40 01 01 ac02 8001 ${"d1".repeat(32)}`,
  ],
  [{ kind: "DISPUTED", v: 3, places: [{ kind: 1, number: 300 }, { kind: 2, number: 1 }] }, "41 03 02 01 ac02 02 01"],
  [
    { kind: "STATED", v: 3, segments: [{ kind: 2, number: 1, redacted: 0, digest: new Uint8Array(32).fill(0xd1) }] },
    `42 03 01 02 01 00 ${"d1".repeat(32)}`,
  ],
  [{ kind: "STATED", v: 3, segments: [] }, "42 03 00"],
  [{ kind: "PEER", version: 9, cluster, from: 65, to: 2 }, `2e 09 ${cluster} 41 02`],
  [{ kind: "ALARM", v: 2, blame: undefined }, "2a 02 00"],
  [{ kind: "ALARM", v: 2, blame: { client, seq: 6, waitedMs: 2000 } }, `2a 02 01 ${client} 06 d00f`],
  [{ kind: "PREPARE", v: 2, ballot: { n: 1, id: 65 } }, "23 02 01 41"],
  [
    {
      kind: "REPORT",
      v: 2,
      ballot: { n: 1, id: 0 },
      sessions: [{ client, executed: 6, sums: [300, 9] }],
      vanished: [other],
      accepted: undefined,
    },
    `2b 02 01 00 01 ${client} 06 02 ac02 09 01 ${other} 00`,
  ],
  [
    {
      kind: "REPORT",
      v: 2,
      ballot: { n: 2, id: 65 },
      sessions: [],
      vanished: [],
      accepted: { ballot: { n: 1, id: 0 }, decision },
    },
    `2b 02 02 41 00 00 01 01 00 ${decisionHex}`,
  ],
  [{ kind: "NACK", v: 2, ballot: { n: 1, id: 0 }, promised: { n: 2, id: 65 } }, "25 02 01 00 02 41"],
  [{ kind: "ACCEPT", v: 2, ballot: { n: 1, id: 0 }, decision }, `26 02 01 00 ${decisionHex}`],
  [{ kind: "ACCEPTED", v: 2, ballot: { n: 1, id: 0 } }, "27 02 01 00"],
  [{ kind: "INSTALL", decision }, `28 ${decisionHex}`],
  [{ kind: "JOIN", member: { id: 65, address: "h:8893" }, position: undefined }, "31 41 06 683a38383933 00"],
  [
    { kind: "JOIN", member: { id: 65, address: "h:8893" }, position: { v: 3, requests: 300, digest: 5 } },
    "31 41 06 683a38383933 01 03 ac02 05",
  ],
  [{ kind: "DIGEST", position: { v: 3, requests: 300, digest: 5 } }, "29 03 ac02 05"],
  [
    { kind: "RECEIVED", v: 2, receipts: [{ client, seq: 6, ts: 300, sum: 2 ** 32 }], upTo: { ts: 128, client: other } },
    `2c 02 01 ${client} 06 ac02 8080808010 8001 ${other}`,
  ],
  [
    { kind: "EXECUTED", position: { v: 3, requests: 300, digest: 5 }, upTo: { ts: 128, client } },
    `2d 03 ac02 05 8001 ${client}`,
  ],
  [{ kind: "DELTA", v: 4, position: { v: 3, requests: 300, digest: 5 } }, "39 04 03 ac02 05"],
  [{ kind: "SEGMENTS" }, "3c"],
  [
    { kind: "SEGMENTS_ARE", segments: [{ kind: 2, number: 300, digest: new Uint8Array(32).fill(0xab) }] },
    `3d 01 02 ac02 ${"ab".repeat(32)}`,
  ],
  [
    { kind: "PART", segment: { kind: 1, number: 3, digest: new Uint8Array(32).fill(0xab) }, part: 128 },
    `3e 01 03 ${"ab".repeat(32)} 8001`,
  ],
  [{
    kind: "PART_IS",
    segment: { kind: 1, number: 3, digest: new Uint8Array(32).fill(0xab) },
    part: 0,
    fileBytes: 131,
    bytes: new Uint8Array([7, 0]),
  }, `3f 01 03 ${"ab".repeat(32)} 00 8301 02 0700`],
  [{ kind: "DIVERGED", position: { v: 3, requests: 300, digest: 5 } }, "3a 03 ac02 05"],
  [{ kind: "FETCH", offset: 262_144 }, "32 808010"],
  [
    { kind: "PIECE", v: 2, offset: 128, estimate: 131, final: true, bytes: new Uint8Array([7, 0, 0xff]) },
    "33 02 8001 8301 01 03 0700ff",
  ],
  [{ kind: "PIECE", v: 2, offset: 0, estimate: 0, final: false, bytes: new Uint8Array(0) }, "33 02 00 00 00 00"],
  [{ kind: "FOLLOW", v: 2, requests }, `34 02 ${requestsHex}`],
  [{ kind: "FOLLOWED", count: 300 }, "35 ac02"],
  [{ kind: "VIEWED", v: 3, expired: [other] }, `36 03 01 ${other}`],
  [{ kind: "STATE", v: 2, ballot: { n: 1, id: 65 }, pending: requests }, `3b 02 01 41 ${requestsHex}`],
  [{ kind: "STATE", v: 2, ballot: { n: 1, id: 65 }, pending: [] }, "3b 02 01 41 00"],
  [{ kind: "STATE_OK", v: 2, ballot: { n: 1, id: 65 } }, "38 02 01 41"],
];
