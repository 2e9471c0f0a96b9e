/** The order in which sessions began to work, and what follows from it (R11). */

import { assertEquals } from "@std/assert";
import { leaseMs, paceMax, replicaTickMs } from "../../../src/limits.ts";
import { newForMs, paceOf, type Rank, Seniority, settledMs } from "../../../src/protocol/replica/seniority.ts";
import type { Replica } from "../../../src/protocol/replica/replica.ts";
import {
  after,
  clientOf,
  clock,
  closed,
  command,
  decisionOf,
  hello,
  install,
  lull,
  outputs,
  receiptOf,
  received,
  replicaOf,
  replies,
  request,
  requestOf,
  resume,
  tick,
} from "./stage.ts";

/** A session that has been at work for so long that those that come are new. */
function settled(): { seniority: Seniority; first: Rank } {
  const seniority = new Seniority();
  const first = seniority.admit(clientOf(1), []);
  seniority.pass(settledMs);
  seniority.served(first);
  return { seniority, first };
}

Deno.test("Seniority calls those new that come while others have been at work for long", () => {
  const { seniority, first } = settled();
  assertEquals([first.isNew, seniority.admit(clientOf(2), [{ rank: first }]).isNew], [false, true]);
  // The first one is not active, or has not been served for longer than others can hold it up.
  assertEquals(seniority.admit(clientOf(3), [{ rank: undefined }]).isNew, false);
  seniority.pass(leaseMs);
  assertEquals(seniority.admit(clientOf(4), [{ rank: first }]).isNew, true);
  seniority.pass(leaseMs);
  assertEquals(seniority.admit(clientOf(5), [{ rank: first }]).isNew, false);
});

Deno.test("Seniority calls nobody new because of one that has come shortly before, or that is new itself", () => {
  const seniority = new Seniority();
  const first = seniority.admit(clientOf(1), []);
  seniority.pass(settledMs - 1);
  seniority.served(first);
  assertEquals(seniority.admit(clientOf(2), [{ rank: first }]).isNew, false);
  const { seniority: other, first: old } = settled();
  const second = other.admit(clientOf(2), [{ rank: old }]);
  other.pass(settledMs);
  other.served(second);
  assertEquals(other.admit(clientOf(3), [{ rank: second }]).isNew, false);
});

Deno.test("Seniority lets nobody lose what it is by a new RESUME, and a new one become old in time", () => {
  const { seniority, first } = settled();
  const active = [{ rank: first }];
  assertEquals(seniority.admit(clientOf(2), active).isNew, true);
  seniority.pass(newForMs - 1);
  assertEquals([1, 2].map((number) => seniority.admit(clientOf(number), active).isNew), [false, true]);
  seniority.pass(1);
  assertEquals(seniority.admit(clientOf(2), active).isNew, false);
});

Deno.test("Seniority lets a session that was away begin again", () => {
  const { seniority, first } = settled();
  seniority.suspended(first);
  seniority.pass(501);
  seniority.served(seniority.admit(clientOf(1), []));
  assertEquals(seniority.admit(clientOf(2), [{ rank: first }]).isNew, false);
});

Deno.test("Seniority counts those of the view before when a view begins", () => {
  const { seniority, first } = settled();
  seniority.endView([{ rank: first }]);
  assertEquals(seniority.admit(clientOf(2), []).isNew, true);
  seniority.pass(1_000);
  assertEquals(seniority.admit(clientOf(3), []).isNew, false);
});

Deno.test("paceOf() asks more of each new client that comes, so that all together have little", () => {
  const rank = (isNew: boolean) => ({ sinceMs: 0, servedAtMs: 0, suspendedAtMs: undefined, isNew });
  assertEquals([0, 1, 15, 1e9].map((others) => paceOf(rank(true), others)), [2, 4, 32, paceMax]);
  assertEquals([0, 15].map((others) => paceOf(rank(false), others)), [1, 1]);
});

/** The answerer of two, where client 1 has been at work for long. */
function atWork(): Replica {
  const replica = replicaOf(2, undefined, 1);
  after(replica, hello(1), hello(2), hello(3), resume(1));
  for (let ms = 0; ms < settledMs; ms += replicaTickMs) after(replica, tick);
  const uid = { ts: 1, client: clientOf(1) };
  assertEquals(outputs(after(replica, request(1, 1), received(0, [receiptOf(1, 1)], uid)), 1), [1]);
  return replica;
}

/** The pace that a replica asks of a client that resumes. */
function paceAt(replica: Replica, link: number, v = 1): number | undefined {
  const [reply] = replies(after(replica, resume(link, v)), link);
  return reply.kind === "READY" ? reply.pace : undefined;
}

Deno.test("Replica asks a new client to promise further ahead, and takes no request of it that does not", () => {
  const replica = atWork();
  assertEquals([paceAt(replica, 2), paceAt(replica, 3)], [2, 4]);
  assertEquals(closed(after(replica, request(3, 1, { ts: 2, upto: 2 + 4 * 16 }))), []);
  const [[link, reason]] = closed(after(replica, request(2, 1, { ts: 2, upto: 2 + 2 * 16 - 1 })));
  assertEquals([link, reason], [2, "REQUEST 1: its client has to promise 1 more"]);
});

Deno.test("Replica counts only new clients that are active, and asks nothing more of old ones", () => {
  const replica = atWork();
  assertEquals(paceAt(replica, 2), 2);
  after(replica, clock(2, 5, { suspend: true }));
  assertEquals(paceAt(replica, 3), 2);
  after(replica, clock(1, 6, { suspend: true, done: 1 }));
  assertEquals([paceAt(replica, 1), paceAt(replica, 2)], [1, 4]);
  after(replica, install(0, decisionOf(2, { cut: [{ client: clientOf(1), seq: 1 }] })));
  assertEquals([paceAt(replica, 3, 2), paceAt(replica, 1, 2), paceAt(replica, 2, 2)], [2, 1, 4]);
});

Deno.test("Answerer sends a client that has its output no further than before requests of new ones", () => {
  const clockAfter = (newUpto: number) => {
    const replica = atWork();
    after(replica, resume(2), request(2, 1, { ts: 40, upto: newUpto }), request(1, 2, { ts: 30 }));
    const receipts = [receiptOf(1, 2, { ts: 30 }), receiptOf(2, 1, { ts: 40 })];
    const [output] = replies(after(replica, received(0, receipts, { ts: 30, client: clientOf(1) })), 1);
    return output.kind === "OUTPUT" ? [output.seq, output.clock] : undefined;
  };
  assertEquals(clockAfter(40 + 32), [2, 30]);
});

Deno.test("Answerer sends a client that has its output after what waits, but not after much", () => {
  const clockAfter = (bytes: number) => {
    const replica = replicaOf(2, undefined, 1);
    after(replica, hello(1), hello(2), resume(1), resume(2));
    const commands = bytes === 0 ? command : new Uint8Array(bytes);
    const large = requestOf(1, { ts: 40, upto: 40 + bytes, commands });
    after(replica, request(2, 1, large), request(1, 1, { ts: 30 }));
    const receipts = [receiptOf(1, 1, { ts: 30 }), receiptOf(2, 1, { ts: 40, commands })];
    const [output] = replies(after(replica, received(0, receipts, { ts: 30, client: clientOf(1) })), 1);
    return output.kind === "OUTPUT" ? output.clock : undefined;
  };
  assertEquals([0, 8 * 1024, 8 * 1024 + 1].map(clockAfter), [40, 40, 30]);
});

/** The floor that a replica gives a client that resumes. */
function floorAt(replica: Replica, link: number): number | undefined {
  const [reply] = replies(after(replica, resume(link)), link);
  return reply.kind === "READY" ? reply.floor : undefined;
}

Deno.test("Replica gives who resumes a floor below what a new client has sent far ahead", () => {
  const replica = atWork();
  after(replica, resume(2), request(2, 1, { ts: 2 ** 31, upto: 2 ** 31 + 32 }));
  assertEquals(floorAt(replica, 3), 1);
});

Deno.test("Member gives who resumes no floor below what it has told the answerer", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), hello(2), hello(3), resume(1), resume(2));
  // Too much waits for one of them to pass it, and both have promised more.
  const commands = new Uint8Array(16 * 1024);
  const large = requestOf(1, { ts: 40, upto: 40 + commands.length, commands });
  after(replica, request(2, 1, large), request(1, 1, { ts: 50, upto: 90 }));
  assertEquals(floorAt(replica, 3), 50);
  replica.invariants();
});

Deno.test("Replica lets new clients that come begin after what those before them have promised, and no others", () => {
  const replica = atWork();
  after(replica, resume(2), clock(1, 100), request(2, 1, { ts: 40, upto: 40 + 2 * 16 }));
  const receipts = [receiptOf(2, 1, { ts: 40 })];
  assertEquals(outputs(after(replica, received(0, receipts, { ts: 40, client: clientOf(2) })), 2), [1]);
  // It comes after all new ones that are active, as if each were about to send such a request.
  assertEquals(floorAt(replica, 3), 40 + 2 * 16 + 16);
  after(replica, clock(1, 101, { suspend: true, done: 1 }));
  assertEquals(floorAt(replica, 1), 40);
});

Deno.test("Answerer asks a client for a request of a new one only after long", () => {
  const replica = atWork();
  after(replica, resume(2), request(2, 1, { ts: 40, upto: 40 + 2 * 16 }));
  after(replica, received(0, [receiptOf(2, 1, { ts: 40 })], { ts: 40, client: clientOf(2) }));
  const asked = Array.from({ length: 16 }, () => replies(after(replica, lull), 1).length);
  assertEquals(asked, [...Array.from({ length: 15 }, () => 0), 1]);
});
