/** Floods of correct frames: an established client continues, and the launcher kills nobody. */

import { assert } from "@std/assert";
import { RawClient } from "../net/raw_client.ts";
import { clusterTest } from "./real_cluster.ts";

// More than a replica that had to read all of it first could read before an honest client gives up.
const floodBytesMax = 512 * 1024 * 1024;

clusterTest(
  "Replica serves an established client while two links flood it, and is not killed",
  3,
  async (cluster) => {
    const { client, close } = await cluster.connect();
    await client.set("Harvard University", 0);
    const stopping = new AbortController();
    const floods: Promise<number>[] = [];
    for (const slot of [0, 1]) {
      const { client: flooder, floor } = await RawClient.join(cluster.port(slot));
      const clock = flooder.clockOf({ ts: floor + 1_000_000 });
      floods.push(flooder.flood(clock, floodBytesMax, stopping.signal).finally(() => flooder.die()));
    }
    try {
      for (let value = 1; value <= 50; value++) await client.set("Harvard University", value);
    } finally {
      stopping.abort();
    }
    for (const sent of await Promise.all(floods)) assert(sent < floodBytesMax, "the flood was over before");
    await close();
  },
  { suspectAfterMs: 2_000 },
);
