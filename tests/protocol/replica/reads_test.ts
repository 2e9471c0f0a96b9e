/** Reads at the answerer (R8). */

import { assert, assertEquals } from "@std/assert";
import { UnreadableError } from "../../../src/history.ts";
import { waitingReadBytesMax, waitingReadsMax } from "../../../src/limits.ts";
import type { Replica } from "../../../src/protocol/replica/replica.ts";
import type { ReplicaEffect } from "../../../src/protocol/replica/replica_events.ts";
import { lastClientId } from "../../../src/uid.ts";
import { echoing } from "../machines.ts";
import { batchOf } from "../wire/messages_of.ts";
import {
  after,
  clock,
  closed,
  decisionOf,
  hello,
  install,
  peer,
  read,
  receiptOf,
  received,
  replicaOf,
  replies,
  request,
  resume,
  tick,
  unlink,
} from "./stage.ts";

/** The answerer of two, with links of client 1 and 2. */
function answerer(): Replica {
  const replica = replicaOf(2, echoing(), 1);
  after(replica, hello(1), hello(2));
  return replica;
}

/** The values that it sends by a link, as the number of the read and the index. */
function values(effects: readonly ReplicaEffect[], link = 1): [number, number][] {
  return replies(effects, link).flatMap((reply) =>
    reply.kind === "VALUE" ? [[reply.rid, reply.index] as [number, number]] : []
  );
}

/** The other member has requests 1 to `seq` of client 1. */
const agreed = (seq: number) => received(0, [receiptOf(1, seq)], { ts: seq, client: lastClientId });

Deno.test("Answerer answers a read of a client that is not active, from the present state", () => {
  const replica = answerer();
  const commands = batchOf(new Uint8Array(3), new Uint8Array(2));
  const effects = after(replica, read(1, 7, { commands }));
  assertEquals(effects, [
    { kind: "toClient", link: 1, message: { kind: "VALUE", rid: 7, index: 0, outputs: commands } },
  ]);
  // It takes no place in the log.
  assertEquals(replica.status().executed, 0);
});

Deno.test("Answerer answers a read when it has executed the session's own requests before it", () => {
  const replica = answerer();
  after(replica, resume(1));
  assertEquals(values(after(replica, request(1, 1), request(1, 2), read(1, 1, { after: 1 }))), []);
  assertEquals(values(after(replica, read(1, 2, { after: 2 }), read(1, 3, { after: 0 }))), [[3, 0]]);
  // A request of another client does not answer the read.
  assertEquals(replies(after(replica, agreed(1)), 1).map(({ kind }) => kind), ["OUTPUT", "VALUE"]);
  assertEquals(values(after(replica, agreed(2))), [[2, 2]]);
});

Deno.test("Answerer answers a read of one session whatever another one waits for", () => {
  const replica = answerer();
  after(replica, resume(1), request(1, 1), read(1, 1, { after: 1 }));
  assertEquals(values(after(replica, read(2, 1)), 2), [[1, 0]]);
});

Deno.test("Member that is not the answerer refuses a read", () => {
  const replica = replicaOf(2);
  assertEquals(closed(after(replica, hello(1), read(1, 4))), [[1, "READ 4: another replica is the answerer"]]);
});

Deno.test("Replica that is alone answers reads", () => {
  const replica = replicaOf(1);
  assertEquals(values(after(replica, hello(1), resume(1), request(1, 1), read(1, 1, { after: 1 }))), [[1, 1]]);
});

Deno.test("Answerer refuses a read that follows what never came, or the end of its session", () => {
  const never = answerer();
  assertEquals(closed(after(never, read(1, 1, { after: 1 }))), [[1, "READ 1: 1 comes before it, and 0 was received"]]);
  const ended = replicaOf(1);
  after(ended, hello(1), resume(1), request(1, 1), request(1, 2, { commands: new Uint8Array(0) }));
  assertEquals(closed(after(ended, read(1, 1, { after: 2 }))), [[1, "READ 1: the session has ended"]]);
});

Deno.test("Answerer closes the link of a client whose read asks for a change, and changes nothing", () => {
  const replica = replicaOf(2, { ...echoing(), read: () => undefined }, 1);
  assertEquals(closed(after(replica, hello(1), read(1, 1))), [[1, "READ: it asks for a change"]]);
  assertEquals(replica.status().executed, 0);
});

Deno.test("Answerer answers a read by the link that it came by, or not at all", () => {
  const replaced = replicaOf(1);
  // It has sent something in this view, and is suspended.
  after(replaced, hello(1), resume(1), request(1, 1), clock(1, 9, { done: 1, suspend: true }));
  replaced.step(read(1, 1));
  replaced.step(hello(3, "1".padStart(32, "0")));
  const effects = replaced.ready().effects;
  assertEquals([values(effects, 1), values(effects, 3), closed(effects).length], [[], [], 1]);
  const gone = answerer();
  gone.step(read(1, 1));
  gone.step(unlink(1));
  assertEquals(gone.ready().effects, []);
});

Deno.test("Answerer takes no reads while it is frozen, and forgets those that wait at the next view", () => {
  const replica = answerer();
  after(replica, resume(1), request(1, 1), read(1, 1, { after: 1 }));
  after(replica, peer(0, { kind: "PREPARE", v: 1, ballot: { n: 1, id: 0 } }));
  assertEquals(values(after(replica, read(1, 2))), []);
  const cut = [{ client: "1".padStart(32, "0"), seq: 1 }];
  assertEquals(values(after(replica, install(0, decisionOf(2, { cut })))), []);
  assertEquals(values(after(replica, read(1, 1, { v: 2, after: 1 }))), [[1, 1]]);
});

Deno.test("Answerer that has been sent a read of the next view answers it there", () => {
  const replica = answerer();
  after(replica, peer(0, { kind: "PREPARE", v: 1, ballot: { n: 1, id: 0 } }), read(1, 1, { v: 2 }));
  assertEquals([replica.isHeld(1), values(after(replica, install(0, decisionOf(2))))], [true, [[1, 0]]]);
});

Deno.test("Answerer ignores a read of a view that is over", () => {
  const replica = answerer();
  after(replica, install(0, decisionOf(2)));
  assertEquals(after(replica, read(1, 1)), []);
});

Deno.test("Answerer bounds the reads of a session that wait for its requests, and the bytes of all", () => {
  const replica = answerer();
  after(replica, resume(1), request(1, 1));
  for (let rid = 1; rid <= waitingReadsMax; rid++) {
    assertEquals(closed(after(replica, read(1, rid, { after: 1 }))), []);
  }
  const reason = `READ 65: over ${waitingReadsMax} wait already`;
  assertEquals(closed(after(replica, read(1, 65, { after: 1 }))), [[1, reason]]);

  const other = answerer();
  const commands = batchOf(new Uint8Array(1_000_000));
  const most = Math.floor(waitingReadBytesMax / commands.length);
  for (let link = 3; link < 6; link++) after(other, hello(link), resume(link));
  for (let link = 3; link < 6; link++) after(other, request(link, 1));
  let taken = 0;
  for (; taken < most; taken++) {
    assertEquals(closed(after(other, read(3 + taken % 2, taken, { after: 1, commands }))), []);
  }
  const refused = closed(after(other, read(5, 1, { after: 1, commands })));
  assertEquals(refused, [[5, "READ 1: too many reads wait, try again later"]]);
  // What does not wait is not counted, and what has been answered is not, either.
  assertEquals(values(after(other, read(2, 1, { commands })), 2), [[1, 0]]);
});

Deno.test("Answerer counts the bytes of reads no more that can be answered, or whose link has ended", () => {
  const commands = batchOf(new Uint8Array(1_000_000));
  const most = Math.floor(waitingReadBytesMax / commands.length);
  for (const isExecuted of [true, false]) {
    const replica = replicaOf(2, echoing(), 1);
    for (const link of [1, 2, 3]) after(replica, hello(link), resume(link));
    for (const link of [1, 2, 3]) after(replica, request(link, 1));
    // All but one come from client 1 and 2; the last one fills the room.
    for (let rid = 1; rid < most; rid++) after(replica, read(1 + rid % 2, rid, { after: 1, commands }));
    assertEquals(closed(after(replica, read(3, most, { after: 1, commands }))), []);
    if (isExecuted) after(replica, agreed(1));
    else replica.step(unlink(1));
    const refused = closed(after(replica, read(3, most + 1, { after: 1, commands })));
    assertEquals(refused, []);
  }
});

Deno.test("Answerer counts the bytes of reads no more whose view has ended", () => {
  const commands = batchOf(new Uint8Array(1_000_000));
  const most = Math.floor(waitingReadBytesMax / commands.length);
  const replica = replicaOf(2, echoing(), 1);
  for (const link of [1, 2]) after(replica, hello(link));
  for (const v of [1, 2]) {
    for (const link of [1, 2]) replica.step(resume(link, v));
    for (const link of [1, 2]) replica.step(request(link, 1, { v }));
    for (let rid = 1; rid <= most; rid++) {
      assertEquals(closed(after(replica, read(1 + rid % 2, rid, { v, after: 1, commands }))), []);
    }
    after(replica, install(0, decisionOf(2, { v: v + 1 })));
  }
});

Deno.test("Answerer answers one large read after the other, and in between those who read little", () => {
  const commands = batchOf(new Uint8Array(1_000_000));
  const replica = answerer();
  for (const rid of [1, 2, 3]) replica.step(read(1, rid, { commands }));
  const first = replica.ready();
  assertEquals([values(first.effects), first.wantsLull], [[[1, 0]], true]);
  // Another one comes later, and does not wait for all that the first one asks for.
  const other = after(replica, read(2, 1));
  assertEquals([values(other, 1), values(other, 2)], [[], [[1, 0]]]);
  let [lulls, lastAt] = [0, 0];
  for (; replica.ready().wantsLull; lulls++) {
    const effects = after(replica, { kind: "lull" });
    assert(values(effects).length <= 1);
    if (values(effects).length > 0) lastAt = lulls;
  }
  // All of them come, though, at a pace that leaves most of the time to others.
  assert(lastAt >= 40 && lastAt <= 80, `${lastAt} lulls`);
  // And then there is room for as much again.
  assert(lulls <= 120, `${lulls} lulls`);
});

Deno.test("Answerer gives room to one who reads much while nothing of him waits, too", () => {
  const commands = batchOf(new Uint8Array(10_000));
  const replica = answerer();
  for (let rid = 1; rid <= 40; rid++) {
    const { effects, wantsLull } = (replica.step(read(1, rid, { commands })), replica.ready());
    assertEquals([values(effects), wantsLull], [[[rid, 0]], true], `read ${rid}`);
    replica.step({ kind: "lull" });
  }
  assertEquals(replica.ready().wantsLull, false);
});

Deno.test("Answerer takes no more from a link while many of its reads wait for their turn", () => {
  const commands = batchOf(new Uint8Array(1_000_000));
  const replica = answerer();
  for (let rid = 0; rid < waitingReadsMax; rid++) {
    assertEquals(replica.isHeld(1), false);
    replica.step(read(1, rid, { commands }));
  }
  assertEquals([replica.isHeld(1), replica.isHeld(2)], [true, false]);
  replica.ready();
  assertEquals(replica.isHeld(1), false);
  // In sum, too.
  for (let rid = 0; rid < 6; rid++) replica.step(read(2, rid, { commands }));
  assertEquals([replica.isHeld(1), replica.isHeld(2)], [true, true]);
  // What a lost link has asked for is forgotten.
  replica.step(unlink(1));
  assertEquals(replica.isHeld(2), false);
});

Deno.test("Answerer keeps reads of damaged history until it is healed, and answers others meanwhile", () => {
  const machine = echoing();
  const [old, damaged] = [batchOf(new Uint8Array(1)), new Set<number>()];
  const reading: typeof machine.read = (commands) => {
    if (commands.length === old.length && damaged.size > 0) throw new UnreadableError("segment 1 is damaged");
    return commands;
  };
  const replica = replicaOf(2, { ...machine, read: reading }, 1);
  after(replica, hello(1), hello(2));
  damaged.add(1);
  const young = batchOf(new Uint8Array(2));
  assertEquals(values(after(replica, read(1, 1, { commands: old }), read(1, 2, { commands: young }))), [[2, 0]]);
  assertEquals(values(after(replica, read(2, 1, { commands: old })), 2), []);
  assertEquals(values(after(replica, tick)), [], "it is still damaged");
  // A client that has gone waits no more.
  after(replica, unlink(2));
  damaged.clear();
  const effects = after(replica, tick);
  assertEquals([values(effects, 1), values(effects, 2)], [[[1, 0]], []]);
  assertEquals(values(after(replica, tick)), []);
});

Deno.test("Answerer reads no more from a link whose reads of damaged history are as many as may wait", () => {
  let isDamaged = true;
  const reading = (commands: Uint8Array) => {
    if (isDamaged) throw new UnreadableError("segment 1 is damaged");
    return commands;
  };
  const replica = replicaOf(2, { ...echoing(), read: reading }, 1);
  after(replica, hello(1), hello(2));
  for (let rid = 1; rid < waitingReadsMax; rid++) after(replica, read(1, rid));
  assertEquals([replica.isHeld(1), replica.isHeld(2)], [false, false]);
  after(replica, read(1, waitingReadsMax));
  assertEquals([replica.isHeld(1), replica.isHeld(2)], [true, false]);
  isDamaged = false;
  assertEquals([values(after(replica, tick)).length, replica.isHeld(1)], [waitingReadsMax, false]);
});
