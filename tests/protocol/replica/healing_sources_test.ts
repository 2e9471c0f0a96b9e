/** Whom a member asks for what is damaged in its files (rule D8). */

import { assertEquals } from "@std/assert";
import type { SegmentRef } from "../../../src/history.ts";
import { HealingSources } from "../../../src/protocol/replica/healing_sources.ts";
import { Order } from "../../../src/protocol/replica/order.ts";
import { DigestMachine } from "../../simulator/digest_machine.ts";

const segment: SegmentRef = { kind: 1, number: 1, digest: new Uint8Array(32) };
const bytes = Uint8Array.of(1, 2, 3);
const is = (part: number) => ({ kind: "PART_IS", segment, part, fileBytes: 3, bytes }) as const;

/** Member 1 of three, and the words that it says. */
function member() {
  const said: string[] = [];
  const failed = new Set<number>();
  const order = new Order(new DigestMachine(), false);
  order.members = [0, 1, 2].map((id) => ({ id, address: "" }));
  const sources = new HealingSources({
    id: 1,
    order,
    failed,
    send: (to, message) => said.push(`r${to} ${message.kind}`),
    effect: (effect) => said.push(effect.kind === "part" ? `part ${effect.part}: ${effect.bytes.length}` : effect.kind),
  });
  const after = (work: (sources: HealingSources) => void) => {
    work(sources);
    return said.splice(0);
  };
  const wants = (part: number, other: number) => after((it) => it.wants({ kind: "wants", segment, part, other }));
  return { after, wants, failed, order };
}

Deno.test("HealingSources asks one other member after the other, and says when there is none", () => {
  const { after, wants, failed } = member();
  assertEquals(wants(3, 0), ["r0 PART"]);
  assertEquals(after((it) => it.came(0, is(3))), ["part 3: 3"]);
  assertEquals(after((it) => it.came(0, is(3))), [], "it was not asked for again");
  assertEquals(wants(3, 1), ["r2 PART"]);
  assertEquals(wants(3, 2), ["nobody"]);
  failed.add(0);
  assertEquals(wants(3, 0), ["r2 PART"]);
  assertEquals(wants(3, 1), ["nobody"]);
});

Deno.test("HealingSources takes a part only of the one that it asks, which has nothing if it dies", () => {
  const { after, wants } = member();
  wants(3, 0);
  wants(4, 0);
  assertEquals(after((it) => it.came(2, is(3))), []);
  assertEquals(after((it) => it.came(0, is(3))), ["part 3: 3"]);
  assertEquals(after((it) => it.failed(2)), []);
  assertEquals(after((it) => it.failed(0)), ["part 4: 0"]);
  wants(3, 1);
  assertEquals(after((it) => it.came(0, is(3))), [], "a late word");
  assertEquals(after((it) => it.came(2, is(3))), ["part 3: 3"]);
});

Deno.test("HealingSources skips nobody when a member fails in the middle of a round", () => {
  const { after, wants, failed, order } = member();
  assertEquals(wants(3, 0), ["r0 PART"]);
  failed.add(0);
  assertEquals(after((it) => it.failed(0)), ["part 3: 0"]);
  assertEquals(wants(3, 1), ["r2 PART"], "the next one, although it is the first one that is left");
  order.members = order.members.filter(({ id }) => id !== 0);
  assertEquals(wants(3, 1), ["r2 PART"], "also in the view without the dead one");
  assertEquals(wants(3, 2), ["nobody"]);
  assertEquals(wants(3, 0), ["r2 PART"], "another round begins with those that live");
});

Deno.test("HealingSources gets nothing of a member that fails before it is asked", () => {
  const { wants, failed } = member();
  wants(3, 0);
  failed.add(2);
  assertEquals(wants(3, 1), ["part 3: 0"]);
  assertEquals(wants(3, 2), ["nobody"]);
});
