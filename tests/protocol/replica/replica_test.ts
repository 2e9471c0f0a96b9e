/** One replica, driven by hand: what it answers, and its bounds. */

import { assertEquals } from "@std/assert";
import { endedSessionsMax, retainedBytesMax, wireVersion } from "../../../src/limits.ts";
import type { ClientMessage, MeshMessage, ReplyMessage } from "../../../src/protocol/wire/messages.ts";
import { Replica } from "../../../src/protocol/replica/replica.ts";
import type { ReplicaEvent } from "../../../src/protocol/replica/replica_events.ts";
import { echoing } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";
import {
  after,
  clientOf,
  clock,
  closed,
  cluster,
  command,
  decisionOf,
  from,
  hello,
  install,
  key,
  prepare,
  replicaOf,
  replies,
  request,
  resume,
  sent,
  tick,
  toReplicas,
  unlink,
} from "./stage.ts";

Deno.test("Replica answers HELLO with its view, RESUME with its clock, and tells the answerer of REQUESTs", () => {
  const replica = replicaOf(3);
  const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));
  const view: ReplyMessage = { kind: "VIEW", cluster, v: 1, from: 0, members, base: 0, forgot: 0 };
  assertEquals(replies(after(replica, hello(1)), 1), [view]);
  assertEquals(replies(after(replica, resume(1)), 1), [{ kind: "READY", v: 1, floor: 0, pace: 1 }]);
  const effects = after(replica, request(1, 1, { ts: 5 }), request(1, 2, { ts: 9 }));
  assertEquals(toReplicas(effects), [[1, "RECEIVED"]]);
  assertEquals(sent(effects, "RECEIVED")[0].receipts.map(({ seq, ts }) => [seq, ts]), [[1, 5], [2, 9]]);
  assertEquals(replica.status(), {
    id: 0,
    v: 1,
    members: [0, 1, 2],
    executed: 0,
    lastEntry: 0,
    logBytes: 0,
    logBytesMax: 0,
    digest: replicaOf(1).status().digest,
    clock: 9,
    joining: false,
    frozen: false,
    durable: false,
    sessions: 0,
    pending: 2,
  });
});

Deno.test("Replica refuses a client of another cluster, and says which one it is", () => {
  const effects = after(replicaOf(1), {
    kind: "hello",
    link: 1,
    client: clientOf(1),
    cluster: "d".repeat(32),
    done: 0,
  });
  assertEquals(effects, [{
    kind: "closeLink",
    link: 1,
    reason: `this is cluster "${cluster}", not "${"d".repeat(32)}"`,
    cluster,
  }]);
});

Deno.test("Replica ignores links that it does not know, or has closed", () => {
  const replica = replicaOf(1);
  assertEquals(after(replica, resume(7), { kind: "linkClosed", link: 7 }), []);
  after(replica, hello(1));
  assertEquals(closed(after(replica, request(1, 1))), [[1, "REQUEST 1: it came before RESUME"]]);
  assertEquals(after(replica, resume(1), { kind: "linkClosed", link: 1 }), []);
});

Deno.test("Replica closes a link on which HELLO comes twice", () => {
  const replica = replicaOf(1);
  const second: ClientMessage = {
    kind: "HELLO",
    version: wireVersion,
    cluster: undefined,
    secret: "0".repeat(64),
    done: 0,
  };
  assertEquals(closed(after(replica, hello(1), from(1, second))), [[1, "HELLO came twice"]]);
});

Deno.test("Replica.isHeld() says that a client is ahead by a view, until the replica has installed it", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), prepare, resume(1, 2));
  assertEquals(replica.isHeld(1), true);
  const effects = after(replica, install(1, decisionOf(1, { clock: 7 })));
  assertEquals([replica.isHeld(1), replies(effects, 1).map(({ kind }) => kind)], [false, ["VIEW", "READY"]]);
  // Its clock begins again, whatever an older version has decided.
  assertEquals([replies(effects, 1)[1], replica.status().clock], [{ kind: "READY", v: 2, floor: 0, pace: 1 }, 0]);
});

Deno.test("Replica keeps all that comes behind a frame that it keeps, in order", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), prepare, resume(1, 2), clock(1, 9, { v: 2 }), request(1, 1, { v: 2, ts: 10 }));
  const effects = after(replica, install(1, decisionOf(1)));
  assertEquals(replies(effects, 1).map(({ kind }) => kind), ["VIEW", "READY", "OUTPUT"]);
});

Deno.test("Replica closes a client that names a view which there cannot be yet", () => {
  const reason = (v: number) => `view ${v} cannot be known yet, this is view 1`;
  // Nobody is in view 2 before this replica is frozen, and nobody in view 3 before it has installed view 2.
  assertEquals(closed(after(replicaOf(2), hello(1), resume(1, 2))), [[1, reason(2)]]);
  assertEquals(closed(after(replicaOf(2), hello(1), prepare, resume(1, 3))), [[1, reason(3)]]);
});

Deno.test("Replica halts when a view is formed without it, and does nothing more", () => {
  const replica = replicaOf(2);
  const decision = { v: 2, members: [{ id: 1, address: "r1" }], clock: 0, cut: [], expired: [] };
  const effects = after(replica, { kind: "fromPeer", from: 1, message: { kind: "INSTALL", decision } });
  assertEquals(effects.map(({ kind }) => kind), ["toReplica", "halt"]);
  assertEquals(after(replica, hello(1), tick), []);
});

Deno.test("Replica forwards INSTALL before it acts on it, so all who hear of the new view have heard of it", () => {
  const replica = replicaOf(3);
  after(replica, hello(1));
  const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));
  const message = { kind: "INSTALL" as const, decision: { v: 2, members, clock: 0, cut: [], expired: [] } };
  const effects = after(replica, { kind: "fromPeer", from: 2, message });
  assertEquals(effects.slice(0, 2), [{ kind: "toReplica", to: 1, message }, { kind: "toReplica", to: 2, message }]);
  assertEquals(effects.slice(2).map(({ kind }) => kind), ["installed", "toReplica", "toReplica", "toClient"]);
});

Deno.test("Replica sends nothing to a replica that has failed", () => {
  const replica = replicaOf(3);
  const effects = after(replica, { kind: "peerFailed", id: 1 });
  assertEquals(effects.map((effect) => effect.kind === "toReplica" ? [effect.to, effect.message.kind] : effect.kind), [[
    2,
    "PREPARE",
  ]]);
});

Deno.test("Replica ends the view when many sessions have ended, so that they can be forgotten (V10)", () => {
  const replica = replicaOf(1);
  for (let number = 1; number <= endedSessionsMax; number++) {
    const first = request(number, 1, { ts: 2 * number - 1 });
    const end = request(number, 2, { ts: 2 * number, done: 1, commands: new Uint8Array(0) });
    after(replica, hello(number), resume(number), first, end);
    after(replica, clock(number, 2 * number + 1, { done: 2, suspend: true }), unlink(number));
    if (number === 1) after(replica, tick);
  }
  assertEquals([replica.status().sessions, replica.status().v], [endedSessionsMax, 1]);
  after(replica, tick);
  assertEquals([replica.status().sessions, replica.status().v, replica.status().executed], [0, 2, endedSessionsMax]);
});

Deno.test("Replica closes a client that lets too many bytes of outputs pile up", () => {
  const large = batchOf(new Uint8Array(1_000_000));
  const replica = replicaOf(1, echoing(() => large));
  after(replica, hello(1), resume(1));
  const most = Math.floor(retainedBytesMax / large.length);
  for (let seq = 1; seq <= most; seq++) assertEquals(closed(after(replica, request(1, seq))), []);
  const effects = after(replica, request(1, most + 1));
  assertEquals(closed(effects), [[1, `over ${retainedBytesMax} bytes of outputs are not confirmed`]]);
  // They are still there for it when it comes back.
  assertEquals(replies(after(replica, hello(2, clientOf(1))), 2).length, 1 + most + 1);
});

Deno.test("Replica lets go of outputs that the client confirms, by whatever it sends", () => {
  const confirms: ((done: number) => ReplicaEvent[])[] = [
    (done) => [clock(1, 20, { done })],
    (done) => [
      clock(1, 20, { done: 2, suspend: true }),
      from(1, { kind: "RESUME", v: 1, ts: 20, done: done + 1 }),
    ],
    (done) => [request(1, 3, { ts: 20, done })],
    () => [],
  ];
  const again = (confirm: (done: number) => ReplicaEvent[], atHello: number) => {
    const replica = replicaOf(1);
    after(replica, hello(1), resume(1), request(1, 1), request(1, 2));
    after(replica, ...confirm(1));
    const repeated = replies(after(replica, hello(9, clientOf(1), atHello)), 9);
    return repeated.flatMap((reply) => reply.kind === "OUTPUT" ? [reply.seq] : []);
  };
  assertEquals(confirms.map((confirm) => again(confirm, 0)), [[2], [], [2, 3], [1, 2]]);
  assertEquals(again(() => [], 1), [2]);
});

Deno.test("Replica makes its effects only once", () => {
  const replica = replicaOf(1);
  assertEquals(after(replica, hello(1)).length, 1);
  assertEquals(replica.ready().effects, []);
});

// ---- Newcomers (V9) ----

const join = (id: number): ReplicaEvent => {
  return {
    kind: "fromPeer",
    from: id,
    message: { kind: "JOIN", member: { id, address: `r${id}` }, position: undefined },
  };
};

Deno.test("Replica that coordinates feeds a newcomer; the others remember it, and feed it once they coordinate", () => {
  const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
  const [coordinator, other] = members.map(({ id }) => new Replica({ key, id, cluster, members, machine: echoing() }));
  assertEquals(toReplicas(after(coordinator, join(5))), [[5, "PIECE"]]);
  assertEquals(toReplicas(after(other, join(5))), []);
  assertEquals(toReplicas(after(other, { kind: "peerFailed", id: 0 })), [[5, "PIECE"]]);
});

Deno.test("Replica ignores JOIN of a member, and of a replica that has failed", () => {
  const replica = replicaOf(3);
  assertEquals(after(replica, join(1), join(0)), []);
  after(replica, { kind: "peerFailed", id: 5 });
  assertEquals(after(replica, join(5)), []);
});

Deno.test("Replica feeds a newcomer that comes in a flush when the next view has begun", () => {
  const replica = replicaOf(2);
  assertEquals(toReplicas(after(replica, prepare, join(5))), [[1, "REPORT"]]);
  const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
  const decision = { v: 2, members, clock: 0, cut: [], expired: [] };
  const effects = after(replica, { kind: "fromPeer", from: 1, message: { kind: "INSTALL", decision } });
  assertEquals(toReplicas(effects), [[1, "INSTALL"], [1, "DIGEST"], [5, "PIECE"]]);
});

/** A newcomer with links to r0 and r1, and the pieces of r0's state, in view 1. */
function newcomerOf(): { newcomer: Replica; pieces: ReplicaEvent[] } {
  const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));
  const newcomer = new Replica({ key, id: 2, cluster, members, machine: echoing(), joining: true });
  const effects = after(replicaOf(2), join(2));
  const pieces = effects.flatMap((effect): ReplicaEvent[] =>
    effect.kind === "toReplica" ? [{ kind: "fromPeer", from: 0, message: effect.message }] : []
  );
  return { newcomer, pieces };
}

Deno.test("Replica that is a newcomer asks everybody to let it in, and says that it is none yet", () => {
  const { newcomer, pieces } = newcomerOf();
  const linked = [0, 1].map((id): ReplicaEvent => ({ kind: "peerLinked", id }));
  const message = { kind: "JOIN" as const, member: { id: 2, address: "r2" }, position: undefined };
  assertEquals(after(newcomer, ...linked), [0, 1].map((to) => ({ kind: "toReplica", to, message })));
  const { v, members, joining } = newcomer.status();
  assertEquals([v, members, joining], [0, [], true]);
  for (const piece of pieces) newcomer.step(piece);
  const { restored, effects } = newcomer.ready();
  assertEquals([restored, effects.map(({ kind }) => kind)], [0, ["toReplica"]]);
  assertEquals(after(newcomer, { kind: "peerFailed", id: 1 }, tick), []);
});

Deno.test("Replica that is let in becomes a member from its clone, and serves the clients that came before", () => {
  const { newcomer, pieces } = newcomerOf();
  const state: MeshMessage = {
    kind: "STATE",
    v: 1,
    ballot: { n: 1, id: 0 },
    pending: [{ client: clientOf(7), seq: 1, ts: 5, done: 0, end: false, commands: command }],
  };
  const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));
  const decision = { v: 2, members, clock: 8, cut: [{ client: clientOf(7), seq: 1 }], expired: [] };
  const install: ReplicaEvent = { kind: "fromPeer", from: 1, message: { kind: "INSTALL", decision } };
  assertEquals(after(newcomer, ...pieces, hello(1), hello(2), { kind: "linkClosed", link: 2 }).length, 1);
  assertEquals(newcomer.isHeld(1), true);
  assertEquals(toReplicas(after(newcomer, { kind: "fromPeer", from: 0, message: state })), [[0, "STATE_OK"]]);
  const effects = after(newcomer, install);
  assertEquals(toReplicas(effects), [[0, "INSTALL"], [1, "INSTALL"], [0, "DIGEST"], [1, "DIGEST"]]);
  assertEquals(replies(effects, 1).map((reply) => reply.kind === "VIEW" && reply.v), [2]);
  assertEquals([replies(effects, 2).length, newcomer.isHeld(1)], [1, false]);
  const { v, executed, clock, joining, pending } = newcomer.status();
  assertEquals([v, executed, clock, joining, pending], [2, 1, 0, false, 0]);
});

Deno.test("Replica that is to be let in without a clone of that view halts, and one that is left out waits", () => {
  const { newcomer, pieces } = newcomerOf();
  const install = (...ids: number[]): ReplicaEvent => {
    const decision = { v: 2, members: ids.map((id) => ({ id, address: `r${id}` })), clock: 0, cut: [], expired: [] };
    return { kind: "fromPeer", from: 0, message: { kind: "INSTALL", decision } };
  };
  assertEquals(after(newcomer, ...pieces, install(0, 1)).length, 1);
  assertEquals(newcomer.status().joining, true);
  const reason = "view 2 counts on a state that never came here";
  assertEquals(after(newcomer, install(0, 1, 2)), [{ kind: "halt", reason }]);
});
