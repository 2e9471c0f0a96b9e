/** For how long a client may hold up others, and what becomes of a view in which nothing is executed (R6, R10). */

import { assertEquals } from "@std/assert";
import { clockMax, leaseMs, replicaTickMs, timestampMax } from "../../../src/limits.ts";
import { noSeq } from "../../../src/protocol/replica/gate.ts";
import { patientMs } from "../../../src/protocol/replica/lease.ts";
import { settledMs } from "../../../src/protocol/replica/seniority.ts";
import type { Replica } from "../../../src/protocol/replica/replica.ts";
import type { ReplicaEffect, ReplicaEvent } from "../../../src/protocol/replica/replica_events.ts";
import type { MessageOf } from "../../../src/protocol/wire/messages.ts";
import { lastClientId } from "../../../src/uid.ts";
import { echoing } from "../machines.ts";
import {
  after,
  clientOf,
  clock,
  closed,
  decisionOf,
  hello,
  install,
  lull,
  outputs,
  receiptOf,
  received,
  replicaOf,
  replies,
  request,
  resume,
  sent,
  tick,
  unlink,
} from "./stage.ts";

const ticksOfLease = leaseMs / replicaTickMs;
const ticksOfLeaseOfAll = 5 / 4 * ticksOfLease;

/** What the replica does in that many ticks. */
function ticks(replica: Replica, count: number): ReplicaEffect[] {
  return Array.from({ length: count }, () => after(replica, tick)).flat();
}

const held = `others have waited for it for ${leaseMs} ms`;

/** A member, not the coordinator, whose clients 1 and 2 are active, and where request 1 of client 1 waits. */
function waiting(ts = 5): Replica {
  const replica = replicaOf(3, echoing(), 2);
  after(replica, hello(1), hello(2), resume(1), resume(2), request(1, 1, { ts }));
  return replica;
}

Deno.test("Lease lasts for ever while nobody waits", () => {
  const replica = replicaOf(3, echoing(), 2);
  after(replica, hello(1), resume(1));
  assertEquals(closed(ticks(replica, 10 * ticksOfLease)), []);
});

Deno.test("Lease ends for a client that the same head has waited for, however much it talks", () => {
  const replica = waiting();
  // Before the first tick, it has said something new.
  for (let count = 0; count <= ticksOfLease; count++) {
    assertEquals([count, closed(after(replica, clock(2, 4), tick))], [count, []]);
  }
  const effects = after(replica, tick);
  assertEquals(closed(effects), [[2, held]]);
  assertEquals(sent(effects, "ALARM").map(({ blame }) => blame?.client), [clientOf(2), clientOf(2)]);
  // Nobody else is blamed for it while the view takes its time to end.
  assertEquals(sent(ticks(replica, 3 * ticksOfLease), "ALARM"), []);
});

Deno.test("Lease counts an eighth of its length for a tick at most, whatever the tick says", () => {
  const replica = waiting();
  const long = { kind: "tick", elapsedMs: 100 * leaseMs } as const;
  for (let count = 0; count < ticksOfLease; count++) assertEquals(closed(after(replica, long)), []);
  assertEquals(closed(after(replica, long)), [[2, held]]);
});

Deno.test("Lease counts for nobody whom the head has passed, though the head is executed late", () => {
  const replica = waiting();
  ticks(replica, 3);
  after(replica, clock(2, 6));
  assertEquals(closed(ticks(replica, ticksOfLease)), []);
});

/** The clients of these links pass the time of a request of client 1, and it is executed. */
function ends(seq: number, ...links: number[]): ReplicaEvent[] {
  return endsAt(10 * seq, seq, ...links);
}

function endsAt(ts: number, seq: number, ...links: number[]): ReplicaEvent[] {
  const upTo = { ts, client: lastClientId };
  return [
    ...links.map((link) => clock(link, ts)),
    ...[0, 2].map((id) => received(id, [receiptOf(1, seq, { ts })], upTo)),
  ];
}

/** The answerer, at which client 1 sends and the clients of these links are active. */
function answerer(...links: number[]): Replica {
  const replica = replicaOf(3, echoing(), 1);
  after(replica, hello(1), resume(1), ...links.flatMap((link) => [hello(link), resume(link)]));
  return replica;
}

Deno.test("Lease waits patiently for a client that was not asked, and forgives slowly", () => {
  const replica = answerer(2);
  // Each head waits for the client at one tick, and is executed before the client is asked.
  for (let seq = 1; seq <= 4 * ticksOfLease; seq++) {
    assertEquals(closed(after(replica, request(1, seq, { ts: 10 * seq }), tick, ...ends(seq, 2))), []);
  }
  assertEquals(replica.status().pending, 0);
  // All is forgiven.
  ticks(replica, ticksOfLease);
  // Each waits at three, and then one of four in which nobody waits is forgiven. The client has been asked to be
  // further ahead than it says, so the first of the three counts as well.
  let rounds = 0;
  let effects: readonly ReplicaEffect[] = [];
  for (let seq = 4 * ticksOfLease + 1; closed(effects).length === 0; seq++, rounds++) {
    after(replica, request(1, seq, { ts: 10 * seq }));
    effects = [...ticks(replica, 3), ...after(replica, ...ends(seq, 2)), ...ticks(replica, 1)];
  }
  assertEquals([closed(effects), rounds], [[[2, held]], 3]);
});

Deno.test("Lease ends for a client that answers each NUDGE, and always late", () => {
  const replica = answerer(2);
  let ts = 10;
  for (let seq = 1; seq <= ticksOfLease; seq++, ts += 2 ** 25) {
    // Once others have waited for it much, it is asked at once.
    const [atOnce, later] = [after(replica, request(1, seq, { ts })), after(replica, lull)];
    const isPatient = seq <= ticksOfLease / 4;
    assertEquals([replies(atOnce, 2).length, replies(later, 2).length], isPatient ? [0, 1] : [1, 0]);
    // What it was asked for was less than the next head.
    assertEquals(closed(after(replica, tick, ...endsAt(ts, seq, 2))), []);
  }
  after(replica, request(1, ticksOfLease + 1, { ts }));
  after(replica, lull);
  assertEquals(closed(after(replica, tick)), [[2, held]]);
});

Deno.test("Lease ends for a client that says less than it was asked for, though it says so at once", () => {
  const replica = answerer(2);
  let effects: readonly ReplicaEffect[] = [];
  let seq = 0;
  while (closed(effects).length === 0) {
    seq++;
    after(replica, request(1, seq, { ts: 10 * seq }));
    after(replica, lull);
    effects = after(replica, tick);
    after(replica, ...ends(seq, 2));
  }
  assertEquals([closed(effects), seq], [[[2, held]], ticksOfLease + 1]);
});

Deno.test("Lease lasts for a client that answers late for a fifth of the time", () => {
  const replica = answerer(2);
  for (let seq = 1; seq <= 8 * ticksOfLease; seq++) {
    after(replica, request(1, seq, { ts: 10 * seq }));
    after(replica, lull);
    const effects = [...after(replica, tick, ...ends(seq, 2)), ...ticks(replica, 4)];
    assertEquals(closed(effects), []);
  }
});

Deno.test("Leases of many that hold others up together end together, and of nobody else", () => {
  const late = [2, 3, 4, 5, 6, 7, 8, 9];
  // Client 10 is seen to be late once.
  const replica = answerer(...late, 10);
  let effects: readonly ReplicaEffect[] = [];
  for (let seq = 1; closed(effects).length === 0; seq++) {
    after(replica, request(1, seq, { ts: 10 * seq }), ...(seq > 1 ? [clock(10, 10 * seq)] : []));
    after(replica, lull);
    effects = after(replica, tick);
    if (closed(effects).length === 0) after(replica, ...ends(seq, ...late, 10));
    assertEquals(seq <= ticksOfLeaseOfAll + 1, true);
  }
  assertEquals(closed(effects).map(([link]) => link), late);
});

Deno.test("Replica ends the view for clients that hold others up in turn, for a short time each, and suspend", () => {
  const replica = answerer();
  let alarms: MessageOf<"ALARM">[] = [];
  let seq = 0;
  while (alarms.length === 0) {
    const link = 10 + ++seq;
    after(replica, hello(link), resume(link), request(1, seq, { ts: 10 * seq }));
    after(replica, lull);
    const effects = after(replica, tick, clock(link, 10 * seq, { suspend: true }));
    alarms = sent(effects, "ALARM");
    assertEquals(closed(effects), []);
    if (alarms.length === 0) after(replica, ...ends(seq));
  }
  // All of them are to blame for all that others have waited.
  const blames = alarms.map(({ blame }) => [blame?.client, blame?.waitedMs]);
  const waitedMs = (ticksOfLeaseOfAll + 1) * replicaTickMs;
  assertEquals(seq, ticksOfLeaseOfAll + 1);
  assertEquals(new Map(blames as [string, number][]).size, seq);
  assertEquals(blames.every(([, ms]) => ms === waitedMs), true);
});

/** The same, but client 1 has been at work for long: the others are new. */
function answererAtWork(...links: number[]): Replica {
  const replica = answerer();
  ticks(replica, settledMs / replicaTickMs);
  after(replica, request(1, 1, { ts: 10 }), ...ends(1));
  after(replica, ...links.flatMap((link) => [hello(link), resume(link)]));
  return replica;
}

Deno.test("Leases of new clients end together after half of that, however little each has of the time", () => {
  const replica = answererAtWork(2, 3, 4);
  // Client 3 is seen to be late twice, and client 4 once.
  for (let seq = 2; seq < 50; seq++) {
    const inTime = [...(seq > 3 ? [3] : []), ...(seq > 2 ? [4] : [])].map((link) => clock(link, 10 * seq));
    after(replica, request(1, seq, { ts: 10 * seq }), ...inTime);
    after(replica, lull);
    const effects = after(replica, tick);
    if (closed(effects).length === 0) {
      after(replica, ...ends(seq, 2, ...(seq <= 3 ? [3] : []), ...(seq <= 2 ? [4] : [])));
      continue;
    }
    assertEquals(closed(effects).map(([link]) => link), [2, 3]);
    // All three are to blame.
    assertEquals(new Set(sent(effects, "ALARM").map(({ blame }) => blame?.client)).size, 3);
    return assertEquals(seq - 1, ticksOfLeaseOfAll / 2 + 1);
  }
  throw new Error("no lease ends");
});

Deno.test("Lease of a client that was there lasts, however often new ones wait, and ends if one head stays", () => {
  const replica = answererAtWork(2);
  const send = (seq: number) => {
    const ts = 100 * seq;
    after(replica, request(2, seq, { ts, upto: ts + 32 }));
    after(replica, ...Array.from({ length: 16 }, () => lull));
    return ts;
  };
  for (let seq = 1; seq <= 2 * ticksOfLease; seq++) {
    const ts = send(seq);
    const effects = after(replica, tick);
    assertEquals([closed(effects), sent(effects, "ALARM")], [[], []]);
    const upTo = { ts, client: lastClientId };
    const told = [0, 2].map((id) => received(id, [receiptOf(2, seq, { ts })], upTo));
    assertEquals(outputs(after(replica, clock(1, ts + 1), ...told), 2), [seq]);
  }
  send(2 * ticksOfLease + 1);
  assertEquals(closed(ticks(replica, ticksOfLease + 2)), [[1, held]]);
});

Deno.test("Lease ends for a client that was there if another one that was there waits behind each new one", () => {
  const replica = replicaOf(3, echoing(), 1);
  after(replica, hello(1), hello(3), resume(1), resume(3));
  ticks(replica, settledMs / replicaTickMs);
  after(replica, request(1, 1, { ts: 10 }), clock(3, 20), ...ends(1));
  after(replica, hello(2), resume(2));
  for (let seq = 1; seq < 50; seq++) {
    const ts = 100 * seq;
    // Client 2 is new; client 3 has come with client 1.
    after(replica, request(2, seq, { ts, upto: ts + 32 }), request(3, seq, { ts: ts + 50 }));
    after(replica, ...Array.from({ length: 16 }, () => lull));
    const effects = after(replica, tick);
    if (closed(effects).length > 0) {
      return assertEquals([seq, closed(effects)], [ticksOfLease + 1, [[1, held]]]);
    }
    const upTo = { ts: ts + 50, client: lastClientId };
    const receipts = [receiptOf(2, seq, { ts }), receiptOf(3, seq, { ts: ts + 50 })];
    after(replica, clock(1, ts + 51), clock(2, ts + 51), ...[0, 2].map((id) => received(id, receipts, upTo)));
  }
  throw new Error("its lease does not end");
});

Deno.test("Answerer asks a client at once for which others have waited for many lulls", () => {
  const replica = answerer(2);
  after(replica, request(1, 1, { ts: 10 }), ...ends(1, 2));
  let lulls = 0;
  for (let seq = 1, ts = 100;; seq++, ts += 2_000) {
    const atOnce = replies(after(replica, request(1, seq + 1, { ts })), 2);
    if (atOnce.length > 0) return assertEquals(lulls >= patientMs, true);
    assertEquals(lulls < patientMs, true);
    // Each time later, as it sends small requests when it is asked.
    for (let asked = 0; asked === 0; lulls++) {
      asked = replies(after(replica, lull), 2).length;
      assertEquals(lulls < patientMs + 16, true, `${lulls} ${seq} ${JSON.stringify(replica.inspect())}`);
    }
    const upTo = { ts: ts + 17, client: lastClientId };
    after(replica, ...endsAt(ts, seq + 1), request(2, seq, { ts: ts + 1, upto: ts + 17 }), clock(1, ts + 20));
    after(replica, ...[0, 2].map((id) => received(id, [receiptOf(2, seq, { ts: ts + 1 })], upTo)));
    assertEquals(replica.status().pending, 0);
  }
});

Deno.test("Answerer asks each new client at once, and far ahead, once others have waited much for new ones", () => {
  const replica = answererAtWork();
  let link = 9;
  let ts = 1_000;
  const lead = (each: number) => {
    const [ready] = replies(after(replica, hello(each), resume(each)), each).filter(({ kind }) => kind === "READY");
    return (ready as MessageOf<"READY">).floor - ts;
  };
  for (let count = 0;; count++, ts += 100) {
    if (lead(++link) > 0) {
      // Time passes in which nobody waits, and newcomers are as near as before.
      const ends = [clock(link, 2 ** 30, { suspend: true })];
      after(replica, ...ends);
      ticks(replica, 4 * patientMs / replicaTickMs);
      assertEquals([count, lead(++link) > 0], [patientMs, false]);
      return;
    }
    const seq = count + 2;
    after(replica, request(1, seq, { ts: ts + 100 }));
    assertEquals(replies(after(replica, lull), link).length, 1);
    after(replica, ...endsAt(ts + 100, seq), clock(link, ts + 101, { suspend: true }));
  }
});

Deno.test("Replica asks again by its timer for what its head waits for, at whatever member", () => {
  for (const id of [1, 2]) {
    const replica = replicaOf(3, echoing(), id);
    after(replica, hello(1), hello(2), resume(1), resume(2), request(1, 1, { ts: 5 }));
    for (let count = 0; count < 3; count++) {
      assertEquals(replies(after(replica, tick), 2), [{ kind: "NUDGE", v: 1, ts: 5 }]);
      assertEquals(replies(after(replica, tick), 1), []);
    }
  }
});

Deno.test("Answerer ends a view in which nothing is executed for two leases, and the others leave that to it", () => {
  for (const id of [1, 2]) {
    const replica = replicaOf(3, echoing(), id);
    after(replica, hello(1), hello(2), resume(1), resume(2), request(1, 1, { ts: 5 }), clock(2, 6));
    const waits = 2 * ticksOfLease + (id === 1 ? 0 : 4);
    const effects = ticks(replica, waits + 1);
    assertEquals([sent(effects, "ALARM"), closed(effects)], [[], []]);
    const blame = { client: clientOf(1), seq: 1, waitedMs: (waits + 1) * replicaTickMs };
    const last = ticks(replica, 1);
    assertEquals(sent(last, "ALARM"), [{ kind: "ALARM", v: 1, blame }, { kind: "ALARM", v: 1, blame }] as never);
    // Once in a view: the coordinator is told.
    assertEquals(sent(ticks(replica, 4 * ticksOfLease), "ALARM"), []);
  }
});

Deno.test("Answerer blames the client of a request that only another member has, if that comes first", () => {
  const replica = replicaOf(3, echoing(), 1);
  after(replica, hello(1), hello(2), resume(1), resume(2), request(1, 1, { ts: 5 }), clock(2, 9));
  after(replica, received(0, [receiptOf(2, 1, { ts: 3 })], { ts: 9, client: lastClientId }));
  const [alarm] = sent(ticks(replica, 2 * ticksOfLease + 2), "ALARM");
  assertEquals([alarm.blame?.client, alarm.blame?.seq], [clientOf(2), 1]);
});

Deno.test("Replica that is alone takes no lease: nobody waits for a client there", () => {
  const replica = replicaOf(1);
  after(replica, hello(1), hello(2), resume(1), resume(2), request(1, 1, { ts: 5 }));
  const effects = ticks(replica, 10 * ticksOfLease);
  assertEquals([closed(effects), replies(effects, 2)], [[], []]);
});

Deno.test("Replica ends a view whose clock is above clockMax, and not before; the next one begins at 0", () => {
  const replica = replicaOf(3, echoing(), 2);
  after(replica, hello(1), resume(1));
  assertEquals(sent(after(replica, request(1, 1, { ts: clockMax })), "ALARM"), []);
  const [alarm] = sent(after(replica, request(1, 2, { ts: clockMax + 1 })), "ALARM");
  assertEquals([alarm.blame?.client, alarm.blame?.seq], [clientOf(1), noSeq]);
  assertEquals(sent(after(replica, request(1, 3, { ts: timestampMax })), "ALARM"), []);
  after(replica, install(0, decisionOf(3)));
  assertEquals(replica.status().clock, 0);
  assertEquals(replies(after(replica, resume(1, 2)), 1), [{ kind: "READY", v: 2, floor: 0, pace: 1 }]);
  // It raises the alarm again where that is needed again.
  assertEquals(sent(after(replica, request(1, 1, { v: 2, ts: clockMax + 1 })), "ALARM").length, 2);
});

Deno.test("Replica that loses an active client ends the view, and blames it whatever is decided", () => {
  const replica = waiting();
  ticks(replica, 3);
  const [alarm] = sent(after(replica, unlink(2)), "ALARM");
  assertEquals(alarm.blame, { client: clientOf(2), seq: Number.MAX_SAFE_INTEGER, waitedMs: 3 * replicaTickMs });
  // It stays in the stability test, and is not listened to.
  assertEquals(replica.inspect().heard[0], { client: clientOf(2), lastTs: 0, barred: true });
  // One that may not send is lost without a word.
  const other = replicaOf(3, echoing(), 2);
  after(other, hello(1), resume(1), clock(1, 9, { suspend: true }));
  assertEquals(after(other, unlink(1)), []);
});
