/** What a replica says of itself to those that ask for its status. */

import { assertEquals } from "@std/assert";
import { type StatusHost, StatusLinks } from "../../../src/net/replica/status_links.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import { statusOf } from "../../../src/protocol/replica/status_of.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";

/** How much a newcomer says that it has, of what it was fed and of what it fetches. */
function saidOf(restored: number | undefined, obtained: number | undefined) {
  const order = new Order(new DigestMachine(), false);
  const nothing = { segments: 0, bytes: 0, unsealedBytes: 0, freeBytes: 0, diskBytes: 0, damaged: 0, damages: [] };
  const unused = () => undefined;
  const host: StatusHost = {
    words: { kind: "replica", notYet: "" },
    cluster: "c0".repeat(16),
    database: undefined,
    core: {
      restored,
      status: () => statusOf(1, order, { joining: true, frozen: false, durable: false }),
      inspect: () => ({ pending: [], active: 0, heard: [], flush: undefined }),
    },
    history: {
      figures: () => ({ ...nothing, failure: undefined }),
      obtained,
      hold: () => {
        throw new Error("nobody makes a copy");
      },
      released: unused,
      hurry: unused,
      isFault: () => false,
    },
    refuse: unused,
    schedule: unused,
    scheduleLater: unused,
  };
  const { joining, restored: data, fetched } = new StatusLinks(host).status();
  return { joining, data, fetched };
}

Deno.test("a newcomer says in its status how much it has, and 100 percent only when it has all", () => {
  assertEquals(saidOf(undefined, 0.379), { joining: true, data: undefined, fetched: 37 });
  assertEquals(saidOf(0, undefined), { joining: true, data: 0, fetched: undefined });
  assertEquals(saidOf(0.999, 0), { joining: true, data: 99, fetched: 0 });
  assertEquals(saidOf(1, 1), { joining: true, data: 100, fetched: 100 });
});
