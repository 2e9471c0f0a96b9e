/** The requests that were executed recently. */

import { assertEquals } from "@std/assert";
import { recentBytesMax } from "../../../src/limits.ts";
import type { CarriedRequest, Position } from "../../../src/protocol/wire/records.ts";
import { Recent } from "../../../src/protocol/replica/recent.ts";

const start: Position = { v: 1, requests: 0, digest: 100 };

function request(bytes = 1): CarriedRequest {
  return { client: "c".repeat(32), seq: 1, ts: 1, done: 0, end: false, commands: new Uint8Array(bytes) };
}

/** Three requests in view 1, then view 2, then two. */
function history(isKept = true): Recent {
  const recent = new Recent(start, isKept);
  for (let requests = 1; requests <= 3; requests++) {
    recent.add({ kind: "executed", v: 1, request: request(), requests, digest: 100 + requests });
  }
  recent.add({ kind: "viewed", v: 2, expired: [] });
  for (let requests = 4; requests <= 5; requests++) {
    recent.add({ kind: "executed", v: 2, request: request(), requests, digest: 100 + requests });
  }
  return recent;
}

Deno.test("Recent.after() says what a replica has missed, before and after a change of view", () => {
  const recent = history();
  assertEquals(recent.after(start), 0);
  assertEquals(recent.after({ v: 1, requests: 2, digest: 102 }), 2);
  assertEquals(recent.after({ v: 1, requests: 3, digest: 103 }), 3);
  assertEquals(recent.after({ v: 2, requests: 3, digest: 103 }), 4);
  assertEquals(recent.after({ v: 2, requests: 5, digest: 105 }), 6);
  assertEquals(recent.from(4, Infinity)?.map(({ v }) => v), [2, 2]);
});

Deno.test("Recent.after() finds what has diverged, and gives up on what it does not know", () => {
  const recent = history();
  const diverged = recent.after({ v: 1, requests: 2, digest: 7 });
  assertEquals(typeof diverged === "object" && [diverged.requests, diverged.digest], [2, 102]);
  assertEquals(recent.after({ v: 2, requests: 6, digest: 106 }), undefined);
  assertEquals(recent.after({ v: 0, requests: 0, digest: 100 }), undefined);
  recent.restart({ v: 2, requests: 5, digest: 105 });
  assertEquals(recent.after({ v: 2, requests: 4, digest: 104 }), undefined);
  assertEquals(recent.after({ v: 1, requests: 5, digest: 105 }), undefined);
  assertEquals(recent.after({ v: 2, requests: 5, digest: 105 }), 6);
});

Deno.test("Recent keeps a bounded number of bytes, and knows where they begin", () => {
  const recent = new Recent(start, true);
  const bytes = 64 * 1024;
  const count = 3 * recentBytesMax / bytes;
  for (let requests = 1; requests <= count; requests++) {
    recent.add({ kind: "executed", v: 1, request: request(bytes), requests, digest: requests });
  }
  assertEquals(recent.from(0, Infinity), undefined);
  assertEquals(recent.after(start), undefined);
  const kept = recent.from(recent.end - 10, Infinity)!;
  assertEquals(kept.length, 10);
  let first = 0;
  while (recent.from(first, Infinity) === undefined) first++;
  const keptBytes = recent.from(first, Infinity)!.length * bytes;
  assertEquals([keptBytes > recentBytesMax / 4, keptBytes <= recentBytesMax], [true, true]);
  assertEquals(recent.after({ v: 1, requests: first, digest: first }), first);
  assertEquals(recent.after({ v: 1, requests: first - 1, digest: first - 1 }), undefined);
  assertEquals(recent.after({ v: 1, requests: count - 1, digest: count - 1 }), recent.end - 1);
});

Deno.test("Recent that is not kept is wanted only while somebody follows", () => {
  const recent = new Recent(start, false);
  assertEquals(recent.isWanted, false);
  const cursor = recent.follow(recent.end, start);
  assertEquals(recent.isWanted, true);
  recent.add({ kind: "executed", v: 1, request: request(), requests: 1, digest: 101 });
  assertEquals(recent.from(cursor.at, Infinity)?.length, 1);
  recent.leave(cursor, { v: 1, requests: 1, digest: 101 });
  assertEquals([recent.isWanted, recent.from(0, Infinity)], [false, undefined]);
  assertEquals(recent.after({ v: 1, requests: 1, digest: 101 }), undefined);
});

Deno.test("Recent that is not kept lets nobody follow from before somebody else began to", () => {
  const recent = new Recent(start, false);
  // Three requests were executed, and nobody wanted to know.
  const now = { v: 1, requests: 3, digest: 103 };
  recent.follow(recent.end, now);
  assertEquals(recent.after(start), undefined);
  assertEquals(recent.after(now), recent.end);
});
