/** Copies of the database, for backups, and its log, for watchers; and replicas that begin with a copy. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { Executor } from "../../../src/protocol/replica/executor.ts";
import { recover } from "../../../src/protocol/replica/recovery.ts";
import { Replica } from "../../../src/protocol/replica/replica.ts";
import type { Ready, ReplicaEvent, ReplicaOptions } from "../../../src/protocol/replica/replica_events.ts";
import { allOf, restoreAll } from "../../../src/snapshot.ts";
import { entriesAfter } from "../../database/store/machine.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { beginningOf } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";
import { notedIn, NotingMachine } from "../noting_machine.ts";

const cluster = "c".repeat(32);
const client = "a".repeat(32);
const members = [{ id: 0, address: "r0" }];

function replicaOf(options: Partial<ReplicaOptions> = {}): Replica {
  return new Replica({ key: "ab".repeat(32), id: 0, cluster, members, machine: new DigestMachine(), ...options });
}

function after(replica: Replica, ...events: ReplicaEvent[]): Ready {
  for (const event of events) replica.step(event);
  return replica.ready();
}

const hello: ReplicaEvent = { kind: "hello", link: 1, client, cluster: undefined, done: 0 };
const resume: ReplicaEvent = { kind: "fromClient", link: 1, message: { kind: "RESUME", v: 1, ts: 0, done: 0 } };

/** The request of this number, of two commands. */
function request(seq: number): ReplicaEvent {
  const commands = batchOf(Uint8Array.of(seq), Uint8Array.of(seq, seq));
  const rest = { v: 1, seq, ts: seq, upto: seq, done: seq - 1, end: false };
  return { kind: "fromClient", link: 1, message: { kind: "REQUEST", ...rest, commands } };
}

Deno.test("Replica.database gives a copy at one place in the log, and later requests do not change it", () => {
  const replica = replicaOf();
  const first = replica.database!.copy();
  assertEquals([first.executed, allOf(first.snapshot)], [0, new DigestMachine().snapshot()]);
  after(replica, hello, resume, request(1), request(2));
  const copy = replica.database!.copy();
  assertEquals(copy.executed, 4);
  after(replica, request(3));
  assertEquals(replica.database?.copy()?.executed, 6);
  const bytes = allOf(copy.snapshot);

  const machine = new DigestMachine();
  for (const seq of [1, 2]) machine.apply(batchOf(Uint8Array.of(seq), Uint8Array.of(seq, seq)));
  assertEquals(machine.snapshot(), bytes);
});

/** What whoever only reads is given. */
function readable(replica: Replica): readonly boolean[] {
  return [replica.database?.copy() !== undefined, replica.database?.machine !== undefined];
}

Deno.test("Replica.database has a log with what was executed in the views so far, as it is executed", () => {
  const replica = replicaOf({ machine: new NotingMachine() });
  assertEquals([replica.database?.machine.lastEntry, replica.status().lastEntry], [0, 0]);
  after(replica, hello, resume, request(1), request(2));
  const log = replica.database!.machine;
  assertEquals([log.lastEntry, replica.status().lastEntry], [4, 4]);
  assertEquals(entriesAfter(log, 4, 100), undefined);
  const entries = entriesAfter(log, 1, 100)!;
  const expected = [{ index: 2, command: 1 }, { index: 3, command: 2 }, { index: 4, command: 2 }];
  assertEquals([entries.last, notedIn(entries.bytes)], [4, expected]);
  assertEquals(entriesAfter(log, 1, 1)?.last, 2, "at least one");
  after(replica, request(3));
  assertEquals(log.lastEntry, 6);
});

Deno.test("Replica gives no copy and no log as a newcomer, and when it was stopped", () => {
  const others = [...members, { id: 1, address: "r1" }];
  assertEquals(readable(replicaOf({ id: 1, members: others, joining: true })), [false, false]);
  const replica = replicaOf({ members: others });
  assertEquals(readable(replica), [true, true]);
  const decision = { v: 2, members: [others[1]], clock: 0, cut: [], expired: [] };
  const { effects } = after(replica, { kind: "fromPeer", from: 1, message: { kind: "INSTALL", decision } });
  assertEquals(effects.at(-1)?.kind, "halt");
  assertEquals(readable(replica), [false, false]);
});

Deno.test("Replica gives no copy and no log when it came back, until it has begun a view", () => {
  const two = [...members, { id: 1, address: "r1" }];
  const [checkpoint] = replicaOf({ members: two, durable: true }).ready().writes;
  if (checkpoint.kind !== "checkpoint") throw new Error("a replica with a disk begins with a checkpoint");
  const recovered = recover({ machine: new DigestMachine(), checkpoint: [allOf(checkpoint.snapshot)], rows: [] });
  const replica = replicaOf({ members: two, recovered, durable: true });
  after(replica);
  assertEquals([replica.status().frozen, ...readable(replica)], [true, false, false]);
  const ballot = { n: 1, id: 0 };
  const report = { sessions: [], vanished: [], accepted: undefined };
  after(
    replica,
    { kind: "fromPeer", from: 1, message: { kind: "REPORT", v: 1, ballot, ...report } },
    { kind: "fromPeer", from: 1, message: { kind: "ACCEPTED", v: 1, ballot } },
  );
  assertEquals([replica.status().v, replica.database?.copy()?.executed, replica.database?.machine.lastEntry], [
    2,
    0,
    0,
  ]);
});

Deno.test("Replica continues after the commands that its machine has executed already", () => {
  const first = replicaOf();
  after(first, hello, resume, request(1));
  const { executed, snapshot } = first.database!.copy();
  const machine = new DigestMachine();
  restoreAll(machine.restoring(), allOf(snapshot));
  const replica = replicaOf({ machine, beginning: beginningOf(machine, executed), log: true });
  assertEquals([replica.status().executed, replica.status().sessions], [2, 0]);
  const { executed: records, effects } = after(replica, hello, resume, request(1));
  const told = effects.flatMap((effect) =>
    effect.kind === "toClient" && effect.message.kind === "OUTPUT" ? [effect.message.index] : []
  );
  assertEquals([records.map(({ index }) => index), told, replica.status().executed], [[3], [3], 4]);
});

Deno.test("Replica keeps on its disk what it began with", () => {
  const machine = new DigestMachine();
  machine.apply(batchOf(Uint8Array.of(1)));
  const [checkpoint] = replicaOf({ machine, beginning: beginningOf(machine, 7), durable: true }).ready().writes;
  if (checkpoint.kind !== "checkpoint") throw new Error("a replica with a disk begins with a checkpoint");
  const read = new DigestMachine();
  const { found, order } = recover({ machine: read, checkpoint: [allOf(checkpoint.snapshot)], rows: [] });
  assertEquals([found.v, found.executed, order.position.requests], [1, 7, 0]);
  assertEquals(read.snapshot(), machine.snapshot());
});

Deno.test("Executors that begin with different states, or at different places, have different digests", () => {
  const machine = new DigestMachine();
  const fresh = new Executor(machine).digest;
  machine.apply(batchOf(Uint8Array.of(1)));
  assertEquals(new Executor(machine).digest, fresh, "nothing is said to have been executed");
  const one = new Executor(machine, beginningOf(machine, 1)).digest;
  assertEquals(new Executor(machine, beginningOf(machine, 1)).digest, one);
  machine.apply(batchOf(Uint8Array.of(1)));
  const digests = [
    fresh,
    one,
    new Executor(machine, beginningOf(machine, 1)).digest,
    new Executor(machine, beginningOf(machine, 2)).digest,
  ];
  for (const [at, digest] of digests.entries()) assertNotEquals(digest, digests[(at + 1) % digests.length]);
});
