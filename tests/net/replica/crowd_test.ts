/** A crowd of links that say nothing, or begin something and do not end it: others are served all the same. */

import { assert, assertEquals } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { frameBytesMax, linksMax, unfinishedBytesMax } from "../../../src/limits.ts";
import { type Link, LinkBudgets } from "../../../src/net/link.ts";
import type { Admission } from "../../../src/net/server/admission.ts";
import { ClientLinks, idleMs, spareLinks } from "../../../src/net/server/client_links.ts";
import { graceMs, Reception, strangersMax } from "../../../src/net/server/reception.ts";
import { MemoryConnection } from "../../fuzz/memory_connection.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { Session } from "../admitted.ts";

const harvard = "Harvard University";

/** Declares a test with a cluster of two, which serves a client that was there before and a new one afterwards. */
function test(name: string, fn: (cluster: LocalCluster) => Promise<readonly RawClient[]>): void {
  testNeeding(["net"], name, async () => {
    const cluster = await LocalCluster.start({ replicas: 2 });
    const before = await Session.connect(cluster.addresses);
    const crowd = await fn(cluster);
    const after = await within("a new session", Session.connect(cluster.addresses));
    for (const session of [before, after]) {
      const { kind } = await within("an answer", new VaxlogClient(session).set(harvard, 1));
      assertEquals(kind, "site");
      await session.close();
    }
    for (const client of crowd) client.die();
    cluster.close();
  });
}

test("ReplicaServer lets the oldest of many strangers give way, and newcomers in", async (cluster) => {
  const crowd: RawClient[] = [];
  for (let count = 0; count < strangersMax + 20; count++) crowd.push(await RawClient.connect(cluster.ports[0]));
  await within("the end of the first stranger", crowd[0].closed.promise);
  const newcomer = cluster.startNewcomer([0, 1].map((id) => cluster.memberOf(id)));
  await cluster.installed(newcomer, [0, 1, newcomer]);
  return crowd;
});

test("ReplicaServer bounds the memory for frames of which only the first part comes", async (cluster) => {
  const part = new Uint8Array(frameBytesMax);
  new DataView(part.buffer).setUint32(0, frameBytesMax);
  const crowd: RawClient[] = [];
  for (let bytes = 0; bytes < unfinishedBytesMax + 4 * part.length; bytes += part.length) {
    const client = await RawClient.greet(cluster.ports[0]);
    await client.write(part);
    crowd.push(client);
  }
  await within("the end of the first unfinished frame", crowd[0].closed.promise);
  return crowd;
});

Deno.test("Reception gives those that are served a turn after each stranger that gives way", async () => {
  let accepted = 0;
  const full = Promise.withResolvers<void>();
  const flood = Promise.withResolvers<void>();
  const accept = async () => {
    if (accepted === strangersMax) full.resolve();
    if (accepted >= strangersMax) await flood.promise;
    accepted++;
    return new MemoryConnection().connection;
  };
  const listener = { accept, close: () => {} };
  const reception = new Reception({
    listener: listener as unknown as Deno.TcpListener,
    budgets: new LinkBudgets(),
    admission: {} as Admission,
    introduce: () => undefined,
    overflowed: () => {},
  });
  reception.open();
  await full.promise;
  // All of them have had their time.
  await new Promise((resolve) => setTimeout(resolve, graceMs));
  flood.resolve();
  let most = 0;
  while (accepted < strangersMax + 50) {
    const before = accepted;
    await new Promise((resolve) => setTimeout(resolve, 0));
    most = Math.max(most, accepted - before);
  }
  reception.close();
  assert(most <= 3, `${most} strangers came in one turn`);
});

/** Client links that remember which of them were dropped, by number. */
function clientLinks(): { links: ClientLinks; dropped: number[] } {
  const dropped: number[] = [];
  return { links: new ClientLinks((id) => dropped.push(id)), dropped };
}

const link = { abort: () => {} } as unknown as Link;

Deno.test("ClientLinks: the oldest that has said nothing gives way, then one that is silent for long", () => {
  const { links, dropped } = clientLinks();
  for (let count = 0; count < linksMax; count++) links.add(link);
  for (let id = 1; id <= linksMax; id++) if (id !== 7) links.heard(id);
  links.pass(1000);
  links.heard(1);
  assert(links.add(link) !== undefined);
  assertEquals([dropped, links.size], [[7], linksMax]);
  links.heard(linksMax + 1);
  assertEquals(links.add(link), undefined, "all of them have spoken a moment ago");
  links.pass(idleMs - 500);
  assert(links.add(link) !== undefined);
  assertEquals([dropped, links.size], [[7, 2], linksMax]);
  links.heard(linksMax + 2);
  links.delete(5);
  assert(links.add(link) !== undefined);
  assertEquals(dropped, [7, 2]);
});

Deno.test("ClientLinks are fewer once the process could open no more, and never none", () => {
  const { links, dropped } = clientLinks();
  for (let count = 0; count < 10 * spareLinks; count++) links.add(link);
  links.overflowed();
  assertEquals([links.size, dropped[0], dropped.length], [9 * spareLinks, 1, spareLinks]);
  for (let count = 0; count < 100; count++) links.overflowed();
  assertEquals(links.size, spareLinks);
  links.add(link);
  assertEquals(links.size, spareLinks);
});
