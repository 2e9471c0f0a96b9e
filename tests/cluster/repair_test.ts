/**
 * Repair of real processes, under load. In the end of each test, the logs of all replicas, also of those whose place
 * others have taken, are compared with all that was asked and answered, see `ledger.ts`.
 */

import { assertEquals } from "@std/assert";
import { Random } from "../../src/simulator/random.ts";
import { BusyClient, Progress } from "./busy.ts";
import { assertRepaired, repairAtRandom, repairInTurn } from "./repairing.ts";
import { clusterTest } from "./real_cluster.ts";

/** A number that the environment gives to a run that may read it (`--allow-env`). */
function wanted(variable: string): number | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  const value = state === "granted" ? Deno.env.get(variable) : undefined;
  return value === undefined ? undefined : Number(value);
}

/** Cycles of the random test, and its seed: the same one gives the same victims, and not the same moments. */
const cyclesWanted = wanted("REPAIR_CYCLES");
const seedWanted = wanted("REPAIR_SEED");
const cycles = cyclesWanted ?? 8;

clusterTest("Every replica in turn fails and is repaired, and clients notice nothing", 3, async (cluster) => {
  const progress = new Progress();
  const clients = await Promise.all([1, 4].map((width) => BusyClient.start(cluster, width, progress)));
  await repairInTurn(cluster, [0, 1, 2], progress);
  await Promise.all(clients.map((client) => client.stop()));
  await assertRepaired(cluster);
});

clusterTest("A cluster of one grows to three, and outlives the first two", 1, async (cluster) => {
  const progress = new Progress();
  const client = await BusyClient.start(cluster, 2, progress);
  await progress.more(50);
  const added = [cluster.launcher.add(), cluster.launcher.add()];
  await Promise.all(added.map((slot) => cluster.joined(slot)));
  assertEquals(cluster.living, [0, 1, 2]);
  await progress.more(50);
  await cluster.crashReplica(0);
  await cluster.crashReplica(1);
  await progress.more(50);
  await client.stop();
});

clusterTest("A client that was told one address outlives all replicas of the start", 2, async (cluster) => {
  const progress = new Progress();
  const client = await BusyClient.start(cluster, 2, progress, cluster.addresses.slice(0, 1));
  const added = cluster.launcher.add();
  await cluster.joined(added);
  await cluster.crashReplica(0);
  await cluster.crashReplica(1);
  await progress.more(50);
  await Promise.all([0, 1].map((slot) => cluster.restart(slot)));
  await Promise.all([0, 1].map((slot) => cluster.joined(slot)));
  await cluster.crashReplica(added);
  await cluster.crashReplica(0);
  await progress.more(50);
  await client.stop();
});

clusterTest(
  `Every answer stands when replicas are killed and repaired at random, ${cycles} times`,
  3,
  async (cluster) => {
    const seed = seedWanted ?? crypto.getRandomValues(new Uint32Array(1))[0];
    const random = new Random(seed);
    const progress = new Progress();
    try {
      const clients = await Promise.all(
        [1, 2, 3, 4].map(() => BusyClient.start(cluster, random.between(1, 4), progress)),
      );
      for (let turn = 0; turn < cycles; turn++) await repairAtRandom(cluster, random, progress);
      await progress.more(100);
      await Promise.all(clients.map((client) => client.stop()));
      await assertRepaired(cluster);
    } catch (error) {
      throw new Error(`With seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
    if (cyclesWanted !== undefined) {
      console.log(`seed ${seed}: ${progress.count} answers, the longest gap ${progress.longestMs.toFixed(1)} ms`);
    }
  },
);
