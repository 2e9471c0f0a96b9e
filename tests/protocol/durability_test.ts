/** What a replica leaves on its disk, in the rarer cases: all of it can be read again, and says what was. */

import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../src/bytes.ts";
import { entriesOf } from "../../src/protocol/journal.ts";
import type { CarriedRequest, Decision, MeshMessage } from "../../src/protocol/messages.ts";
import { Recovered } from "../../src/protocol/recovery.ts";
import { Replica } from "../../src/protocol/replica.ts";
import type { ReplicaEffect, ReplicaEvent, ReplicaOptions } from "../../src/protocol/replica_events.ts";
import { DigestMachine } from "../simulator/history.ts";
import { batchOf } from "./messages_of.ts";

const cluster = "c".repeat(32);
const client = "a".repeat(32);
const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));

/** A replica, and what its disk holds after each turn. */
class Driven {
  readonly replica: Replica;
  checkpoint: Uint8Array = new Uint8Array(0);
  rows: Uint8Array[] = [];

  constructor(options: Partial<ReplicaOptions>) {
    const machine = new DigestMachine();
    this.replica = new Replica({ id: 0, cluster, members, machine, durable: true, ...options });
    this.turn();
  }

  /** One turn, after these events. */
  turn(...events: ReplicaEvent[]): readonly ReplicaEffect[] {
    for (const event of events) this.replica.step(event);
    const effects = this.replica.ready();
    for (const effect of effects) {
      if (effect.kind === "journal") this.rows.push(effect.bytes);
      if (effect.kind !== "checkpoint") continue;
      this.checkpoint = effect.bytes.slice();
      this.rows = [];
    }
    return effects;
  }

  recovered(): Recovered {
    return new Recovered({ machine: new DigestMachine(), checkpoint: this.checkpoint, rows: this.rows });
  }
}

const from = (id: number, message: MeshMessage): ReplicaEvent => ({ kind: "fromPeer", from: id, message });

function request(seq: number, ts = seq): CarriedRequest {
  const command = new ByteWriter();
  command.varint(seq);
  return { client, seq, ts, done: 0, end: false, commands: batchOf(command.view()) };
}

function sent(seq: number, agreed = 0): ReplicaEvent {
  return { kind: "fromClient", link: 1, message: { kind: "REQUEST", v: 1, agreed, ...request(seq) } };
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

Deno.test("Replica that a view is formed without can read its disk again, and was no member of that view", () => {
  const driven = new Driven({});
  driven.turn(hello, resume, sent(1));
  const effects = driven.turn(from(1, { kind: "INSTALL", decision: decisionFor([1, 2], 1) }));
  assertEquals(effects.some(({ kind }) => kind === "halt"), true);
  const { found, order } = driven.recovered();
  assertEquals([found.v, found.highest], [1, { v: 1, members }]);
  assertEquals([order.executor.executed, [...order.pending].map(({ seq }) => seq)], [0, [1]]);
});

Deno.test("Replica counts what is on its disk when it comes back, so that many short lives do not fill it", () => {
  const driven = new Driven({});
  driven.turn(hello, resume, sent(1));
  const { checkpointBytes, journalBytes } = driven.recovered();
  assertEquals(checkpointBytes, driven.checkpoint.length);
  assertEquals(journalBytes, driven.rows.reduce((sum, row) => sum + row.length, 0));
  assertEquals(entriesOf(driven.rows[0]).next().value?.kind, "received");
});
