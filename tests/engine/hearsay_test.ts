import { assertEquals } from "@std/assert";
import type { NodeSaying } from "../../src/engine/core/order.ts";
import { Hearsay } from "../../src/engine/hearsay.ts";

const saying = (node: string, fields: Partial<NodeSaying> = {}): NodeSaying => {
  return { node, address: `${node}:8892`, n: 1, digest: 2, clockMs: 1_000, ...fields };
};

Deno.test("a node knows of others what they said last, and how far their clocks are ahead", () => {
  const hearsay = new Hearsay();
  assertEquals(hearsay.nodes(900), []);
  hearsay.heard([saying("a"), saying("b", { clockMs: 800, n: 7 })], 900);
  assertEquals(hearsay.nodes(900), [
    { name: "a", address: "a:8892", n: 1, skewMs: 100 },
    { name: "b", address: "b:8892", n: 7, skewMs: -100 },
  ]);
  // The same words are older each time; only what is new tells the clock.
  hearsay.heard([saying("a"), saying("b", { clockMs: 1_850, n: 8 })], 1_900);
  assertEquals(hearsay.nodes(1_900).map(({ n, skewMs }) => [n, skewMs]), [[1, 100], [8, -50]]);
  hearsay.heard([], 2_900);
  assertEquals(hearsay.nodes(2_900), []);
});

Deno.test("nothing counts that was heard 10 seconds ago, or before the clock was set", () => {
  const hearsay = new Hearsay();
  hearsay.heard([saying("a")], 100_000);
  for (const nowMs of [90_000, 110_000]) assertEquals(hearsay.nodes(nowMs).length, 1);
  for (const nowMs of [89_999, 110_001]) assertEquals(hearsay.nodes(nowMs), []);
});

Deno.test("a node keeps few others, however many keys somebody has written", () => {
  const hearsay = new Hearsay();
  hearsay.heard(Array.from({ length: 1_000 }, (_, at) => saying(`n${at}`)), 1_000);
  assertEquals(hearsay.nodes(1_000).length, 50);
});
