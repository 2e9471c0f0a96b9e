/** What a replica leaves on its disk, in the rarer cases: all of it can be read again, and says what was. */

import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../src/bytes.ts";
import { followedBytesMax } from "../../../src/limits.ts";
import { Donor, newcomerSlowMs } from "../../../src/protocol/replica/donor.ts";
import { entriesOf } from "../../../src/protocol/replica/journal.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { CarriedRequest, Decision } from "../../../src/protocol/wire/records.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import { Replica } from "../../../src/protocol/replica/replica.ts";
import type { Ready, ReplicaEvent } from "../../../src/protocol/replica/replica_events.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { batchOf } from "../wire/messages_of.ts";
import { Driven } from "./driven.ts";

const cluster = "c".repeat(32);
const key = "ab".repeat(32);
const client = "a".repeat(32);
const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));

const from = (id: number, message: MeshMessage): ReplicaEvent => ({ kind: "fromPeer", from: id, message });

function request(seq: number, ts = seq): CarriedRequest {
  const command = new ByteWriter();
  command.varint(seq);
  return { client, seq, ts, done: 0, end: false, commands: batchOf(command.view()) };
}

function sent(seq: number): ReplicaEvent {
  return { kind: "fromClient", link: 1, message: { kind: "REQUEST", v: 1, upto: seq, ...request(seq) } };
}

const decisionFor = (ids: readonly number[], seq: number): Decision => ({
  v: 2,
  members: members.filter(({ id }) => ids.includes(id)),
  clock: 9,
  cut: [{ client, seq }],
  expired: [],
});

const hello: ReplicaEvent = { kind: "hello", link: 1, client, cluster: undefined, done: 0 };
const resume: ReplicaEvent = { kind: "fromClient", link: 1, message: { kind: "RESUME", v: 1, ts: 0, done: 0 } };

Deno.test("Replica left out of the next view can read its disk again, which has nothing of that view", () => {
  const driven = new Driven(3);
  driven.after(hello, resume, sent(1));
  const { effects } = driven.after(from(1, { kind: "INSTALL", decision: decisionFor([1, 2], 1) }));
  assertEquals(effects.some(({ kind }) => kind === "halt"), true);
  const { found, order } = driven.recovered();
  assertEquals([found.v, found.highest], [1, { v: 1, members }]);
  assertEquals([order.executor.executed, [...order.pending].map(({ seq }) => seq)], [0, [1]]);
});

Deno.test("Replica counts what is on its disk when it comes back, so that many short lives do not fill it", () => {
  const driven = new Driven(3);
  driven.after(hello, resume, sent(1));
  const { checkpointBytes, journalBytes } = driven.recovered();
  assertEquals(checkpointBytes, driven.checkpoint.length);
  assertEquals(journalBytes, driven.rows.reduce((sum, row) => sum + row.length, 0));
  assertEquals(entriesOf(driven.rows[0]).next().value?.kind, "received");
});

// ---- A newcomer whose snapshot is on its way to its disk ----

const self = { id: 67, address: "r3" };

/** What a donor would send of a state in which one request was executed. */
function snapshot(): Uint8Array {
  const alone = new Replica({
    key,
    id: 0,
    cluster,
    members: [members[0]],
    machine: new DigestMachine(),
    durable: true,
  });
  for (const event of [hello, resume, sent(1)]) alone.step(event);
  let bytes = new Uint8Array(0);
  alone.ready();
  alone.step(from(self.id, { kind: "JOIN", member: self, position: undefined }));
  for (const effect of alone.ready().effects) {
    if (effect.kind === "toReplica" && effect.message.kind === "PIECE") bytes = effect.message.bytes.slice();
  }
  return bytes;
}

/** It has taken the snapshot of replica 0, which is not on its disk yet. */
function newcomer(): Driven {
  const driven = new Driven(3, { id: self.id, members: [...members, self], joining: true });
  const bytes = snapshot();
  const ready = driven.after(from(0, { kind: "PIECE", v: 1, offset: 0, estimate: bytes.length, final: true, bytes }));
  assertEquals([ready.writes.map(({ kind }) => kind), ready.restored], [["checkpoint"], 1]);
  return driven;
}

const nothing: Ready = { writes: [], restored: undefined, executed: [], effects: [], wantsLull: false };

const said = ({ effects }: Ready) =>
  effects.flatMap((effect) => effect.kind === "toReplica" ? [effect.message.kind] : []);

Deno.test("Replica that takes a snapshot says nothing of it before it is on the disk, whatever its donor sends", () => {
  const driven = newcomer();
  const state: MeshMessage = { kind: "STATE", v: 1, ballot: { n: 1, id: 0 }, pending: [request(2)] };
  assertEquals(driven.after(from(0, state)), nothing);
  assertEquals(said(driven.after({ kind: "checkpointed" })), ["FOLLOWED"]);
  assertEquals(said(driven.after(from(0, { ...state, ballot: { n: 2, id: 0 } }))), ["STATE_OK"]);
  assertEquals(driven.recovered().clone?.ballot, { n: 2, id: 0 });
});

Deno.test("Replica that takes a snapshot writes no later rows before the snapshot is on the disk", () => {
  const driven = newcomer();
  const { position } = driven.recovered().order;
  // The donor has died; the next one finds that this is a beginning.
  assertEquals(driven.after(from(1, { kind: "DELTA", v: 2, position })), nothing);
  assertEquals(driven.after(from(1, { kind: "FOLLOW", v: 2, requests: [request(2)] })), nothing);
  const ready = driven.after({ kind: "checkpointed" });
  assertEquals([ready.writes.map(({ kind }) => kind), said(ready)], [["journal"], ["FOLLOWED"]]);
  assertEquals(driven.recovered().order.position.requests, 2);
});

Deno.test("Donor.send() in a flush sends no new snapshot to a newcomer that is its clone already", () => {
  const order = new Order(new DigestMachine(), false);
  order.v = 1;
  const kinds: string[] = [];
  const donor = new Donor(order, (_, { kind }) => kinds.push(kind));
  donor.remember({ kind: "JOIN", member: self, position: undefined });
  donor.feed();
  donor.followed(self.id, 0);
  const bytes = 1_000_000;
  for (let seq = 1; seq <= followedBytesMax / bytes + 1; seq++) {
    order.follow(1, { ...request(seq), done: seq - 1, commands: batchOf(new Uint8Array(bytes)) });
  }
  donor.pass(newcomerSlowMs + 1);
  order.follow(1, { ...request(80), seq: order.executor.requests + 1 });
  donor.send(true);
  assertEquals(kinds, ["PIECE"]);
  donor.send(false);
  assertEquals(kinds, ["PIECE", "PIECE"]);
});
