/**
 * Attacks that aim at what outlives a link: views, clocks, memory, descriptors.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { outputBytesMax } from "../../src/database/wire/commands.ts";
import { batchBytesMax, retainedBytesMax, timestampMax, unsentBytesMax, windowRequests } from "../../src/limits.ts";
import { LocalCluster } from "../net/local_cluster.ts";
import { testNeeding } from "../net/needing.ts";
import { batchOf, RawClient } from "../net/raw_client.ts";
import { within } from "../net/within.ts";
import { Session } from "../net/admitted.ts";

const harvard = "Harvard University";

testNeeding(["net"], "Replica keeps no link of a client that claims a view which nobody can have", async () => {
  const cluster = await LocalCluster.start({ replicas: 2 });
  for (const v of [2, 99, Number.MAX_SAFE_INTEGER]) {
    const client = await RawClient.greet(cluster.ports[0]);
    client.resume({ v });
    assertMatch(await client.refusal(), /view/);
  }
  cluster.close();
});

testNeeding(
  ["net"],
  "Replica lets no client move the clock of one replica out of the reach of the others",
  async () => {
    const cluster = await LocalCluster.start({ replicas: 2 });
    const session = await Session.connect(cluster.addresses);
    const client = new VaxlogClient(session);
    await client.set(harvard, 1);
    // It is allowed, and only one replica sees it.
    const { client: hostile } = await RawClient.join(cluster.ports[0]);
    hostile.request({ seq: 1, ts: timestampMax });
    const meanwhile = client.set(harvard, 2);
    // The view ends at once, though the client neither dies nor is silent for long.
    assertEquals((await hostile.view()).v, 2);
    assertEquals((await within("the answer to a client that was there", meanwhile)).kind, "site");
    const other = await Session.connect(cluster.addresses);
    const outcome = await within("the answer to a new client", new VaxlogClient(other).set(harvard, 3));
    assertEquals(outcome.kind, "site");
    hostile.die();
    await Promise.all([session.close(), other.close()]);
    cluster.close();
  },
);

testNeeding(["net"], "Replica bounds what it keeps for a client that asks for a lot and reads nothing", async () => {
  const cluster = await LocalCluster.start({ replicas: 1 });
  const session = await Session.connect(cluster.addresses);
  const client = new VaxlogClient(session);
  await Promise.all(Array.from({ length: 100 }, (_, k) => client.add("\u{10348}".repeat(190) + k, "1")));
  const { client: stalled, floor } = await RawClient.join(cluster.ports[0]);
  stalled.stall();
  const pages = Array.from({ length: 15 }, () => ({ kind: "list-page" }) as const);
  const outputBytes = pages.length * (outputBytesMax("list-page") - 1000);
  const requests = Math.ceil(retainedBytesMax / outputBytes) + 5;
  assert(requests < windowRequests && outputBytes < batchBytesMax && requests * outputBytes < unsentBytesMax);
  for (let seq = 1; seq <= requests; seq++) stalled.request({ seq, ts: floor + seq, commands: batchOf(...pages) });
  // Others are served while all that waits for it.
  for (let value = 0; value < 20; value++) await within("the answer to another", client.set(harvard, value));
  stalled.unstall();
  assertEquals(await stalled.refusal(), `over ${retainedBytesMax} bytes of outputs are not confirmed`);
  await session.close();
  cluster.close();
});
