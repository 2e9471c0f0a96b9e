/** What clients and files know a cluster by. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { clusterIdOf, isSameCluster } from "../src/cluster_id.ts";

const cluster = "0123456789abcdef".repeat(2);

Deno.test("clusterIdOf() gives clients another cluster when something was given up, and files the same", () => {
  const first = clusterIdOf(cluster, undefined);
  const second = clusterIdOf(cluster, { kept: 0, below: 7 });
  const third = clusterIdOf(second, { kept: 0, below: 9 });
  assertEquals([first.length, second.length], [32, 32]);
  assertNotEquals(first, second);
  assertNotEquals(second, third);
  assertEquals(clusterIdOf(first, { kept: 0, below: 7 }), second);
  for (const id of [first, second, third]) assertEquals(isSameCluster(cluster, id), true);
  assertEquals(isSameCluster(cluster, "f" + cluster.slice(1)), false);
});
