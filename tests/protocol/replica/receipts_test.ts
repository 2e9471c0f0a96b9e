/** What the answerer was told by the other members (rule R5). */

import { assertEquals } from "@std/assert";
import { Order } from "../../../src/protocol/replica/order.ts";
import type { PendingRequest } from "../../../src/protocol/replica/channel.ts";
import { Receipts } from "../../../src/protocol/replica/receipts.ts";
import { Summer } from "../../../src/protocol/replica/sum.ts";
import type { Receipt } from "../../../src/protocol/wire/records.ts";
import { DigestMachine } from "../../simulator/history.ts";

const client = "a".repeat(32);
// A batch of one command.
const commands = new Uint8Array([1, 1]);
const upTo = { ts: 0, client };

/** The answerer, replica 1 of two, and the receipts that replica 0 sends it. */
class Answerer {
  readonly #order = new Order(new DigestMachine(), false);
  readonly #summer = new Summer("0".repeat(64));
  readonly receipts = new Receipts({ id: 1, order: this.#order, summer: this.#summer });

  constructor() {
    this.receipts.reset([0, 1].map((id) => ({ id, address: `r${id}` })));
  }

  /** Request 1 of the client comes here. */
  received(ts: number): PendingRequest {
    const channel = this.#order.channels.of(client);
    const request = this.#order.receive(channel, { seq: 1, ts, done: 0, end: false, commands });
    this.receipts.received(request);
    return request;
  }

  /** Replica 0 tells that request 1 of the client has come there. */
  told(ts: number): Receipt {
    const sum = this.#summer.of({ seq: 1, ts, end: false, commands });
    const receipt = { client, seq: 1, ts, sum };
    this.receipts.told(0, { kind: "RECEIVED", v: 0, receipts: [receipt], upTo });
    return receipt;
  }
}

Deno.test("Receipts counts a member that has the same request, whether it has told so before or after it came here", () => {
  for (const isEarly of [true, false]) {
    const answerer = new Answerer();
    if (isEarly) assertEquals(answerer.told(5), answerer.receipts.firstEarly);
    const request = answerer.received(5);
    if (!isEarly) answerer.told(5);
    assertEquals([request.tellers, answerer.receipts.firstEarly, answerer.receipts.conflict], [
      1,
      undefined,
      undefined,
    ]);
  }
});

Deno.test("Receipts holds up all after another request under one seq until the view ends, whichever came first", () => {
  for (const isEarly of [true, false]) {
    const answerer = new Answerer();
    const told = isEarly ? answerer.told(5) : undefined;
    const request = answerer.received(42);
    const receipt = told ?? answerer.told(5);
    assertEquals(request.tellers, 0);
    assertEquals([answerer.receipts.firstEarly, answerer.receipts.conflict], [receipt, receipt]);
    answerer.receipts.reset([]);
    assertEquals([answerer.receipts.firstEarly, answerer.receipts.conflict], [undefined, undefined]);
  }
});
