/** When a request is executed, and by whom (R5). r1 is the answerer. */

import { assertEquals } from "@std/assert";
import { batchOf } from "../wire/messages_of.ts";
import { executedBytesTogetherMax, executedTogetherMax, promisePerMs } from "../../../src/limits.ts";
import { patienceMax } from "../../../src/protocol/replica/patience.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { ReplicaEvent } from "../../../src/protocol/replica/replica_events.ts";
import type { MessageOf } from "../../../src/protocol/wire/messages.ts";
import type { Position } from "../../../src/protocol/wire/records.ts";
import { lastClientId } from "../../../src/uid.ts";
import { echoing } from "../machines.ts";
import {
  after,
  clientOf,
  clock,
  command,
  decisionOf,
  hello,
  install,
  largeOf,
  lull,
  outputs,
  peer,
  prepare,
  receiptOf,
  received,
  replicaOf,
  replies,
  request,
  resume,
  sent,
  toReplicas,
} from "./stage.ts";

/** Nothing more comes up to this timestamp. */
const upTo = (ts: number) => ({ ts, client: lastClientId });

/** The answerer of that many members, with client 1, or clients 1 and 2, active. */
function answererOf(size: number, ...links: number[]) {
  const replica = replicaOf(size, echoing(), 1);
  for (const link of links) after(replica, hello(link), resume(link));
  return replica;
}

/** Where a replica is that has executed requests 1 to `count` of client 1, with the timestamps 10, 20 and so on. */
function positionAfter(count: number, machine = echoing()): Position {
  const order = new Order(machine, false);
  order.v = 1;
  for (let seq = 1; seq <= count; seq++) {
    order.follow(1, { client: clientOf(1), seq, ts: 10 * seq, done: 0, end: false, commands: command });
  }
  return order.position;
}

const executed = (count: number, fields: Partial<MessageOf<"EXECUTED">> = {}): ReplicaEvent =>
  peer(1, {
    kind: "EXECUTED",
    position: positionAfter(count),
    upTo: { ts: 10 * count, client: clientOf(1) },
    ...fields,
  });

/** Requests 1 to `count` of client 1, with these timestamps. */
const requests = (count: number) => Array.from({ length: count }, (_, at) => request(1, at + 1, { ts: 10 * (at + 1) }));

// ---- The answerer ----

Deno.test("Answerer executes a request once every other member has told it, with its own sum", () => {
  const replica = answererOf(3, 1);
  const receipt = receiptOf(1, 1, { ts: 5 });
  assertEquals(outputs(after(replica, request(1, 1, { ts: 5 })), 1), []);
  assertEquals(outputs(after(replica, received(0, [receipt], upTo(5))), 1), []);
  // The other one says that nothing more will come to it; that is not enough.
  assertEquals(outputs(after(replica, received(2, [], upTo(5))), 1), []);
  const effects = after(replica, received(2, [receipt], upTo(5)));
  assertEquals(replies(effects, 1), [{ kind: "OUTPUT", v: 1, clock: 5, seq: 1, index: 1, outputs: command }]);
});

Deno.test("Answerer takes receipts that come before the request itself", () => {
  const replica = answererOf(3, 1);
  const receipts = [receiptOf(1, 1, { ts: 5 }), receiptOf(1, 2, { ts: 6 })];
  after(replica, received(0, receipts, upTo(6)), received(2, receipts, upTo(6)));
  assertEquals(outputs(after(replica, request(1, 1, { ts: 5 })), 1), [1]);
  assertEquals(outputs(after(replica, request(1, 2, { ts: 6 })), 1), [2]);
});

Deno.test("Answerer executes nothing to which another member may still receive a predecessor", () => {
  const replica = answererOf(2, 1);
  const receipt = receiptOf(1, 1, { ts: 5 });
  assertEquals(outputs(after(replica, request(1, 1, { ts: 5 }), received(0, [receipt], upTo(4))), 1), []);
  // A uid just below is not enough, and itself is.
  assertEquals(outputs(after(replica, received(0, [], { ts: 5, client: clientOf(0) })), 1), []);
  assertEquals(outputs(after(replica, received(0, [], { ts: 5, client: clientOf(1) })), 1), [1]);
});

Deno.test("Answerer executes nothing to which it may still receive a predecessor itself", () => {
  const replica = answererOf(2, 1, 2);
  after(replica, request(1, 1, { ts: 5 }), received(0, [receiptOf(1, 1, { ts: 5 })], upTo(5)));
  assertEquals(outputs(after(replica, clock(2, 4)), 1), []);
  assertEquals(outputs(after(replica, clock(2, 5)), 1), [1]);
});

Deno.test("Answerer executes nothing that follows a request which another member has, and which has not come", () => {
  const replica = answererOf(2, 1, 2);
  const early = receiptOf(2, 1, { ts: 3 });
  after(replica, request(1, 1, { ts: 5 }), received(0, [receiptOf(1, 1, { ts: 5 }), early], upTo(5)));
  // Its client claims to be further, which is a lie.
  assertEquals(outputs(after(replica, clock(2, 9)), 1), []);
  assertEquals(replica.inspect().pending[0].lacks, []);
  // One that comes later holds up nothing.
  const other = answererOf(2, 1, 2);
  const later = receiptOf(2, 1, { ts: 7 });
  after(other, request(1, 1, { ts: 5 }), received(0, [receiptOf(1, 1, { ts: 5 }), later], upTo(5)));
  assertEquals(outputs(after(other, clock(2, 6)), 1), [1]);
});

Deno.test("Answerer ends the view at once where two members were sent different requests under one seq", () => {
  for (const isEarly of [false, true]) {
    const replica = answererOf(3, 1);
    const other = receiptOf(1, 1, { ts: 6 });
    const events = [request(1, 1, { ts: 5 }), received(0, [other], upTo(9))];
    const effects = after(replica, ...isEarly ? events.reverse() : events);
    assertEquals([toReplicas(effects), outputs(effects, 1)], [[[0, "ALARM"], [2, "ALARM"]], []]);
    assertEquals(sent(effects, "ALARM")[0].blame, { client: clientOf(1), seq: 1, waitedMs: 0 });
    // Once.
    assertEquals(toReplicas(after(replica, received(2, [other], upTo(9)))), []);
    assertEquals(outputs(after(replica), 1), []);
  }
});

Deno.test("Answerer does not take a receipt for a request that it has executed already for one of the next", () => {
  const replica = answererOf(2, 1);
  after(replica, request(1, 1, { ts: 5 }), received(0, [receiptOf(1, 1, { ts: 5 })], upTo(5)));
  after(replica, request(1, 2, { ts: 6 }));
  // Nobody tells a request twice: who does has no part in the agreement, and the view ends.
  const effects = after(replica, received(0, [receiptOf(1, 1, { ts: 5 })], upTo(6)));
  assertEquals([outputs(effects, 1), toReplicas(effects)], [[], [[0, "ALARM"]]]);
});

Deno.test("Answerer drops receipts of another view, while it is frozen, and from those that are not members", () => {
  const receipt = receiptOf(1, 1, { ts: 5 });
  const replica = answererOf(2, 1);
  const strange = [received(0, [receipt], upTo(5), 2), received(7, [receipt], upTo(5))];
  assertEquals(outputs(after(replica, request(1, 1, { ts: 5 }), ...strange), 1), []);
  const frozen = answererOf(2, 1);
  after(frozen, request(1, 1, { ts: 5 }), peer(0, { kind: "PREPARE", v: 1, ballot: { n: 1, id: 0 } }));
  assertEquals(outputs(after(frozen, received(0, [receipt], upTo(5))), 1), []);
  // Nor does it keep any over a view.
  const later = answererOf(2, 1);
  after(later, received(0, [receiptOf(1, 1, { ts: 4 })], upTo(5)), install(0, decisionOf(2)), resume(1, 2));
  const again = after(later, request(1, 1, { v: 2, ts: 5 }));
  assertEquals([outputs(again, 1), toReplicas(again)], [[], []]);
  assertEquals(outputs(after(later, received(0, [receipt], upTo(5), 2)), 1), [1]);
});

Deno.test("Answerer tells what it has executed two lulls later, all together, and at once where it is much", () => {
  const replica = answererOf(2, 1);
  const count = executedTogetherMax;
  const receipts = Array.from({ length: count + 1 }, (_, at) => receiptOf(1, at + 1, { ts: 10 * (at + 1) }));
  after(replica, ...requests(count + 1));
  for (const event of [received(0, receipts.slice(0, 1), upTo(10)), received(0, receipts.slice(1, 3), upTo(30))]) {
    replica.step(event);
    const { effects, wantsLull } = replica.ready();
    assertEquals([toReplicas(effects), wantsLull], [[], true]);
  }
  assertEquals(toReplicas(after(replica, lull)), [], "more may come in the next one");
  const told = after(replica, lull);
  const message = { kind: "EXECUTED" as const, position: positionAfter(3), upTo: { ts: 30, client: clientOf(1) } };
  assertEquals(sent(told, "EXECUTED"), [message]);
  assertEquals([toReplicas(after(replica, lull)), replica.ready().wantsLull], [[], false]);
  // Without a lull, one below the bound.
  const rest = receipts.slice(3);
  assertEquals(toReplicas(after(replica, received(0, rest.slice(0, -3), upTo(10 * (count - 2))))), []);
  const third = answererOf(2, 1);
  after(third, ...requests(count));
  const below = 10 * (count - 1);
  assertEquals(toReplicas(after(third, received(0, receipts.slice(0, count - 1), upTo(below)))), []);
  assertEquals(toReplicas(after(third, received(0, [receipts[count - 1]], upTo(10 * count)))), [[0, "EXECUTED"]]);
});

Deno.test("Answerer tells at once of a request that takes long to execute", () => {
  const tells = (bytes: number) => {
    const commands = batchOf(new Uint8Array(bytes));
    const replica = answererOf(2, 1);
    after(replica, request(1, 1, { ts: 10, commands }));
    return toReplicas(after(replica, received(0, [receiptOf(1, 1, { ts: 10, commands })], upTo(10))));
  };
  // Its output has as many bytes.
  const half = executedBytesTogetherMax / 2;
  assertEquals([tells(half - 10), tells(half)], [[], [[0, "EXECUTED"]]]);
});

Deno.test("Answerer asks the clients that its head waits for at the first lull, and each once", () => {
  const replica = answererOf(2, 1, 2);
  const nudge = { kind: "NUDGE" as const, v: 1, ts: 5 };
  assertEquals(replies(after(replica, request(1, 1, { ts: 5 })), 2), []);
  assertEquals([replies(after(replica, lull), 2), replies(after(replica, lull), 2)], [[nudge], []]);
  assertEquals(replies(after(replica, clock(2, 6)), 2), []);
  // For the next head, with the clock of the replica: all that was received.
  after(
    replica,
    received(0, [receiptOf(1, 1, { ts: 5 })], upTo(5)),
    request(1, 2, { ts: 8 }),
    request(1, 3, { ts: 9 }),
  );
  // It has sent nothing but its clock, so it is asked to be further ahead.
  assertEquals(replies(after(replica, lull), 2), [{ ...nudge, ts: 9 + 4 * promisePerMs }]);
});

// ---- The other members ----

Deno.test("Member executes no more in a turn than a turn may take, and the rest in the next one", () => {
  const replica = replicaOf(2);
  const commands = batchOf(new Uint8Array(300_000));
  after(replica, hello(1), resume(1));
  for (const seq of [1, 2]) after(replica, request(1, seq, largeOf(seq, commands)));
  // The digest says nothing here: a member that is elsewhere raises the alarm when it has executed all.
  replica.step(executed(2, { upTo: { ts: largeOf(2, commands).ts, client: clientOf(1) } }));
  assertEquals([replica.ready().wantsLull, replica.status().executed], [true, 1]);
  after(replica, lull);
  assertEquals([replica.status().executed, replica.status().pending], [2, 0]);
});

Deno.test("Member executes what the answerer has executed, and nothing before, and gives no outputs", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), resume(1), ...requests(3));
  assertEquals([replica.status().executed, replica.status().pending], [0, 3]);
  assertEquals(after(replica, executed(2)), []);
  assertEquals([replica.status().executed, replica.status().pending], [2, 1]);
});

Deno.test("Member ends the view where it is elsewhere than the answerer, and blames no client", () => {
  for (const position of [{ ...positionAfter(2), digest: 1 }, positionAfter(3), positionAfter(1)]) {
    const replica = replicaOf(3);
    after(replica, hello(1), resume(1), ...requests(2));
    const effects = after(replica, executed(2, { position }));
    assertEquals(sent(effects, "ALARM").map(({ blame }) => blame), [undefined, undefined]);
  }
});

Deno.test("Member drops EXECUTED of another view, and what comes while it is frozen", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), resume(1), ...requests(2));
  for (const v of [0, 2]) assertEquals(after(replica, executed(2, { position: { ...positionAfter(2), v } })), []);
  after(replica, prepare);
  assertEquals([after(replica, executed(2)), replica.status().executed], [[], 0]);
});

Deno.test("Member keeps no EXECUTED over a view", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), resume(1), ...requests(2));
  replica.step(executed(2));
  replica.step(install(1, decisionOf(2)));
  after(replica, resume(1, 2), request(1, 1, { v: 2, ts: 1 }));
  assertEquals([replica.status().executed, replica.status().pending], [0, 1]);
});

Deno.test("Member leaves it to the answerer to ask clients for a while, and then asks for its own head", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), hello(2), resume(1), resume(2), request(1, 1, { ts: 5 }));
  const nudges = Array.from({ length: 10 }, () => replies(after(replica, lull), 2).length);
  assertEquals(nudges, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  // Later its timer asks again.
  for (let count = 10; count < patienceMax; count++) assertEquals(replies(after(replica, lull), 2), []);
  assertEquals(replica.ready().wantsLull, false);
});

Deno.test("Replica that is alone executes at once, in the order of receipt, and tells nobody", () => {
  const replica = replicaOf(1);
  after(replica, hello(1), hello(2), resume(1), resume(2));
  assertEquals(outputs(after(replica, request(2, 1, { ts: 50 })), 2), [1]);
  const effects = after(replica, request(1, 1, { ts: 5 }));
  assertEquals([outputs(effects, 1), toReplicas(effects)], [[1], []]);
  assertEquals(replica.ready().wantsLull, false);
});
