/** Status of real replicas, with the permissions that their launcher gives them. */

import { assert, assertEquals } from "@std/assert";
import { stateOf } from "../../src/health.ts";
import type { RunningStatus, StatusAnswer } from "../../src/net/client/status.ts";
import { clusterTest } from "./real_cluster.ts";
import { fetchStatuses } from "../net/admitted.ts";

/** How those are who answered. */
function statusesIn(answers: readonly StatusAnswer[]): RunningStatus[] {
  return answers.flatMap((answer) => "lag" in answer ? [answer.status] : []);
}

clusterTest("fetchStatuses() says of real replicas what their launcher knows, and who is lost", 3, async (cluster) => {
  const { client, close } = await cluster.connect();
  for (let value = 0; value < 5; value++) await client.set("Harvard University", value);
  await cluster.settled();
  const answers = await fetchStatuses(cluster.addresses);
  const statuses = statusesIn(answers);
  const known = (await cluster.status()).map(({ answer }) => answer);
  for (const [slot, { memoryBytes, uptimeMs, ...rest }] of statuses.entries()) {
    assertEquals(rest.waits, undefined);
    assertEquals([rest.cluster, stateOf(rest), rest.executed, rest.digest], [
      statuses[0].cluster,
      "up",
      5,
      statuses[0].digest,
    ]);
    // The clock advances, and the table of sessions and the process may change.
    const moving = { clock: 0, sessions: 0, memoryBytes: 0, uptimeMs: 0 };
    assertEquals({ ...rest, kind: "STATUS_IS", ...moving }, { ...known[slot]!, ...moving });
    assert(memoryBytes > 10_000_000 && uptimeMs > 0, `${memoryBytes} bytes after ${uptimeMs} ms`);
  }
  assertEquals(answers.map((answer) => "lag" in answer && answer.lag), [0, 0, 0]);
  await cluster.crashReplica(1);
  const [first, lost, third] = await fetchStatuses(cluster.addresses);
  assertEquals("reason" in lost && lost.reason, "refused the connection");
  assertEquals(statusesIn([first, third]).map(({ id }) => id), [0, 2]);
  await cluster.restart(1);
  await cluster.joined(1);
  await client.set("Harvard University", 6);
  await close();
  await cluster.settled();
  const again = statusesIn(await fetchStatuses(cluster.addresses));
  assertEquals(again.map(stateOf), ["up", "up", "up"]);
  assertEquals(new Set(again.map(({ digest }) => digest)).size, 1);
});
