/** What a member tells the answerer, and what it says may still come to it (R3). r0 tells, r1 is the answerer. */

import { assertEquals } from "@std/assert";
import { followBytesMax } from "../../../src/limits.ts";
import type { ReplicaEffect } from "../../../src/protocol/replica/replica_events.ts";
import { lastClientId } from "../../../src/uid.ts";
import { batchOf } from "../wire/messages_of.ts";
import { echoing } from "../machines.ts";
import {
  after,
  clock,
  hello,
  largeOf,
  lull,
  peer,
  prepare,
  receiptOf,
  replicaOf,
  request,
  resume,
  sent,
  toReplicas,
  unlink,
} from "./stage.ts";

/** What it tells, in few words: the client and seq of each receipt, and up to where all has come. */
function told(effects: readonly ReplicaEffect[]): string[] {
  return sent(effects, "RECEIVED").map(({ receipts, upTo: { ts, client } }) => {
    const all = receipts.map(({ client, seq }) => `${parseInt(client, 16)}#${seq}`).join(" ");
    return `${all} up to ${ts} of ${client === lastClientId ? "all" : parseInt(client, 16)}`;
  });
}

Deno.test("Member tells the answerer once a turn what it has received, with its sum", () => {
  const replica = replicaOf(3);
  assertEquals(toReplicas(after(replica, hello(1), resume(1))), []);
  const other = batchOf(new Uint8Array(2));
  const effects = after(replica, request(1, 1, { ts: 5 }), request(1, 2, { ts: 9, commands: other }));
  assertEquals(toReplicas(effects), [[1, "RECEIVED"]]);
  assertEquals(sent(effects, "RECEIVED")[0].receipts, [
    receiptOf(1, 1, { ts: 5 }),
    receiptOf(1, 2, { ts: 9, commands: other }),
  ]);
  assertEquals(toReplicas(after(replica)), []);
});

Deno.test("Member has all up to its clock, or up to the active client that was heard least far", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), hello(2), resume(1));
  // The promise goes further than the clock: a client that resumes may send right above that.
  assertEquals(told(after(replica, request(1, 1, { ts: 5, upto: 90 }))), ["1#1 up to 5 of all"]);
  after(replica, resume(2));
  assertEquals(told(after(replica, request(1, 2, { ts: 95, upto: 99 }))), ["1#2 up to 5 of all"]);
  assertEquals(told(after(replica, request(2, 1, { ts: 20, upto: 30 }))), ["2#1 up to 30 of 2"]);
  // It says what it has said as long as that is true: a client that resumes does not take it back.
  assertEquals(told(after(replica, request(1, 3, { ts: 120 }))), ["1#3 up to 30 of 2"]);
});

Deno.test("Member tells again how far it has come once that passes a request which waits, and not otherwise", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), hello(2), resume(1), resume(2));
  assertEquals(told(after(replica, request(1, 1, { ts: 50 }), request(1, 2, { ts: 60 }))), ["1#1 1#2 up to 0 of 2"]);
  assertEquals(told(after(replica, clock(2, 49))), []);
  assertEquals(told(after(replica, clock(2, 50))), [" up to 50 of 2"]);
  assertEquals(told(after(replica, clock(2, 59))), []);
  assertEquals(told(after(replica, clock(2, 100))), [" up to 60 of 1"]);
  assertEquals(told(after(replica, clock(2, 101), clock(1, 200))), []);
});

Deno.test("Member has all of a client that it has lost only up to what it had heard, until the view ends", () => {
  // r2 does not end the view itself.
  const replica = replicaOf(3, echoing(), 2);
  after(replica, hello(1), hello(2), resume(1), resume(2));
  after(replica, request(1, 1, { ts: 50 }));
  const effects = after(replica, unlink(2), request(1, 2, { ts: 60 }));
  assertEquals(told(effects), ["1#2 up to 0 of 2"]);
});

Deno.test("Member that is frozen tells nothing, and takes nothing of what it is told", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), resume(1), request(1, 1), prepare);
  assertEquals(toReplicas(after(replica, request(1, 2), lull)), []);
});

Deno.test("Member that feeds a newcomer says nothing above what it has received and withholds", () => {
  const replica = replicaOf(2);
  after(replica, hello(1), hello(2), hello(3), resume(1), resume(2), resume(3));
  after(replica, peer(64, { kind: "JOIN", member: { id: 64, address: "r64" }, position: undefined }));
  // The first request takes all the credit that clients have for the newcomer's progress.
  const large = batchOf(new Uint8Array(followBytesMax));
  assertEquals(told(after(replica, request(1, 1, largeOf(1, large)))), ["1#1 up to 0 of 2"]);
  const { upto } = largeOf(1, large);
  const effects = after(
    replica,
    request(2, 1, { ts: 50 }),
    request(3, 1, { ts: 40 }),
    clock(1, upto + 1),
    clock(2, upto + 1),
    clock(3, upto + 1),
  );
  // All that is told lies below what is withheld, though the clients have come further.
  assertEquals(told(effects), [" up to 39 of all"]);
  // The newcomer is gone, and all is told.
  assertEquals(told(after(replica, { kind: "peerFailed", id: 64 })), ["3#1 2#1 up to 50 of all"]);
});

Deno.test("Answerer tells nobody what it has received", () => {
  const replica = replicaOf(3, echoing(), 1);
  assertEquals(toReplicas(after(replica, hello(1), resume(1), request(1, 1))), []);
});
