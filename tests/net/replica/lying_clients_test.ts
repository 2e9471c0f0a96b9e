/**
 * Clients that lie, on real links: whatever they send, the replicas stay equal and continue, and honest clients
 * are served. Each test is an attack that once worked.
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { connect } from "../admitted.ts";
import { batchOf, RawClient } from "../raw_client.ts";
import { LocalCluster } from "../local_cluster.ts";
import { testNeeding } from "../needing.ts";
import { RawSession } from "../raw_session.ts";

const site = "Harvard University";

/** Sets the site. */
function setTo(value: number): Uint8Array {
  return batchOf({ kind: "set", name: site, value, recordedAt: 1 });
}

type Client = Awaited<ReturnType<typeof connect>>;

/** A test with three replicas, and an honest client that has been served. */
function attack(name: string, run: (cluster: LocalCluster, honest: Client) => Promise<void>): void {
  testNeeding(["net"], name, async () => {
    const cluster = await LocalCluster.start({ replicas: 3 });
    try {
      await using honest = await connect(cluster.addresses);
      await honest.set(site, 10);
      await run(cluster, honest);
      await honest.set(site, 11);
      assertEquals(await shown(honest), 11);
      // All have the same, once they have executed what the answerer has.
      await isEqual(cluster);
    } finally {
      cluster.close();
    }
  });
}

async function shown(client: Client): Promise<unknown> {
  const outcome = await client.view(site);
  return outcome.kind === "site" ? outcome.site.availability : outcome.kind;
}

async function isEqual(cluster: LocalCluster): Promise<void> {
  for (;;) {
    const [first, ...others] = cluster.servers.map((server) => server.status());
    if (others.every(({ executed }) => executed === first.executed)) {
      for (const { digest } of others) assertEquals(digest, first.digest);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

attack("three liars, each of whom tells one replica alone a request, and die", async (cluster) => {
  const liars = await Promise.all(cluster.ports.map((port) => RawClient.join(port)));
  for (const [at, { client, floor }] of liars.entries()) {
    client.request({ ts: floor + 1, commands: setTo(100 + at) });
    client.clock({ ts: floor + 1000 });
  }
  for (const { client } of liars) client.die();
});

attack("what a liar sends to the answerer alone is read by nobody", async (cluster, honest) => {
  const { client, floor } = await RawClient.join(cluster.ports[1]);
  client.request({ ts: floor + 1, commands: setTo(777) });
  client.clock({ ts: floor + 5000 });
  assertEquals(await shown(honest), 10);
  const outcome = await honest.set(site, 778, { if: 777 });
  assertEquals(outcome.kind, "conflict");
  client.die();
  assertEquals(await shown(honest), 10);
});

attack("a liar gives two requests one seq", async (cluster, honest) => {
  const secret = "12".repeat(32);
  const liars = await Promise.all(cluster.ports.map((port) => RawClient.join(port, secret)));
  const ts = Math.max(...liars.map(({ floor }) => floor)) + 1;
  for (const [at, { client }] of liars.entries()) client.request({ ts, commands: setTo(200 + at) });
  assertEquals((await honest.set(site, 12)).kind, "site");
  // The view has ended without its request.
  for (const { client } of liars) assertEquals((await client.view()).base, 0);
  for (const { client } of liars) client.die();
});

attack("a liar gives a small timestamp to one replica alone", async (cluster, honest) => {
  const secret = "34".repeat(32);
  const liars = await Promise.all(cluster.ports.map((port) => RawClient.join(port, secret)));
  const floor = Math.max(...liars.map((each) => each.floor));
  for (const [at, { client }] of liars.entries()) {
    client.request({ ts: floor + (at === 2 ? 1 : 1_000), upto: floor + 2_000, commands: setTo(300) });
  }
  assertEquals((await honest.set(site, 13)).kind, "site");
  for (const { client } of liars) client.die();
});

attack("a liar that keeps talking, and never says what others wait for", async (cluster, honest) => {
  const { client } = await RawClient.join(cluster.ports[1]);
  const talking = setInterval(() => client.clock({ ts: 1 }), 50);
  try {
    assertEquals((await honest.set(site, 14)).kind, "site");
    assertNotEquals(await client.refusal(), "");
  } finally {
    clearInterval(talking);
    client.die();
  }
});

attack("a liar that sends to one replica alone, and answers all that it is asked", async (cluster, honest) => {
  const { client, floor } = await RawClient.join(cluster.ports[2]);
  client.request({ ts: floor + 1, commands: setTo(400) });
  const talking = (async () => {
    for (let ts = floor + 2;;) {
      const nudge = await client.next("NUDGE").catch(() => undefined);
      if (nudge === undefined) return;
      client.clock({ ts: ts = Math.max(ts, nudge.ts) + 1 });
    }
  })();
  assertEquals((await honest.set(site, 15)).kind, "site");
  client.die();
  await talking;
});

attack("a liar that answers all that it is asked, and always late", async (cluster, honest) => {
  const { links, floor } = await RawSession.join(cluster.ports);
  let [isOver, asked] = [false, 0];
  let ts = floor;
  for (const { closed } of links) closed.promise.then(() => isOver = true);
  const answering = links.map(async (link) => {
    for (;;) {
      const nudge = await link.next("NUDGE").catch(() => undefined);
      if (nudge === undefined) return;
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 30));
      ts = Math.max(ts, nudge.ts) + 1;
      for (const each of links) each.clock({ ts });
    }
  });
  // Its links end, or it must promise so far ahead that few commands wait for it.
  let count = 0;
  while (!isOver && count < 250) await honest.set(site, count++);
  assert(isOver || asked < count / 5, `the liar was asked ${asked} times in ${count} commands, and has its links`);
  for (const link of links) link.die();
  await Promise.all(answering);
});

attack("a liar moves the clocks as far as they go", async (cluster, honest) => {
  const secret = "56".repeat(32);
  const liars = await Promise.all(cluster.ports.map((port) => RawClient.join(port, secret)));
  const ts = 2 ** 53 - 2 ** 20;
  for (const { client } of liars) client.request({ ts, commands: setTo(500) });
  assertEquals((await honest.set(site, 16)).kind, "site");
  for (const { client } of liars) client.die();
});

attack("liars read what they may not", async (cluster) => {
  const [, answerer, other] = await Promise.all(cluster.ports.map((port) => RawClient.greet(port)));
  other.read();
  assertEquals(await other.refusal(), "READ 1: another replica is the answerer");
  answerer.read({ after: 5 });
  assertEquals(await answerer.refusal(), "READ 1: 5 comes before it, and 0 was received");
  const writer = await RawClient.greet(cluster.ports[1]);
  writer.read({ commands: setTo(600) });
  assertEquals(await writer.refusal(), "READ: it asks for a change");
});
