/** Journal and recovery: what is read from a disk is what was there. */

import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError } from "../../../src/bytes.ts";
import { followBytesMax } from "../../../src/limits.ts";
import { entriesOf, Journal, type JournalEntry } from "../../../src/protocol/replica/journal.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import { recover } from "../../../src/protocol/replica/recovery.ts";
import type { ReplicaEvent } from "../../../src/protocol/replica/replica_events.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { batchOf } from "../wire/messages_of.ts";
import { Driven } from "./driven.ts";

const cluster = "c".repeat(32);
const client = "a".repeat(32);
const position = { v: 3, requests: 4, digest: 5 };
const request = { client, seq: 2, ts: 7, done: 1, end: false, commands: batchOf(Uint8Array.of(1)) };
const decision = {
  v: 4,
  members: [{ id: 0, address: "r0" }],
  clock: 9,
  cut: [{ client, seq: 2 }],
  expired: [client],
};

Deno.test("Journal gives back what was noted in a turn, in order, and how far the replica had come", () => {
  const noted: JournalEntry[] = [
    { kind: "received", request },
    { kind: "promised", ballot: { n: 3, id: 64 } },
    { kind: "accepted", accepted: { ballot: { n: 3, id: 64 }, decision } },
    { kind: "installed", decision },
    { kind: "joining", id: 65 },
    { kind: "followed", v: 4, request },
    { kind: "viewed", v: 5, expired: [client] },
    { kind: "cloned", v: 5, ballot: { n: 1, id: 0 }, clock: 11, pending: [request] },
  ];
  const journal = new Journal();
  for (const entry of noted) journal.note(entry);
  assertEquals([...entriesOf(journal.take(position)!)], [...noted, { kind: "reached", position }]);
  assertEquals(journal.take(position), undefined);
});

Deno.test("Journal holds back what is noted while a checkpoint is under way, and forgets what was before", () => {
  const journal = new Journal();
  journal.note({ kind: "joining", id: 1 });
  journal.hold();
  journal.note({ kind: "joining", id: 2 });
  assertEquals(journal.take(position), undefined);
  journal.release();
  assertEquals([...entriesOf(journal.take(position)!)].map(({ kind }) => kind), ["joining", "reached"]);
});

Deno.test("entriesOf() refuses bytes that are not a row", () => {
  assertThrows(() => [...entriesOf(Uint8Array.of(99))], DecodeError, "code 99");
  const journal = new Journal();
  journal.note({ kind: "received", request });
  const row = journal.take(position)!;
  for (let length = 1; length < row.length; length++) {
    try {
      [...entriesOf(row.subarray(0, length))];
    } catch (error) {
      assertEquals(error instanceof DecodeError, true);
    }
  }
});

const hello: ReplicaEvent = { kind: "hello", link: 1, client, cluster: undefined, done: 0 };
const resume: ReplicaEvent = { kind: "fromClient", link: 1, message: { kind: "RESUME", v: 1, ts: 0, done: 0 } };
const send = (seq: number): ReplicaEvent => ({
  kind: "fromClient",
  link: 1,
  message: {
    kind: "REQUEST",
    v: 1,
    seq,
    ts: seq,
    upto: seq,
    done: 0,
    end: false,
    commands: batchOf(Uint8Array.of(seq)),
  },
});
/** The answerer has executed request 1. */
function firstExecuted(): ReplicaEvent {
  const order = new Order(new DigestMachine(), false);
  order.follow(1, { ...request, seq: 1, ts: 1, done: 0 });
  const message = { kind: "EXECUTED" as const, position: order.position, upTo: { ts: 1, client } };
  return { kind: "fromPeer", from: 1, message };
}

Deno.test("Replica writes what it begins with before it says anything", () => {
  const { checkpoint, rows } = new Driven(3);
  const { found } = recover({ machine: new DigestMachine(), checkpoint: [checkpoint], rows });
  const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));
  const nothing = { executed: 0, requests: 0, pending: 0, digest: found.digest };
  assertEquals(found, { cluster, id: 0, v: 1, ...nothing, highest: { v: 1, members }, stray: null });
});

Deno.test("Replica writes a request before it tells of it, and a promise and a value before it says them", () => {
  const driven = new Driven(3);
  driven.after(hello, resume);
  const { writes, effects } = driven.after(send(1));
  assertEquals([writes.map(({ kind }) => kind), effects.map(({ kind }) => kind)], [["journal"], ["toReplica"]]);
  const ballot = { n: 1, id: 1 };
  const next = { ...decision, v: 2 };
  const promise = driven.after({ kind: "fromPeer", from: 1, message: { kind: "PREPARE", v: 1, ballot } });
  const value = driven.after({ kind: "fromPeer", from: 1, message: { kind: "ACCEPT", v: 1, ballot, decision: next } });
  const kinds = [promise, value].map(({ writes }) =>
    writes.flatMap((write) => write.kind === "journal" ? [...entriesOf(write.bytes)].map(({ kind }) => kind) : [])
  );
  assertEquals(kinds, [["promised", "reached"], ["accepted", "reached"]]);
  const recovered = driven.recovered();
  assertEquals(recovered.promised, ballot);
  assertEquals(recovered.accepted, { ballot, decision: next });
  assertEquals(recovered.found.highest, { v: 2, members: decision.members });
  assertEquals([...recovered.order.pending].map(({ seq }) => seq), [1]);
});

Deno.test("Recovered has executed what the last row says, and has the rest pending", () => {
  const driven = new Driven(2);
  driven.after(hello, resume);
  driven.after(send(1));
  driven.after(send(2));
  driven.after(firstExecuted());
  assertEquals(driven.recovered().order.executor.executed, 0);
  driven.after(send(3));
  const { order } = driven.recovered();
  assertEquals([order.executor.executed, [...order.pending].map(({ seq }) => seq)], [1, [2, 3]]);
  assertEquals(driven.replica.status().executed, 1);
});

Deno.test("Recovered of a view of one member executes in the order in which the replica did", () => {
  const driven = new Driven(1);
  const other = "b".repeat(32);
  driven.after(hello, resume);
  driven.after({ ...hello, link: 2, client: other }, { ...resume, link: 2 } as ReplicaEvent);
  // In the order of uids the second one would be the first.
  driven.after({ kind: "fromClient", link: 2, message: { ...sent(1), ts: 50 } });
  driven.after({ kind: "fromClient", link: 1, message: { ...sent(1), ts: 20 } });
  assertEquals(driven.recovered().found.digest, driven.replica.status().digest);
});

function sent(seq: number) {
  const event = send(seq);
  if (event.kind !== "fromClient" || event.message.kind !== "REQUEST") throw new Error("it is a request");
  return { ...event.message, upto: 100 };
}

Deno.test("Recovered of a view of one member executes in that order also what had waited for a newcomer", () => {
  const driven = new Driven(1);
  const [b, c] = ["b", "c"].map((digit) => digit.repeat(32));
  driven.after(hello, { ...hello, link: 2, client: b }, { ...hello, link: 3, client: c });
  driven.after(resume, { ...resume, link: 2 } as ReplicaEvent, { ...resume, link: 3 } as ReplicaEvent);
  const join = { kind: "JOIN", member: { id: 64, address: "r1" }, position: undefined } as const;
  driven.after({ kind: "fromPeer", from: 64, message: join });
  // The first request takes all the credit that clients have for the newcomer's progress, so the second one waits.
  const large = batchOf(new Uint8Array(followBytesMax));
  driven.after({ kind: "fromClient", link: 1, message: { ...sent(1), ts: 10, commands: large } });
  driven.after({ kind: "fromClient", link: 2, message: { ...sent(1), ts: 50 } });
  assertEquals([driven.replica.status().executed, driven.replica.status().pending], [1, 1]);
  // The newcomer is gone, and the request is executed in a turn in which nothing comes from a client.
  driven.after({ kind: "peerFailed", id: 64 });
  assertEquals([driven.replica.status().executed, driven.replica.status().pending], [2, 0]);
  driven.after({ kind: "fromClient", link: 3, message: { ...sent(1), ts: 20 } });
  assertEquals(driven.recovered().found.digest, driven.replica.status().digest);
});

Deno.test("Recovered refuses a row that does not lead to where the replica was", () => {
  const driven = new Driven(1);
  driven.after(hello, resume);
  for (let seq = 1; seq <= 3; seq++) driven.after(send(seq));
  assertEquals(driven.rows.length, 3);
  driven.rows.splice(1, 1);
  assertThrows(() => driven.recovered(), DecodeError, "the rows do not follow");
});

Deno.test("Recovered refuses a row of whose requests another one is lost", () => {
  const driven = new Driven(1);
  driven.after(hello, resume, { ...hello, link: 2, client: "b".repeat(32) }, { ...resume, link: 2 } as ReplicaEvent);
  driven.after(send(1));
  driven.after({ kind: "fromClient", link: 2, message: { ...sent(1), ts: 50 } });
  driven.rows.splice(0, 1);
  assertThrows(() => driven.recovered(), DecodeError, "the state is another one than it was");
});

Deno.test("Recovered reads any cut or changed checkpoint without more than a DecodeError", () => {
  const driven = new Driven(2);
  driven.after(hello, resume, send(1));
  const { checkpoint } = driven;
  for (let length = 0; length < checkpoint.length; length++) {
    assertThrows(
      () => recover({ machine: new DigestMachine(), checkpoint: [checkpoint.subarray(0, length)], rows: [] }),
      DecodeError,
    );
  }
});

Deno.test("Recovered says that it has executed what others have not, before and after the next view begins", () => {
  const driven = new Driven(3);
  driven.after(hello, resume, send(1), firstExecuted());
  assertEquals(driven.recovered().found.stray, null);
  const ballot = { n: 1, id: 1 };
  const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));
  const next = { v: 2, members, clock: 50, cut: [], expired: [] };
  const say = (message: (ReplicaEvent & { kind: "fromPeer" })["message"]) => {
    driven.after({ kind: "fromPeer", from: 1, message });
    const { found, order } = driven.recovered();
    return [found.v, order.position.requests, found.stray];
  };
  const stray = `it has request 1 of session "${client}", and view 2 begins after 0`;
  assertEquals(say({ kind: "PREPARE", v: 1, ballot }), [1, 1, null]);
  assertEquals(say({ kind: "ACCEPT", v: 1, ballot, decision: next }), [1, 1, stray]);
  assertEquals(say({ kind: "INSTALL", decision: next }), [2, 1, stray]);
  // Alone, it has the order of its view.
  const alone = { ...next, v: 3, members: members.slice(0, 1) };
  assertEquals(say({ kind: "INSTALL", decision: alone }), [3, 1, null]);
});
