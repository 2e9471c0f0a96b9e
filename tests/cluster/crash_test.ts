/**
 * Crashes of real processes, at moments that nobody has chosen. In the end of each test, the logs of all replicas are
 * compared with all that was asked and answered, see `ledger.ts`.
 */

import { assertEquals } from "@std/assert";
import { leaseMs } from "../../src/limits.ts";
import { Random } from "../../src/simulator/random.ts";
import { batchOf } from "../net/raw_client.ts";
import { RawSession } from "../net/raw_session.ts";
import { within } from "../net/within.ts";
import { BusyClient, freshValue, harvard, Progress } from "./busy.ts";
import { clusterTest, type RealCluster } from "./real_cluster.ts";

const lostLease = `others have waited for it for ${leaseMs} ms`;

clusterTest("Every answer stands when clients and replicas are killed at random moments", 4, async (cluster) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  const random = new Random(seed);
  const progress = new Progress();
  const start = () => BusyClient.start(cluster, random.between(1, 8), progress);
  try {
    const clients = await Promise.all([1, 2, 3, 4].map(start));
    // Three of the four replicas die, and clients in between.
    const plan = ["replica", "client", "client", "client", "replica", "client", "client", "both", "client", "client"];
    for (const victim of plan) {
      await progress.more(random.between(1, 300));
      const kills: Promise<void>[] = [];
      if (victim !== "replica") kills.push(clients.splice(random.below(clients.length), 1)[0].kill());
      if (victim !== "client") kills.push(cluster.crashReplica(random.pick(cluster.living)));
      await Promise.all(kills);
      if (victim !== "replica") clients.push(await start());
    }
    await progress.more(100);
    await Promise.all(clients.map((client) => client.stop()));
  } catch (error) {
    throw new Error(`With seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
});

/** Two clients that work until they are stopped. */
async function twoClients(cluster: RealCluster): Promise<{ progress: Progress; stop: () => Promise<void> }> {
  const progress = new Progress();
  let isStopped = false;
  const both = await Promise.all([cluster.connect(), cluster.connect()]);
  const loops = both.map(async ({ client }) => {
    while (!isStopped) {
      await client.set(harvard, freshValue());
      progress.add();
    }
  });
  // Their errors are told at the end, unless the test has failed before.
  for (const loop of loops) loop.catch(() => {});
  const stop = async () => {
    isStopped = true;
    await within("the last answers", Promise.all(loops));
    await Promise.all(both.map(({ close }) => close()));
  };
  return { progress, stop };
}

clusterTest("Replicas agree when clients die in the middle of broadcasts, 45 times", 3, async (cluster) => {
  const { progress, stop } = await twoClients(cluster);
  const ports = [0, 1, 2].map((slot) => cluster.port(slot));
  // Each of the five ways three times, with each member as the first.
  for (let round = 0; round < 45; round++) {
    const command = { kind: "set", name: harvard, value: freshValue(), recordedAt: 1 } as const;
    cluster.ledger.note(command);
    const session = await RawSession.join(ports);
    const { links, floor } = session;
    const [first, second] = [links[round % 3], links[(round + 1) % 3]];
    const request = { seq: 1, ts: floor + 1, commands: batchOf(command) };
    switch (round % 5) {
      case 0:
        first.request(request);
        await session.leave();
        break;
      case 1:
        first.request(request);
        second.request(request);
        await session.leave();
        break;
      case 2:
        for (const link of links) link.request(request);
        session.die();
        break;
      case 3:
        // All have it, and the answerer has executed it alone, unless the view has ended meanwhile.
        for (const link of links) link.request(request);
        await Promise.race(links.map((link) => {
          return link.received.first("OUTPUT or VIEW", ({ kind }) => kind === "OUTPUT" || kind === "VIEW");
        }));
        session.die();
        break;
      case 4:
        first.request(request);
        first.clock({ ts: floor + 2 });
        await session.leave();
        break;
    }
    await progress.more(2);
  }
  await stop();
});

clusterTest("Clients that go silent in the middle of broadcasts hold nobody up for long", 3, async (cluster) => {
  const { progress, stop } = await twoClients(cluster);
  const ports = [0, 1, 2].map((slot) => cluster.port(slot));
  const silent = await Promise.all([1, 2, 3, 4].map(() => RawSession.join(ports)));
  for (const { links, floor } of silent) {
    const command = { kind: "set", name: harvard, value: freshValue(), recordedAt: 1 } as const;
    cluster.ledger.note(command);
    for (const link of links) link.request({ seq: 1, ts: floor + 1, commands: batchOf(command) });
  }
  const links = silent.flatMap(({ links }) => links);
  await within("the end of a lease", Promise.race(links.map(({ closed }) => closed.promise)));
  await progress.more(100);
  const reasons = links.flatMap(({ received }) => received.items).filter(({ kind }) => kind === "REFUSED");
  assertEquals(new Set(reasons.map((message) => message.kind === "REFUSED" && message.reason)), new Set([lostLease]));
  for (const session of silent) session.die();
  await stop();
});
