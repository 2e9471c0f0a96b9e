import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareUid, incarnationOf, replicaId, slotOf, slotsMax, type Uid } from "../src/uid.ts";

/** Few clients and timestamps, so that ties occur. */
const uid: fc.Arbitrary<Uid> = fc.record({
  ts: fc.nat(5),
  client: fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16).repeat(32)),
});

Deno.test("replicaId() keeps slot and incarnation apart, and older replicas sort first", () => {
  fc.assert(fc.property(fc.nat(slotsMax - 1), fc.nat(1_000), (slot, incarnation) => {
    const id = replicaId(slot, incarnation);
    assertEquals([slotOf(id), incarnationOf(id)], [slot, incarnation]);
    assert(id < replicaId(0, incarnation + 1));
  }));
  assertEquals([0, 1, 2].map((slot) => replicaId(slot, 0)), [0, 1, 2]);
});

Deno.test("compareUid() orders by timestamp, and by client where they are the same", () => {
  const uids = [
    { ts: 2, client: "a" },
    { ts: 10, client: "a" },
    { ts: 2, client: "b" },
    { ts: 1, client: "f" },
  ];
  assertEquals(uids.sort(compareUid), [
    { ts: 1, client: "f" },
    { ts: 2, client: "a" },
    { ts: 2, client: "b" },
    { ts: 10, client: "a" },
  ]);
});

Deno.test("compareUid() is a total order", () => {
  fc.assert(fc.property(uid, uid, uid, (a, b, c) => {
    assertEquals(Math.sign(compareUid(a, b)), -Math.sign(compareUid(b, a)) + 0);
    assertEquals(compareUid(a, b) === 0, a.ts === b.ts && a.client === b.client);
    if (compareUid(a, b) <= 0 && compareUid(b, c) <= 0) assert(compareUid(a, c) <= 0);
  }));
});
