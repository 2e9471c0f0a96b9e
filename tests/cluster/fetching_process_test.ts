/** Real replicas that get sealed history from each other: what a new one has is all that the others had. */

import { assertEquals } from "@std/assert";
import { clusterTest, durableTest } from "./real_cluster.ts";
import { assertWhole, figuresOf, historyAt, load, small, work } from "./small_segments.ts";

durableTest("a replica that is repaired has all of the history, also if its folder was emptied", 3, async (cluster) => {
  // The test empties folders.
  cluster.expectedComplaint = / is damaged: it is missing\. It is fetched from another replica$/;
  const client = await load(cluster);
  for (const [slot, isEmptied] of [[1, false], [2, true], [0, true]] as const) {
    const working = work(client, 20);
    await cluster.kill(slot);
    if (isEmptied) await Deno.remove(`${cluster.dataDir}/replica-${slot}.history`, { recursive: true });
    await working;
    await cluster.restart(slot);
    await Promise.all([work(client, 20), cluster.joined(slot)]);
    await work(client, 20);
  }
  await client.close();
  for (const slot of [1, 2, 0]) await assertWhole(cluster, slot, (slot + 1) % 3);
}, small);

clusterTest("a replica that is added has all of the history when all others are lost", 2, async (cluster) => {
  const client = await load(cluster);
  const added = cluster.launcher.add();
  await Promise.all([work(client, 20), cluster.joined(added)]);
  await work(client, 20);
  await client.close();
  await assertWhole(cluster, added, 0);
  await cluster.kill(0);
  await cluster.kill(1);
  const { lastEntry } = await figuresOf(cluster, added);
  assertEquals((await historyAt(cluster, added, lastEntry)).length, lastEntry);
}, small);
