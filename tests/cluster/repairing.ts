/**
 * Replicas that are killed and repaired, in turn or at random.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Random } from "../../src/simulator/random.ts";
import type { Progress } from "./busy.ts";
import type { RealCluster } from "./real_cluster.ts";

/** All replicas are members, and say the same of themselves. */
export async function assertRepaired(cluster: RealCluster): Promise<void> {
  await cluster.settled();
  const rows = await cluster.status();
  const expected = rows.map(({ id }) => id).toSorted((a, b) => a - b);
  const [first] = rows;
  for (const { slot, answer } of rows) {
    const said = [answer?.v, answer?.clock, answer?.digest];
    assertEquals(said, [first.answer?.v, first.answer?.clock, first.answer?.digest], `replica ${slot}`);
    assertEquals(answer?.members, expected, `replica ${slot}`);
  }
}

/** One replica after the other dies, and is repaired, while clients get something done before, between and after. */
export async function repairInTurn(cluster: RealCluster, slots: readonly number[], progress: Progress): Promise<void> {
  for (const slot of slots) {
    await progress.more(50);
    await cluster.crashReplica(slot);
    await progress.more(50);
    await cluster.restart(slot);
    await cluster.joined(slot);
  }
  await progress.more(50);
}

/**
 * One cycle: some replicas fail, and are repaired. Meanwhile another one may fail, whether it is a newcomer or its
 * donor.
 */
export async function repairAtRandom(cluster: RealCluster, random: Random, progress: Progress): Promise<void> {
  for (let victims = random.between(1, cluster.living.length - 1); victims > 0; victims--) {
    await cluster.kill(random.pick(cluster.living));
  }
  await progress.more(random.between(1, 200));
  if (random.chance(0.5)) {
    const slot = random.pick(cluster.failed);
    await cluster.restart(slot);
    await progress.more(random.between(1, 600));
    const joining = cluster.launcher.replicas()[slot].state === "joining";
    if (joining && random.chance(0.5)) await cluster.kill(slot);
    else if (cluster.living.length > 1) await cluster.kill(random.pick(cluster.living));
  }
  await Promise.all(cluster.failed.map((slot) => cluster.restart(slot)));
  for (const { slot, state } of cluster.launcher.replicas()) if (state === "joining") await cluster.joined(slot);
}
