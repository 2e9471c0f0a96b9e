import { digestText } from "../../../src/protocol/replica/digest.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { Clone } from "../../../src/protocol/replica/order.ts";
import { allOf } from "../../../src/snapshot.ts";
import { client, donorOf, joinOf, other, request, Stage, state } from "./newcomer_stage.ts";

Deno.test("Newcomer asks for piece after piece, and has the state of its donor when it has all", () => {
  const donor = donorOf(3);
  const bytes = allOf(donor.executor.freeze());
  const total = bytes.length;
  const stage = new Stage();
  const piece = (offset: number, end: number): MeshMessage => {
    return { kind: "PIECE", v: 1, offset, estimate: total, final: end === total, bytes: bytes.slice(offset, end) };
  };
  assertEquals(stage.take(0, piece(0, 5)), ["r0 FETCH [5]"]);
  // A piece is passed over if it is not the next one, or comes from somebody else.
  assertEquals(stage.take(0, piece(7, 9)), []);
  assertEquals(stage.take(1, piece(5, total)), []);
  assertEquals(stage.take(0, piece(5, 9)), ["r0 FETCH [9]"]);
  assertEquals(stage.take(0, piece(9, total)), ["restored at 3", "r0 FOLLOWED [0]"]);
  assertEquals(allOf(stage.order.executor.freeze()), bytes);
});

Deno.test("Newcomer executes what its donor has executed, and says how much", () => {
  const stage = new Stage();
  const donor = donorOf(3);
  stage.load(0, 1, donor);
  const requests = [request(4), request(1, other), { ...request(5), done: 4 }];
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 2, requests: requests.slice(0, 2) }), ["r0 FOLLOWED [2]"]);
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 2, requests: requests.slice(2) }), ["r0 FOLLOWED [3]"]);
  for (const request of requests) donor.follow(2, request);
  assertEquals([allOf(stage.order.executor.freeze()), stage.order.position], [
    allOf(donor.executor.freeze()),
    donor.position,
  ]);
});

Deno.test("Newcomer stops at once where a request is missing, or comes twice", () => {
  for (const seq of [3, 5, 1]) {
    const stage = new Stage();
    stage.load(0, 1, donorOf(3));
    const message: MeshMessage = { kind: "FOLLOW", v: 1, requests: [request(seq)] };
    assertThrows(() => stage.take(0, message), Error, `request ${seq} of session "${client}" was sent after 3`);
  }
});

Deno.test("Newcomer has the state when the last piece has come, whatever the donor has estimated", () => {
  const bytes = allOf(donorOf(3).executor.freeze());
  for (const estimate of [0, 1, 7, 2 ** 40]) {
    const stage = new Stage();
    const piece = (offset: number, end: number, final: boolean): MeshMessage => {
      return { kind: "PIECE", v: 1, offset, estimate, final, bytes: bytes.slice(offset, end) };
    };
    assertEquals(stage.take(0, piece(0, 7, false)), ["r0 FETCH [7]"]);
    const share = stage.newcomer.restored!;
    assert(share > 0 && share <= 1, `${share}`);
    assertEquals(stage.take(0, piece(7, bytes.length, false)), [`r0 FETCH [${bytes.length}]`]);
    // Only now does the donor know that nothing more comes.
    assertEquals(stage.take(0, piece(bytes.length, bytes.length, true)), ["restored at 3", "r0 FOLLOWED [0]"]);
    assertEquals(allOf(stage.order.executor.freeze()), bytes);
  }
});

Deno.test("Newcomer takes nothing of a donor that is not its own, or whose snapshot it has not got", () => {
  const follow: MeshMessage = { kind: "FOLLOW", v: 1, requests: [request(4)] };
  const stage = new Stage();
  const all: MeshMessage[] = [follow, { kind: "VIEWED", v: 2, expired: [client] }, state(1, 1)];
  for (const message of all) assertEquals(stage.take(0, message), []);
  const bytes = allOf(donorOf(3).executor.freeze());
  stage.take(0, { kind: "PIECE", v: 1, offset: 0, estimate: bytes.length, final: false, bytes: bytes.slice(0, 5) });
  for (const message of all) assertEquals(stage.take(0, message), []);
  stage.load(1, 2, donorOf(3));
  for (const message of all) assertEquals(stage.take(0, message), []);
  assertEquals([stage.order.executor.executed, stage.canBegin(2)], [3, false]);
  // The same, from its own.
  assertEquals(all.map((message) => stage.take(1, message).length), [1, 1, 1]);
});

Deno.test("Newcomer knows a late PIECE of a dead donor by its view, with and without the state of the next", () => {
  const late = allOf(donorOf(1).executor.freeze());
  const latePiece: MeshMessage = { kind: "PIECE", v: 1, offset: 0, estimate: late.length, final: true, bytes: late };
  const bytes = allOf(donorOf(3).executor.freeze());
  const stage = new Stage();
  stage.take(0, { kind: "PIECE", v: 1, offset: 0, estimate: late.length, final: false, bytes: late.slice(0, 3) });
  assertEquals(
    stage.take(1, { kind: "PIECE", v: 2, offset: 0, estimate: bytes.length, final: false, bytes: bytes.slice(0, 5) }),
    ["r1 FETCH [5]"],
  );
  assertEquals(stage.take(0, { ...latePiece, offset: 3, bytes: late.slice(3) }), []);
  assertEquals(stage.take(0, latePiece), []);
  const rest: MeshMessage = {
    kind: "PIECE",
    v: 2,
    offset: 5,
    estimate: bytes.length,
    final: true,
    bytes: bytes.slice(5),
  };
  assertEquals(stage.take(1, rest), ["restored at 3", "r1 FOLLOWED [0]"]);
  assertEquals(stage.take(0, latePiece), []);
  assertEquals(stage.take(1, { kind: "FOLLOW", v: 2, requests: [request(4)] }), ["r1 FOLLOWED [1]"]);
  assertEquals(stage.order.executor.executed, 4);
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
  const clone = () => stage.newcomer.promoted({ v: 3, members: [], clock: 0, cut: [], expired: [] })?.pending[0]?.ts;
  stage.take(0, state(2, 2, { pending: [request(5)] }));
  assertEquals([stage.take(0, state(2, 1)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(2, 2)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(1, 9)), clone()], [[], 5]);
  assertEquals([stage.take(0, state(2, 3, { pending: [request(7)] })).length, clone()], [1, 7]);
  assertEquals([stage.take(0, state(3, 1)).length, clone()], [1, undefined]);
});

Deno.test("Newcomer forgets the sessions that its donor forgets", () => {
  const stage = new Stage();
  const donor = donorOf(3);
  donor.follow(1, request(1, other));
  donor.follow(1, { ...request(2, other), end: true, commands: new Uint8Array(0) });
  stage.load(0, 1, donor);
  assertEquals(stage.order.sessions.size, 2);
  assertEquals(stage.take(0, { kind: "VIEWED", v: 2, expired: [] }), ["r0 FOLLOWED [1]"]);
  assertEquals([stage.order.sessions.size, stage.order.sessions.forgot], [1, 0]);
  stage.take(0, { kind: "VIEWED", v: 3, expired: [client] });
  assertEquals([stage.order.sessions.size, stage.order.sessions.forgot], [0, 3]);
});

// ---- With data of its own ----

Deno.test("Newcomer asks with what it has, and with what it has by then where it asks again", () => {
  const fresh = new Stage();
  assertEquals(fresh.after((newcomer) => newcomer.linked(3)), [joinOf(3)]);
  fresh.load(0, 1, donorOf(2));
  assertEquals(fresh.after((newcomer) => newcomer.linked(3)), [joinOf(3, fresh.order)]);
  const order = donorOf(2);
  const back = new Stage({ order });
  assertEquals(back.after((newcomer) => newcomer.linked(3)), [joinOf(3, donorOf(2))]);
  order.viewed(2, []);
  assertEquals(back.after((newcomer) => newcomer.linked(3)), [joinOf(3, order)]);
});

Deno.test("Newcomer with data continues from where it was, without a snapshot", () => {
  const stage = new Stage({ order: donorOf(3) });
  const donor = donorOf(3);
  assertEquals(stage.take(0, { kind: "DELTA", v: 1, position: donor.position }), ["r0 FOLLOWED [0]"]);
  for (const seq of [4, 5]) donor.follow(1, request(seq));
  const requests = [request(4), request(5)];
  assertEquals(stage.take(0, { kind: "FOLLOW", v: 1, requests }), ["r0 FOLLOWED [2]"]);
  assertEquals(stage.take(0, { kind: "VIEWED", v: 2, expired: [] }), ["r0 FOLLOWED [3]"]);
  donor.viewed(2, []);
  assertEquals([allOf(stage.order.executor.freeze()), stage.order.position], [
    allOf(donor.executor.freeze()),
    donor.position,
  ]);
  assertEquals(stage.take(0, state(2, 1)).length, 1);
  assertEquals(stage.canBegin(3), true);
});

Deno.test("Newcomer asks again where DELTA is about what it had before another donor has fed it", () => {
  const before = donorOf(3).position;
  const stage = new Stage({ order: donorOf(3) });
  stage.take(0, { kind: "DELTA", v: 1, position: before });
  stage.take(0, { kind: "FOLLOW", v: 1, requests: [request(4)] });
  stage.take(0, { kind: "VIEWED", v: 2, expired: [] });
  const now = stage.order;
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: before }), [joinOf(1, now)]);
  // As many requests, and yet a view less.
  const { position } = stage.order;
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: { ...position, v: 1 } }), [joinOf(1, now)]);
  // Nothing that follows on what it has not is taken; nor is anything of the former donor.
  const follow: MeshMessage = { kind: "FOLLOW", v: 2, requests: [request(5)] };
  assertEquals([0, 1].flatMap((from) => stage.take(from, follow)), []);
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position }), ["r1 FOLLOWED [0]"]);
  assertEquals([0, 1].flatMap((from) => stage.take(from, follow)), ["r1 FOLLOWED [1]"]);
  // A fresh one has nothing that anything could follow on.
  const fresh = new Stage();
  assertEquals(fresh.take(0, { kind: "DELTA", v: 1, position: fresh.order.position }), [joinOf(0)]);
});

Deno.test("Newcomer with data takes a snapshot in their place, if it is given one", () => {
  const stage = new Stage({ order: donorOf(1) });
  const donor = donorOf(3);
  assertEquals(stage.load(0, 1, donor), ["restored at 3", "r0 FOLLOWED [0]"]);
  assertEquals(stage.order.position, donor.position);
});

Deno.test("Newcomer takes no late DELTA, and one of its donor after a snapshot that is not complete", () => {
  const donor = donorOf(3);
  const bytes = allOf(donor.executor.freeze());
  const stage = new Stage({ order: donorOf(3) });
  const piece: MeshMessage = {
    kind: "PIECE",
    v: 2,
    offset: 0,
    estimate: bytes.length,
    final: false,
    bytes: bytes.slice(0, 5),
  };
  assertEquals(stage.take(1, piece), ["r1 FETCH [5]"]);
  assertEquals(stage.take(0, { kind: "DELTA", v: 1, position: donor.position }), []);
  assertEquals(stage.take(1, { kind: "DELTA", v: 2, position: donor.position }), ["r1 FOLLOWED [0]"]);
});

Deno.test("Newcomer halts if the cluster has executed something else, unless it has that no more", () => {
  const stage = new Stage({ order: donorOf(3) });
  const { position } = stage.order;
  for (const about of [position, { ...position, requests: 2, digest: 7 }]) {
    assertEquals(stage.take(0, { kind: "DIVERGED", position: about }), []);
  }
  assertEquals(stage.take(0, { kind: "DIVERGED", position: { ...position, digest: position.digest + 1 } }), [
    `halt: its data are damaged: they differ from the cluster's after request 3, by request or output (its digest is ${
      digestText(position.digest)
    }, the cluster's ${
      digestText(position.digest + 1)
    }); if the cluster has one replica only, that one may be the damaged one`,
  ]);
});

// ---- What it was before ----

Deno.test("Newcomer is the clone that it was when it went, until a donor feeds it", () => {
  const clone: Clone = { v: 2, ballot: { n: 1, id: 0 }, pending: [] };
  const stage = () => new Stage({ order: donorOf(3), clone });
  assertEquals([1, 2, 3, 4].map((v) => stage().canBegin(v)), [false, false, true, false]);
  const { position } = donorOf(3);
  // A word that changes nothing, and what a donor begins with.
  const unchanged = stage();
  unchanged.take(0, { kind: "FOLLOW", v: 1, requests: [request(4)] });
  unchanged.take(0, { kind: "VIEWED", v: 3, expired: [] });
  unchanged.take(0, { kind: "DIVERGED", position });
  assertEquals([unchanged.canBegin(3), unchanged.order.position], [true, position]);
  const fed = stage();
  fed.take(0, { kind: "DELTA", v: 1, position });
  assertEquals(fed.canBegin(3), false);
  const loaded = stage();
  loaded.load(0, 1, donorOf(3));
  assertEquals(loaded.canBegin(3), false);
});
