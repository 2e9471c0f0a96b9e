/** What a replica takes from one client and from all, and what it does with more (R9, V10); what is a fault. */

import { assertEquals } from "@std/assert";
import {
  outstandingBytesMax,
  outstandingRequestsMax,
  pendingBytesMax,
  requestShareBytes,
  retainedBytesMax,
  retainedInAllBytesMax,
  sessionShareBytes,
  timestampMax,
} from "../../../src/limits.ts";
import { Sessions, SessionState } from "../../../src/protocol/replica/sessions.ts";
import type { ReplicaEvent } from "../../../src/protocol/replica/replica_events.ts";
import { echoing } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";
import {
  after,
  clientOf,
  clock,
  closed,
  command,
  decisionOf,
  from,
  hello,
  install,
  largeOf,
  peer,
  receiptOf,
  received,
  replicaOf,
  replies,
  request,
  resume,
  sent,
  tick,
  toReplicas,
} from "./stage.ts";

// ---- Faults ----

Deno.test("Replica closes the link of a client that sends what no correct client does, and the view ends", () => {
  const first = request(1, 1, { ts: 5, upto: 9 });
  const end = request(1, 2, { ts: 10, commands: new Uint8Array(0) });
  const faults: [ReplicaEvent[], string][] = [
    [[first, request(1, 1, { ts: 10 })], "REQUEST 1: 2 was expected"],
    [[first, request(1, 3, { ts: 10 })], "REQUEST 3: 2 was expected"],
    [[first, request(1, 2, { ts: 9 })], "REQUEST 2: its timestamp 9 is not above 9"],
    [[first, clock(1, 20), request(1, 2, { ts: 20 })], "REQUEST 2: its timestamp 20 is not above 20"],
    [[request(1, 1, { ts: 5, upto: 4 })], "REQUEST 1: it has the timestamp 5 and promises 4"],
    [
      [request(1, 1, { upto: timestampMax + 1 })],
      `REQUEST 1: it has the timestamp 1 and promises ${timestampMax + 1}`,
    ],
    [[request(1, 1, { done: 1 })], "REQUEST 1: done 1 cannot be"],
    [[resume(1)], "RESUME came twice"],
    [[first, end, request(1, 3, { ts: 20 })], "REQUEST 3: it came after the end of the session"],
    [[clock(1, timestampMax + 1)], `CLOCK: timestamp ${timestampMax + 1} is too large`],
    [[first, clock(1, 20, { done: 2 })], "CLOCK: done 2 cannot be"],
    [[first, clock(1, 20, { suspend: true })], "CLOCK: it suspends before it has all outputs"],
  ];
  for (const [events, reason] of faults) {
    const replica = replicaOf(3, echoing(), 2);
    after(replica, hello(1), resume(1));
    const effects = after(replica, ...events);
    assertEquals(closed(effects), [[1, reason]]);
    assertEquals(sent(effects, "ALARM").map(({ blame }) => blame?.client), [clientOf(1), clientOf(1)]);
  }
});

Deno.test("Replica closes the link of a client that is not active and sends as if it were, and no view ends", () => {
  const late = from(1, { kind: "RESUME", v: 1, ts: timestampMax + 1, done: 0 });
  const faults: [ReplicaEvent[], string][] = [
    [[request(1, 1)], "REQUEST 1: it came before RESUME"],
    [[clock(1, 5)], "CLOCK came before RESUME"],
    [[late], `RESUME: timestamp ${timestampMax + 1} is too large`],
  ];
  for (const [events, reason] of faults) {
    const effects = after(replicaOf(3, echoing(), 2), hello(1), ...events);
    assertEquals([closed(effects), toReplicas(effects)], [[[1, reason]], []]);
  }
});

Deno.test("Replica ignores a CLOCK that is not later, except what it confirms and suspends", () => {
  const replica = replicaOf(2, echoing(), 1);
  after(replica, hello(1), hello(2), resume(1), resume(2), request(1, 1, { ts: 5, upto: 9 }));
  assertEquals(after(replica, clock(2, 0), clock(1, 3)), []);
  assertEquals(replica.inspect().heard.map(({ lastTs }) => lastTs), [0, 9]);
  assertEquals(after(replica, clock(2, 0, { suspend: true })), []);
  assertEquals(replica.inspect().active, 1);
});

// ---- Bounds (R9) ----

Deno.test("Replica.isHeld() while too many requests or bytes of a session wait, and closes no link", () => {
  const large = batchOf(new Uint8Array(1_000_000));
  for (
    const [commands, most] of [
      [undefined, outstandingRequestsMax],
      [large, Math.floor(outstandingBytesMax / large.length)],
    ] as const
  ) {
    const replica = replicaOf(2, echoing(), 1);
    after(replica, hello(1), hello(2), resume(1));
    const fields = (seq: number) => commands && largeOf(seq, commands);
    for (let seq = 1; seq <= most; seq++) {
      assertEquals([closed(after(replica, request(1, seq, fields(seq)))), replica.isHeld(1)], [[], false]);
    }
    after(replica, request(1, most + 1, fields(most + 1)));
    assertEquals([replica.isHeld(1), replica.isHeld(2)], [true, false]);
    after(replica, received(0, [receiptOf(1, 1, fields(1))], { ts: 1, client: clientOf(1) }));
    assertEquals(replica.isHeld(1), false);
  }
});

Deno.test("Replica.isHeld() for a client that has its share waiting while others are active", () => {
  const commands = batchOf(new Uint8Array(sessionShareBytes));
  const held = (size: number, ...active: number[]) => {
    const replica = replicaOf(size, echoing(), size - 1);
    for (const link of [1, 2, 99]) after(replica, hello(link));
    for (const link of active) after(replica, resume(link));
    replica.step(request(1, 1, { commands }));
    return [1, 2, 99].map((link) => replica.isHeld(link));
  };
  assertEquals(held(2, 1, 2), [true, false, false]);
  // It may send what it likes while nobody else does, or where those who send ahead come no sooner.
  assertEquals(held(2, 1), [false, false, false]);
  assertEquals(held(1, 1, 2), [false, false, false]);
});

Deno.test("Replica.isHeld() counts small requests for more than their bytes", () => {
  const replica = replicaOf(3, echoing(), 2);
  for (const link of [1, 2]) after(replica, hello(link), resume(link));
  let seq = 0;
  while (!replica.isHeld(1)) after(replica, request(1, ++seq));
  assertEquals(seq, Math.ceil(sessionShareBytes / (requestShareBytes + command.length)));
});

Deno.test("Replica closes the link of the session with most when too many bytes wait", () => {
  const commands = batchOf(new Uint8Array(1_000_000));
  const clients = 40;
  const replica = replicaOf(3, echoing(), 2);
  for (let link = 1; link <= clients; link++) after(replica, hello(link), resume(link));
  const most = Math.floor(pendingBytesMax / commands.length);
  const seqs = new Map<number, number>();
  const next = (link: number) => {
    seqs.set(link, (seqs.get(link) ?? 0) + 1);
    return request(link, seqs.get(link)!, largeOf(seqs.get(link)!, commands));
  };
  // Frames of a held link stay unread only where the driver does as it should.
  after(replica, next(7), next(7));
  for (let count = 2; count < most; count++) assertEquals(closed(after(replica, next(1 + count % clients))), []);
  const effects = after(replica, next(2));
  assertEquals(closed(effects), [[7, `over ${pendingBytesMax} bytes wait here, and most of them are its`]]);
  assertEquals(sent(effects, "ALARM")[0].blame?.client, clientOf(7));
});

// ---- Outputs that nobody confirms (V10) ----

/** A session that retains that many megabytes. */
function sessionOf(number: number, megabytes: number): SessionState {
  const session = new SessionState(clientOf(number));
  for (let seq = 1; seq <= megabytes; seq++) session.retain({ seq, index: seq, outputs: new Uint8Array(2 ** 20) });
  return session;
}

Deno.test("Sessions.overdrawn() names those with most until half of what all may retain is left", () => {
  const sessions = new Sessions();
  const most = retainedInAllBytesMax / 2 ** 20;
  const sizes = [10, most / 2 - 9, 20, most / 2 - 21];
  for (const [number, size] of sizes.entries()) sessions.add(sessionOf(number, size));
  assertEquals([sessions.overdrawn(), sessions.wantTidying(0)], [[], false]);
  sessions.get(clientOf(0))!.retain({ seq: 11, index: 11, outputs: new Uint8Array(1) });
  assertEquals([sessions.overdrawn(), sessions.wantTidying(0)], [[clientOf(1), clientOf(3)], true]);
  // Outputs that are confirmed or forgotten do not count.
  sessions.get(clientOf(1))!.confirm(1);
  assertEquals(sessions.overdrawn(), []);
  sessions.get(clientOf(0))!.retain({ seq: 12, index: 12, outputs: new Uint8Array(2 ** 20) });
  assertEquals(sessions.overdrawn().length, 2);
  sessions.forget([clientOf(2)], 2);
  assertEquals(sessions.overdrawn(), []);
});

Deno.test("Replica ends the view when all sessions retain too much, and those that confirm least expire", () => {
  const large = batchOf(new Uint8Array(1_000_000));
  const replica = replicaOf(1, echoing(() => large));
  const perClient = Math.floor(retainedBytesMax / large.length);
  const clients = Math.ceil(retainedInAllBytesMax / (perClient * large.length));
  for (let link = 1; link <= clients; link++) {
    assertEquals(toReplicas(after(replica, tick)).length + replica.status().v, 1);
    after(replica, hello(link), resume(link));
    // The last one has least.
    const count = link === clients ? perClient / 2 : perClient;
    for (let seq = 1; seq <= count; seq++) after(replica, request(link, seq, { ts: 100 * link + seq }));
  }
  after(replica, tick);
  assertEquals(replica.status().v, 2);
  const { forgot, base } = replies(after(replica, hello(200, clientOf(1))), 200)
    .find((reply) => reply.kind === "VIEW")!;
  assertEquals([forgot, base], [2, 0]);
  const kept = replies(after(replica, hello(201, clientOf(clients))), 201);
  assertEquals(kept.length > 1, true, "the one with least keeps its outputs");
});

// ---- A drain that ends elsewhere (V7, V11) ----

/** The digest of a replica that has executed request 1 of client 1, and begun view 2. */
function digestAfterOne(): number {
  const replica = replicaOf(2);
  const cut = [{ client: clientOf(1), seq: 1 }];
  const effects = after(replica, hello(1), resume(1), request(1, 1), install(1, decisionOf(2, { cut })));
  return sent(effects, "DIGEST")[0].position.digest;
}

Deno.test("Replica that has executed what a view leaves out begins it, and stops alone if others differ", () => {
  const begun = (digest: number | undefined) => {
    const replica = replicaOf(3, echoing(), 1);
    const agreed = [0, 2].map((id) => received(id, [receiptOf(1, 1)], { ts: 1, client: clientOf(1) }));
    after(replica, hello(1), resume(1), request(1, 1), ...agreed);
    after(replica, install(0, decisionOf(3)));
    const [position] = sent(after(replicaOf(3), install(0, decisionOf(3))), "DIGEST").map(({ position }) => position);
    const other = { ...position, digest: digest ?? position.digest };
    const effects = after(replica, ...[0, 2].map((id) => peer(id, { kind: "DIGEST", position: other })));
    return [replica.status().v, replica.status().executed, effects.map(({ kind }) => kind)];
  };
  assertEquals(begun(undefined), [2, 1, ["halt"]]);
  assertEquals(begun(digestAfterOne()), [2, 1, []]);
});
