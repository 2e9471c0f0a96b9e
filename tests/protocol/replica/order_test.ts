/** The order of requests at one replica, whatever becomes of the replica. */

import { assertEquals } from "@std/assert";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { CarriedRequest, Decision } from "../../../src/protocol/wire/records.ts";
import { DigestMachine } from "../../simulator/history.ts";
import { batchOf } from "../wire/messages_of.ts";

const client = "1".repeat(32);
const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
const request = (seq: number, ts: number): CarriedRequest => {
  return { client, seq, ts, done: 0, end: false, commands: batchOf(Uint8Array.of(seq)) };
};

Deno.test("Order that was abandoned takes the order of its donor, though it has executed a later request alone", () => {
  // Only a client that lies about what is agreed leads there.
  const order = new Order(new DigestMachine(), true);
  order.v = 1;
  order.members = members;
  order.receiveAgain(request(1, 50));
  order.apply(order.pending.shift()!);
  order.abandon();
  const fresh = new Order(new DigestMachine(), true).executor.freeze();
  const restoring = order.restoring(1);
  restoring.push(fresh.take(fresh.length));
  restoring.finish();
  order.clone({ v: 1, pending: [request(1, 40)] });
  const decision: Decision = { v: 2, members, clock: 40, cut: [{ client, seq: 1 }], expired: [] };
  order.members = members;
  order.drain(decision);
  order.begin(decision, 0);
  assertEquals([order.position.requests, order.executor.last?.ts], [1, 40]);
});
