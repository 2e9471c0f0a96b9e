/** How often clients that nobody knows may make others wait (R10). */

import { assertEquals } from "@std/assert";
import { leaseMs, replicaTickMs } from "../../../src/limits.ts";
import { Gate, noSeq } from "../../../src/protocol/replica/gate.ts";
import {
  after,
  clientOf,
  clock,
  decisionOf,
  hello,
  install,
  peer,
  replicaOf,
  replies,
  request,
  resume,
  tick,
} from "./stage.ts";

/** Two waits until the lease is over, with their flushes, cost that much at the end of the second one: it is free. */
const freeMs = 5 * (leaseMs + 100);

/** Others may wait for two leases and a flush: whoever was served before is still at work then. */
const atWorkMs = 2 * leaseMs + 1_000;

/** The view has ended for a client for which the others have waited. */
function cost(gate: Gate, number: number, waitedMs: number): void {
  gate.blame({ client: clientOf(number), seq: noSeq, waitedMs });
  gate.settle(decisionOf(1));
}

/** For how long the gate is closed for a session that nobody knows. */
function closedMs(gate: Gate): number {
  let ms = 0;
  for (; !gate.isOpenFor(clientOf(99)); ms += 100) gate.pass(100);
  return ms;
}

Deno.test("Gate is open until what clients cost is above what is free, and then for those that are at work", () => {
  const gate = new Gate();
  const isOpen = () => [8, 9].map((number) => gate.isOpenFor(clientOf(number)));
  cost(gate, 1, leaseMs);
  gate.served(clientOf(9));
  gate.pass(leaseMs + 100);
  cost(gate, 2, leaseMs);
  assertEquals(isOpen(), [true, true]);
  cost(gate, 3, 0);
  assertEquals(isOpen(), [false, true]);
});

Deno.test("Gate is open for those that were served lately, however many costs there were since", () => {
  const gate = new Gate();
  const isOpen = () => [8, 9].map((number) => gate.isOpenFor(clientOf(number)));
  const costs = () => {
    for (let number = 100; number < 200; number++) cost(gate, number, 0);
  };
  gate.served(clientOf(8));
  cost(gate, 1, 0);
  gate.served(clientOf(8));
  costs();
  assertEquals(isOpen(), [true, false]);
  // In the next period others are served, and it is not.
  gate.served(clientOf(9));
  gate.pass(atWorkMs);
  costs();
  gate.served(clientOf(9));
  gate.pass(atWorkMs);
  costs();
  assertEquals(isOpen(), [false, true]);
});

Deno.test("Gate is open for those that were served before the first cost, and have waited as long as one may", () => {
  for (const waitedMs of [0, 2 * leaseMs + 100]) {
    const gate = new Gate();
    const isOpen = () => [8, 9].map((number) => gate.isOpenFor(clientOf(number)));
    // They have been at work for long, in views that ended without a cost.
    for (let ms = 0; ms < 60_000; ms += replicaTickMs) {
      gate.served(clientOf(8));
      gate.pass(replicaTickMs);
    }
    gate.settle(decisionOf(1), [clientOf(8)]);
    gate.pass(waitedMs);
    // The next one has hardly begun, and serves others only.
    gate.blame({ client: clientOf(1), seq: noSeq, waitedMs: 2 * leaseMs });
    gate.settle(decisionOf(1, { v: 3 }), [clientOf(7)], false, 64);
    assertEquals(isOpen(), [true, false]);
    gate.pass(waitedMs);
    cost(gate, 2, 0);
    assertEquals(isOpen(), [true, false]);
  }
});

Deno.test("Gate forgets those that were served before the first cost, and not since", () => {
  const gate = new Gate();
  gate.served(clientOf(8));
  for (let ms = 0; ms < 2 * atWorkMs; ms += replicaTickMs) gate.pass(replicaTickMs);
  for (let number = 100; number < 200; number++) cost(gate, number, 0);
  assertEquals(gate.isOpenFor(clientOf(8)), false);
});

Deno.test("Gate counts no more than a client can make others wait, however slow a member was", () => {
  const gate = new Gate();
  cost(gate, 1, 3_600_000);
  cost(gate, 2, leaseMs);
  assertEquals(gate.isOpenFor(clientOf(9)), false);
  gate.pass(3 * (2 * (leaseMs + replicaTickMs) + 100) + 3 * (leaseMs + 100));
  assertEquals(gate.isOpenFor(clientOf(9)), true);
});

Deno.test("Gate opens when three times what faults have cost has passed, except what is free", () => {
  const gate = new Gate();
  for (const number of [1, 2, 3]) cost(gate, number, leaseMs);
  gate.pass(3 * 3 * (leaseMs + 100) - freeMs - 1);
  assertEquals(gate.isOpenFor(clientOf(9)), false);
  gate.pass(1);
  assertEquals(gate.isOpenFor(clientOf(9)), true);
  // However long nothing happens, no more than that is free.
  gate.pass(1e9);
  cost(gate, 4, freeMs / 3 - 100);
  assertEquals(gate.isOpenFor(clientOf(9)), true);
  cost(gate, 5, 0);
  assertEquals(gate.isOpenFor(clientOf(9)), false);
});

Deno.test("Gate is closed for a session that was to blame, though it was at work", () => {
  const gate = new Gate();
  cost(gate, 2, leaseMs);
  for (const number of [1, 4]) gate.served(clientOf(number));
  for (const number of [2, 1]) cost(gate, number, leaseMs);
  assertEquals([1, 4].map((number) => gate.isOpenFor(clientOf(number))), [false, true]);
});

Deno.test("Gate blames nobody whose request is in the cut, and everybody whose request is not", () => {
  const settle = (seq: number, cut: number | undefined) => {
    const gate = new Gate();
    gate.blame({ client: clientOf(1), seq, waitedMs: freeMs });
    gate.settle(decisionOf(1, { cut: cut === undefined ? [] : [{ client: clientOf(1), seq: cut }] }));
    return gate.isOpenFor(clientOf(9));
  };
  assertEquals([settle(5, 5), settle(5, 6), settle(5, 4), settle(5, undefined)], [true, true, false, false]);
  assertEquals(settle(noSeq, 1_000), false);
});

Deno.test("Gate blames nobody for a request that not all have where a member has failed, but whoever was lost", () => {
  const isOpenAfter = (seq: number, hasFailed: boolean) => {
    const gate = new Gate();
    for (let count = 0; count < 3; count++) {
      gate.blame({ client: clientOf(1), seq, waitedMs: leaseMs });
      gate.settle(decisionOf(1), [], hasFailed);
    }
    return gate.isOpenFor(clientOf(1));
  };
  assertEquals([isOpenAfter(7, true), isOpenAfter(7, false), isOpenAfter(noSeq, true)], [true, false, false]);
});

Deno.test("Gate counts a wait once, and a flush for each client that was to blame, in the view of its end only", () => {
  const closedFor = (clients: number) => {
    const gate = new Gate();
    for (let number = 1; number <= clients; number++) {
      // Each member has seen it.
      for (let member = 0; member < 3; member++) {
        gate.blame({ client: clientOf(number), seq: noSeq, waitedMs: leaseMs });
      }
    }
    for (const v of [2, 3, 4]) gate.settle(decisionOf(1, { v }));
    return closedMs(gate);
  };
  // Five times a lease and a flush are free, and this is three times a lease and that many flushes.
  const most = (freeMs - 3 * leaseMs) / 300;
  assertEquals([1, most, most + 1, most + 2].map(closedFor), [0, 0, 300, 600]);
});

Deno.test("Gate counts a flush for each new client that was active, or for each to blame if there are more", () => {
  const closedAfter = (...given: [blamed: number, strangers: number][]) => {
    const gate = new Gate();
    for (const [blamed, strangers] of given) {
      for (let number = 1; number <= blamed; number++) {
        gate.blame({ client: clientOf(number), seq: noSeq, waitedMs: 0 });
      }
      gate.settle(decisionOf(1), [], false, strangers);
    }
    return closedMs(gate);
  };
  const free = freeMs / 300;
  assertEquals(closedAfter([1, free], [1, 0]), 300);
  assertEquals(closedAfter([1, free], [3, 2]), 900);
  assertEquals(closedAfter([1, free], [2, 3]), 900);
  // Nobody was to blame.
  assertEquals(closedAfter([1, free], [0, 3]), 0);
  // A client that waits in good faith gets in.
  assertEquals(closedAfter([1, 1_000]), 15_000);
});

Deno.test("Replica answers RESUME of a stranger once the gate has opened, and of the served at once", () => {
  const replica = replicaOf(1);
  const blame = { client: clientOf(7), seq: noSeq, waitedMs: 0 };
  replica.step(peer(5, { kind: "ALARM", v: 1, blame }));
  after(replica, hello(1), hello(2), resume(2, 2), request(2, 1, { v: 2 }));
  after(replica, clock(2, 40, { v: 2, done: 1, suspend: true }));
  // What another member says counts here, too.
  replica.step(peer(5, { kind: "ALARM", v: 2, blame: { ...blame, waitedMs: 2 * (leaseMs + replicaTickMs) } }));
  assertEquals(replica.status().v, 3);
  const joining = after(replica, resume(1, 3), resume(2, 3));
  assertEquals([1, 2].map((link) => replies(joining, link).map(({ kind }) => kind)), [["VIEW"], ["VIEW", "READY"]]);
  // It may answer a NUDGE of another member meanwhile.
  assertEquals(after(replica, clock(1, 5, { v: 3 })), []);
  let ticks = 0;
  let effects = after(replica);
  for (; replies(effects, 1).length === 0; ticks++) effects = after(replica, tick);
  assertEquals(replies(effects, 1), [{ kind: "READY", v: 3, floor: 0, pace: 1 }]);
  const closedMs = 3 * (2 * (leaseMs + replicaTickMs) + 200) - freeMs;
  assertEquals([ticks >= closedMs / replicaTickMs, ticks <= closedMs / replicaTickMs + 1], [true, true]);
});

Deno.test("Replica forgets a RESUME that waits when the view or the link ends", () => {
  const replica = replicaOf(2);
  const blame = { client: clientOf(7), seq: noSeq, waitedMs: freeMs };
  after(replica, hello(1), peer(1, { kind: "ALARM", v: 1, blame }), install(1, decisionOf(2)));
  after(replica, resume(1, 2), install(1, decisionOf(2, { v: 3 })));
  for (let elapsed = 0; elapsed <= 3 * (freeMs + 100); elapsed += replicaTickMs) {
    assertEquals(replies(after(replica, tick), 1), []);
  }
  assertEquals(replies(after(replica, resume(1, 3)), 1), [{ kind: "READY", v: 3, floor: 0, pace: 1 }]);
});
