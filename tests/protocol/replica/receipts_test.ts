/** What the answerer was told by the other members (rule R5). */

import { assertEquals } from "@std/assert";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { PendingRequest } from "../../../src/protocol/replica/channel.ts";
import { Receipts } from "../../../src/protocol/replica/receipts.ts";
import { Summer } from "../../../src/protocol/replica/sum.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";

const client = "a".repeat(32);
// A batch of one command.
const commands = new Uint8Array([1, 1]);
const upTo = { ts: 0, client };

/** The answerer, replica 1 of two. */
function stage() {
  const order = new Order(new DigestMachine(), false);
  const summer = new Summer("0".repeat(64));
  const receipts = new Receipts({ id: 1, order, summer });
  receipts.reset([0, 1].map((id) => ({ id, address: `r${id}` })));
  return {
    receipts,
    /** Request 1 of the client comes to it. */
    received(ts: number): PendingRequest {
      const request = order.receive(order.channels.of(client), { seq: 1, ts, done: 0, end: false, commands });
      receipts.received(request);
      return request;
    },
    /** Replica 0 tells it that request 1 of the client has come there. */
    told(ts: number): void {
      const sum = summer.of({ seq: 1, ts, end: false, commands });
      receipts.told(0, { kind: "RECEIVED", v: 0, receipts: [{ client, seq: 1, ts, sum }], upTo });
    },
  };
}

Deno.test("Receipts counts a member that has the same request, if it told so before or after it came here", () => {
  for (const isEarly of [true, false]) {
    const { receipts, ...answerer } = stage();
    if (isEarly) answerer.told(5);
    assertEquals(receipts.firstEarly?.ts, isEarly ? 5 : undefined);
    const request = answerer.received(5);
    if (!isEarly) answerer.told(5);
    assertEquals([receipts.isToldByAll(request), receipts.firstEarly, receipts.conflict], [true, undefined, undefined]);
  }
});

Deno.test("Receipts holds up all after another request under one seq until the view ends, whichever came first", () => {
  for (const isEarly of [true, false]) {
    const { receipts, ...answerer } = stage();
    if (isEarly) answerer.told(5);
    const request = answerer.received(42);
    if (!isEarly) answerer.told(5);
    assertEquals([receipts.isToldByAll(request), receipts.firstEarly?.ts, receipts.conflict?.ts], [false, 5, 5]);
    receipts.reset([]);
    assertEquals([receipts.firstEarly, receipts.conflict], [undefined, undefined]);
  }
});
