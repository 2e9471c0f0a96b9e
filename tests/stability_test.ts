import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Heard, isStable, leastHeard, mayPrecede, Pending, reachOf } from "../src/stability.ts";
import { compareUid, lastClientId, type Uid } from "../src/uid.ts";

const client = fc.constantFrom("a", "b", "c", "d", "e");
const ts = fc.nat(8);
const uid: fc.Arbitrary<Uid> = fc.record({ ts, client });
const active: fc.Arbitrary<Heard[]> = fc.uniqueArray(fc.record({ client, lastTs: ts }), {
  selector: (heard) => heard.client,
});

/** By trial: every uid that the client can still send, some way ahead, and one that it was given a floor of. */
function canStillSendBefore(heard: Heard, request: Uid): boolean {
  for (let next = heard.lastTs; next <= request.ts; next++) {
    if (compareUid({ ts: next, client: heard.client }, request) < 0) return true;
  }
  return false;
}

Deno.test("mayPrecede() says whether a client can still send something that comes before", () => {
  const request = { ts: 5, client: "m" };
  assertEquals(mayPrecede({ client: "a", lastTs: 4 }, request), true);
  assertEquals(mayPrecede({ client: "z", lastTs: 4 }, request), true);
  assertEquals(mayPrecede({ client: "a", lastTs: 6 }, request), false);
  // At the same timestamp the smaller client id decides.
  assertEquals(mayPrecede({ client: "a", lastTs: 5 }, request), true);
  assertEquals(mayPrecede({ client: "z", lastTs: 5 }, request), false);
  assertEquals(mayPrecede({ client: "m", lastTs: 5 }, request), false);
});

Deno.test("mayPrecede() agrees with trying every timestamp", () => {
  fc.assert(fc.property(fc.record({ client, lastTs: ts }), uid, (heard, request) => {
    assertEquals(mayPrecede(heard, request), canStillSendBefore(heard, request));
  }));
});

Deno.test("isStable() agrees with trying every client", () => {
  fc.assert(fc.property(active, uid, (heards, request) => {
    assertEquals(isStable(request, leastHeard(heards)), !heards.some((heard) => canStillSendBefore(heard, request)));
  }));
});

Deno.test("isStable() holds where nobody is active", () => {
  assertEquals(isStable({ ts: 1, client: "a" }, leastHeard([])), true);
});

Deno.test("leastHeard() is the client that can precede a request if any can", () => {
  fc.assert(fc.property(active, uid, (heards, request) => {
    const least = leastHeard(heards);
    assertEquals(least === undefined, heards.length === 0);
    assertEquals(least !== undefined && mayPrecede(least, request), heards.some((heard) => mayPrecede(heard, request)));
  }));
});

Deno.test("isStable() never becomes false again while clients only move forward", () => {
  fc.assert(fc.property(active, uid, fc.array(fc.tuple(fc.nat(4), fc.nat(3))), (heards, request, steps) => {
    const clients = heards.map((heard) => ({ ...heard }));
    let wasStable = isStable(request, leastHeard(clients));
    for (const [at, more] of steps) {
      if (clients.length > 0) clients[at % clients.length].lastTs += more;
      const stable = isStable(request, leastHeard(clients));
      assertEquals(wasStable && !stable, false);
      wasStable = stable;
    }
  }));
});

Deno.test("Pending gives the smallest uid first, in whatever order requests came", () => {
  fc.assert(fc.property(fc.uniqueArray(uid, { selector: (each) => `${each.ts}.${each.client}` }), (uids) => {
    const pending = new Pending<Uid>();
    for (const each of uids) pending.insert(each);
    const sorted = [...uids].sort(compareUid);
    assertEquals([pending.size, [...pending], pending.peek()], [uids.length, sorted, sorted[0]]);
    assertEquals(uids.map(() => pending.shift()), sorted);
    assertEquals([pending.size, pending.peek(), pending.shift()], [0, undefined, undefined]);
  }));
});

Deno.test("Pending does the same as a list that is sorted each time", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("insert" as const), ts: fc.nat(100) }) },
    { weight: 2, arbitrary: fc.constant({ kind: "shift" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "clear" as const }) },
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const pending = new Pending<Uid & { at: number }>();
    let slow: (Uid & { at: number })[] = [];
    steps.forEach((step, at) => {
      if (step.kind === "insert") {
        const request = { ts: step.ts, client: at.toString(16).padStart(4, "0"), at };
        pending.insert(request);
        slow = [...slow, request].sort(compareUid);
      } else if (step.kind === "shift") {
        assertEquals(pending.shift(), slow.shift());
      } else {
        pending.clear();
        slow = [];
      }
      assertEquals([pending.size, pending.peek(), [...pending]], [slow.length, slow[0], slow]);
    });
  }));
});

Deno.test("Pending keeps its order and its size when thousands have passed through it and some always wait", () => {
  const pending = new Pending<Uid>();
  let shifted = 0;
  for (let ts = 1; ts <= 10_000; ts++) {
    pending.insert({ ts, client: "a" });
    if (pending.size > 10) assertEquals(pending.shift()!.ts, ++shifted);
  }
  assertEquals([pending.size, [...pending].map((request) => request.ts)[0], shifted], [10, shifted + 1, 9_990]);
});

Deno.test("reachOf() is where the client stands that was heard least far, and never above the clock", () => {
  const least = { client: "5", lastTs: 10 };
  assertEquals(reachOf(least, 20), { ts: 10, client: "5" });
  assertEquals(reachOf(least, 10), { ts: 10, client: "5" });
  assertEquals(reachOf(least, 9), { ts: 9, client: lastClientId });
  assertEquals(reachOf(undefined, 9), { ts: 9, client: lastClientId });
});

Deno.test("reachOf() is not above what a client can still send, nor below what none can", () => {
  fc.assert(fc.property(active, fc.nat(12), uid, (clients, clock, request) => {
    const reach = reachOf(leastHeard(clients), clock);
    // The clock is at or above every timestamp that was received, and a client that resumes sends above it.
    const isOpen = request.ts > clock || clients.some((client) => mayPrecede(client, request));
    assertEquals(compareUid(request, reach) > 0, isOpen);
  }));
});

Deno.test("Pending.hasBetween() says whether a request waits that comes after one uid, and not after the other", () => {
  const uids = fc.uniqueArray(uid, { selector: (each) => `${each.ts}.${each.client}` });
  fc.assert(fc.property(uids, fc.nat(5), uid, uid, (uids, shifts, after, upTo) => {
    const pending = new Pending<Uid>();
    for (const each of uids) pending.insert(each);
    for (let count = 0; count < shifts; count++) pending.shift();
    const expected = [...pending].some((each) => compareUid(each, after) > 0 && compareUid(each, upTo) <= 0);
    assertEquals(pending.hasBetween(after, upTo), expected);
  }));
});
