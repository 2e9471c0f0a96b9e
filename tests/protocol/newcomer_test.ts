import { assertEquals, assertThrows } from "@std/assert";
import { Executor } from "../../src/protocol/executor.ts";
import type { CarriedRequest, Decision, MeshMessage, MessageOf } from "../../src/protocol/messages.ts";
import { Newcomer } from "../../src/protocol/newcomer.ts";
import { Session } from "../../src/protocol/sessions.ts";
import type { ReplicaId } from "../../src/uid.ts";
import { DigestMachine } from "../simulator/history.ts";
import { batchOf } from "./messages_of.ts";

const client = "1".repeat(32);
const other = "2".repeat(32);
const request = (seq: number, session = client): CarriedRequest => {
  return { client: session, seq, ts: seq, done: 0, end: false, commands: batchOf(new Uint8Array([seq])) };
};

/** A replica that has executed so many requests of a session, in view 1. */
function donorOf(requests: number): Executor {
  const executor = new Executor(new DigestMachine());
  const session = new Session(client);
  for (let seq = 1; seq <= requests; seq++) executor.apply(session, request(seq), 1);
  return executor;
}

/** A newcomer, and what it says. */
class Stage {
  readonly executor = new Executor(new DigestMachine());
  readonly said: string[] = [];
  readonly newcomer = new Newcomer(this.executor, {
    send: (to, message) => {
      const { kind, ...fields } = message;
      this.said.push(`r${to} ${kind} ${JSON.stringify(Object.values(fields))}`);
    },
    restored: () => this.said.push(`restored at ${this.executor.executed}`),
  });

  take(from: ReplicaId, message: MeshMessage): string[] {
    this.newcomer.received(from, message);
    return this.said.splice(0);
  }

  /** Gives it the whole state of a donor at once. */
  load(from: ReplicaId, v: number, donor: Executor): string[] {
    const bytes = donor.snapshot();
    return this.take(from, { kind: "PIECE", v, offset: 0, total: bytes.length, bytes });
  }

  /** Whether it can go on when `v` begins. */
  canBegin(v: number): boolean {
    const decision: Decision = { v, members: [], clock: 0, cut: [], expired: [] };
    return this.newcomer.promoted(decision) !== undefined;
  }
}

function state(v: number, n: number, fields: Partial<MessageOf<"STATE">> = {}): MessageOf<"STATE"> {
  return { kind: "STATE", v, ballot: { n, id: 0 }, clock: 0, pending: [], ...fields };
}

Deno.test("Newcomer asks for piece after piece, and has the state of its donor when it has all", () => {
  const donor = donorOf(3);
  const bytes = donor.snapshot();
  const total = bytes.length;
  const stage = new Stage();
  const piece = (offset: number, end: number): MeshMessage => {
    return { kind: "PIECE", v: 1, offset, total, bytes: bytes.slice(offset, end) };
  };
  assertEquals(stage.take(0, piece(0, 5)), ["r0 FETCH [5]"]);
  // What is not the next piece, too long, or of somebody else, is passed over.
  assertEquals(stage.take(0, piece(7, 9)), []);
  assertEquals(stage.take(0, { kind: "PIECE", v: 1, offset: 5, total, bytes: new Uint8Array(total) }), []);
  assertEquals(stage.take(1, piece(5, total)), []);
  assertEquals(stage.take(0, piece(5, 9)), ["r0 FETCH [9]"]);
  assertEquals(stage.take(0, piece(9, total)), ["restored at 3", "r0 FOLLOWED [0]"]);
  assertEquals(stage.executor.snapshot(), bytes);
});

Deno.test("Newcomer executes what its donor has executed, and says how much", () => {
  const stage = new Stage();
  const donor = donorOf(3);
  stage.load(0, 1, donor);
  const requests = [request(4), request(1, other), { ...request(5), done: 4 }];
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 2, requests: requests.slice(0, 2) }), ["r0 FOLLOWED [2]"]);
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 2, requests: requests.slice(2) }), ["r0 FOLLOWED [3]"]);
  const session = donor.sessions.get(client)!;
  donor.apply(session, requests[0], 2);
  donor.apply(new Session(other), requests[1], 2);
  session.confirm(4);
  donor.apply(session, requests[2], 2);
  assertEquals(stage.executor.snapshot(), donor.snapshot());
});

Deno.test("Newcomer stops at once where a request is missing, or comes twice", () => {
  for (const seq of [3, 5, 1]) {
    const stage = new Stage();
    stage.load(0, 1, donorOf(3));
    const message: MeshMessage = { kind: "FOLLOW", v: 1, requests: [request(seq)] };
    assertThrows(() => stage.take(0, message), Error, `request ${seq} of session "${client}" was sent after 3`);
  }
});

Deno.test("Newcomer takes nothing of a donor that is not its own, or whose snapshot it has not got", () => {
  const follow: MeshMessage = { kind: "FOLLOW", v: 1, requests: [request(4)] };
  const stage = new Stage();
  const all: MeshMessage[] = [follow, { kind: "VIEWED", v: 2, expired: [client] }, state(1, 1)];
  for (const message of all) assertEquals(stage.take(0, message), []);
  const bytes = donorOf(3).snapshot();
  stage.take(0, { kind: "PIECE", v: 1, offset: 0, total: bytes.length, bytes: bytes.slice(0, 5) });
  for (const message of all) assertEquals(stage.take(0, message), []);
  stage.load(1, 2, donorOf(3));
  for (const message of all) assertEquals(stage.take(0, message), []);
  assertEquals([stage.executor.executed, stage.canBegin(2)], [3, false]);
  // The same, from its own.
  assertEquals(all.map((message) => stage.take(1, message).length), [1, 1, 1]);
});

Deno.test("Newcomer knows a late PIECE of a dead donor by its view, before and after it has the state of the next", () => {
  const late = donorOf(1).snapshot();
  const latePiece: MeshMessage = { kind: "PIECE", v: 1, offset: 0, total: late.length, bytes: late };
  const bytes = donorOf(3).snapshot();
  const total = bytes.length;
  const stage = new Stage();
  stage.take(0, { kind: "PIECE", v: 1, offset: 0, total: late.length, bytes: late.slice(0, 3) });
  assertEquals(stage.take(1, { kind: "PIECE", v: 2, offset: 0, total, bytes: bytes.slice(0, 5) }), ["r1 FETCH [5]"]);
  assertEquals(stage.take(0, { ...latePiece, offset: 3, bytes: late.slice(3) }), []);
  assertEquals(stage.take(0, latePiece), []);
  const rest: MeshMessage = { kind: "PIECE", v: 2, offset: 5, total, bytes: bytes.slice(5) };
  assertEquals(stage.take(1, rest), ["restored at 3", "r1 FOLLOWED [0]"]);
  assertEquals(stage.take(0, latePiece), []);
  assertEquals(stage.take(1, { kind: "FOLLOW", v: 2, requests: [request(4)] }), ["r1 FOLLOWED [1]"]);
  assertEquals(stage.executor.executed, 4);
});

Deno.test("Newcomer begins again with a donor that begins again, in the same view, too", () => {
  const stage = new Stage();
  stage.load(0, 1, donorOf(1));
  stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(2)] });
  assertEquals(stage.load(0, 1, donorOf(3)), ["restored at 3", "r0 FOLLOWED [0]"]);
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(4)] }), ["r0 FOLLOWED [1]"]);
});

Deno.test("Newcomer is a clone of its donor for the view in which it got STATE, and for no other", () => {
  const stage = new Stage();
  stage.load(0, 1, donorOf(3));
  assertEquals([stage.canBegin(1), stage.canBegin(2)], [false, false]);
  assertEquals(stage.take(0, state(1, 1)), ['r0 STATE_OK [1,{"n":1,"id":0}]']);
  assertEquals([1, 2, 3].map((v) => stage.canBegin(v)), [false, true, false]);
  stage.take(0, { kind: "VIEWED", v: 2, expired: [] });
  assertEquals([1, 2, 3].map((v) => stage.canBegin(v)), [false, false, false]);
  stage.take(0, state(2, 1));
  assertEquals([1, 2, 3].map((v) => stage.canBegin(v)), [false, false, true]);
  // What it was the clone of is gone with the state.
  stage.load(0, 2, donorOf(3));
  assertEquals(stage.canBegin(3), false);
});

Deno.test("Newcomer lets a later STATE replace an earlier one, and never the reverse", () => {
  const stage = new Stage();
  stage.load(0, 1, donorOf(3));
  const clone = () => stage.newcomer.promoted({ v: 3, members: [], clock: 0, cut: [], expired: [] })?.clock;
  stage.take(0, state(2, 2, { clock: 5 }));
  assertEquals([stage.take(0, state(2, 1)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(2, 2)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(1, 9)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(2, 3, { clock: 7 })).length, clone()], [1, 7]);
  assertEquals([stage.take(0, state(3, 1)).length, clone()], [1, undefined]);
});

Deno.test("Newcomer forgets the sessions that its donor forgets", () => {
  const stage = new Stage();
  const donor = donorOf(3);
  const session = new Session(other);
  donor.apply(session, request(1, other), 1);
  donor.apply(session, { ...request(2, other), end: true, commands: new Uint8Array(0) }, 1);
  stage.load(0, 1, donor);
  assertEquals(stage.executor.sessions.size, 2);
  assertEquals(stage.take(0, { kind: "VIEWED", v: 2, expired: [] }), ["r0 FOLLOWED [0]"]);
  assertEquals([stage.executor.sessions.size, stage.executor.sessions.forgot], [1, 0]);
  stage.take(0, { kind: "VIEWED", v: 3, expired: [client] });
  assertEquals([stage.executor.sessions.size, stage.executor.sessions.forgot], [0, 3]);
});
