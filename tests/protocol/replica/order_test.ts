/** The order of requests at one replica, whatever becomes of the replica. */

import { assertEquals } from "@std/assert";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { Rank } from "../../../src/protocol/replica/seniority.ts";
import type { CarriedRequest, Decision } from "../../../src/protocol/wire/records.ts";
import { allOf } from "../../../src/snapshot.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";
import { batchOf } from "../wire/messages_of.ts";

const client = "1".repeat(32);
const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
const request = (seq: number, ts: number): CarriedRequest => {
  return { client, seq, ts, done: 0, end: false, commands: batchOf(Uint8Array.of(seq)) };
};

Deno.test("Order that was abandoned takes the order of its donor, though it has executed a later request alone", () => {
  // Only a file of version 0.10 leads there: its replica believed what clients said of other replicas.
  const order = new Order(new DigestMachine(), true);
  order.v = 1;
  order.members = members;
  order.receiveAgain(request(1, 50));
  order.apply(order.pending.shift()!);
  order.abandon();
  const fresh = new Order(new DigestMachine(), true).executor.freeze();
  const restoring = order.restoring(1);
  restoring.push(allOf(fresh));
  restoring.finish();
  order.clone({ v: 1, pending: [request(1, 40)] });
  const decision: Decision = { v: 2, members, clock: 40, cut: [{ client, seq: 1 }], expired: [] };
  order.members = members;
  order.drain(decision);
  order.begin(decision, 0);
  assertEquals([order.position.requests, order.executor.last?.ts], [1, 40]);
});

Deno.test("Order of one that is alone is never present below what was executed, whatever waits", () => {
  const order = new Order(new DigestMachine(), true);
  order.v = 1;
  order.members = members.slice(0, 1);
  order.receiveAgain(request(1, 50));
  order.apply(order.pending.shift()!);
  assertEquals(order.present, 50);
  // The order is that of receipt.
  const other = "2".repeat(32);
  order.receiveAgain({ ...request(1, 7), client: other });
  assertEquals(order.present, 50);
  const stranger = "3".repeat(32);
  const rank: Rank = { sinceMs: 0, suspendedAtMs: undefined, isNew: true, servedAtMs: 0 };
  order.channels.of(stranger).rank = rank;
  order.receiveAgain({ ...request(1, 60), client: stranger });
  assertEquals(order.present, 50);
  order.apply(order.pending.shift()!);
  assertEquals(order.present, 50);
  order.apply(order.pending.shift()!);
  assertEquals(order.present, 60);
});

Deno.test("Order that a liar led astray tells so, and begins the view with what it has executed", () => {
  const order = new Order(new DigestMachine(), true);
  order.v = 1;
  order.members = members;
  for (const seq of [1, 2, 3]) order.receiveAgain(request(seq, seq));
  order.apply(order.pending.shift()!);
  const next = (seq: number): Decision => ({
    v: 2,
    members,
    clock: 3,
    cut: seq === 0 ? [] : [{ client, seq }],
    expired: [],
  });
  const says = (end: number, seq: number) =>
    `it has request ${end} of session "${client}", and view 2 begins after ${seq}`;
  assertEquals([1, 2, 3].map((seq) => order.strayFrom(next(seq))), [undefined, undefined, undefined]);
  assertEquals([order.strayFrom(next(0)), order.strayFrom(next(4))], [says(1, 0), says(3, 4)]);
  order.drain(next(0));
  order.begin(next(0), 0);
  assertEquals([order.v, order.position.requests, order.pending.size], [2, 1, 0]);
  order.invariants();
});
