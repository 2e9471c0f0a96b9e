/**
 * What a liar may say in a small world.
 *
 * Two timestamps are enough: one below all that honest clients send, and one above. With them, a liar can give replicas
 * different requests under one seq, send to some only, be active at some only, and say at last that it is far ahead.
 *
 * @module
 */

import { wireVersion } from "../../src/limits.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";

/** The liar's name; its id is below those of all honest clients, so that it wins each tie. */
export const liarName = "l0";

const secret = "0".repeat(64);

/** What it has said at the start: it is active at every replica. */
export const liarsBeginning: readonly Message[] = [
  { kind: "HELLO", version: wireVersion, cluster: undefined, secret, done: 0 },
  { kind: "RESUME", v: 1, ts: 0, done: 0 },
];

function request(v: number, seq: number, ts: number, command: number): Message {
  return { kind: "REQUEST", v, seq, ts, upto: ts, done: 0, end: false, commands: new Uint8Array([1, command]) };
}

/** The frames that it sends in view `v`. A fault ends its link, and the end of its link is a lie, too. */
export const alphabet: readonly ((v: number) => Message)[] = [
  (v) => ({ kind: "RESUME", v, ts: 0, done: 0 }),
  (v) => request(v, 1, 1, 101),
  (v) => request(v, 1, 30, 102),
  (v) => ({ kind: "CLOCK", v, ts: 40, done: 0, suspend: false }),
  // It is honest only if nothing was sent.
  (v) => ({ kind: "CLOCK", v, ts: 0, done: 0, suspend: true }),
];
