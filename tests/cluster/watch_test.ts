/** Watching the log of real replicas that are lost and restarted, under load. */

import { assert, assertEquals } from "@std/assert";
import { decodeEntries, type Entry } from "../../src/library/client.ts";
import { within } from "../net/within.ts";
import { BusyClient, Progress } from "./busy.ts";
import { clusterTest, durableTest, type RealCluster } from "./real_cluster.ts";
import { repairInTurn } from "./repairing.ts";
import { watchEntries } from "../net/admitted.ts";

/** Somebody who watches, and is given everything. */
class Watcher {
  readonly entries: Entry[] = [];
  readonly #aborting = new AbortController();
  readonly #ended: Promise<void>;
  #arrived = Promise.withResolvers<void>();

  constructor(cluster: RealCluster) {
    this.#ended = this.#run(cluster);
  }

  async #run(cluster: RealCluster): Promise<void> {
    const { signal } = this.#aborting;
    for await (const { bytes, last } of watchEntries({ after: 0, addresses: () => cluster.addresses, signal })) {
      for (const entry of decodeEntries(bytes)) {
        assertEquals(entry.index, this.entries.length + 1, "each once, in order, without gaps");
        this.entries.push(entry);
      }
      assertEquals(last, this.entries.length);
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers();
    }
  }

  /** Resolves when that many entries have come. */
  async reached(count: number): Promise<void> {
    while (this.entries.length < count) {
      await within(`entry ${count}`, Promise.race([this.#arrived.promise, this.#ended]));
    }
  }

  async end(): Promise<void> {
    this.#aborting.abort();
    await within("the end of a watcher", this.#ended);
  }
}

/** Fails unless each watcher is given, once and in order, what clients are given who page through the log. */
async function assertWhole(cluster: RealCluster, watchers: readonly Watcher[]): Promise<void> {
  const { client, close } = await cluster.connect();
  const expected: Entry[] = [];
  for await (const page of client.changes()) expected.push(...page);
  await close();
  assert(expected.length > 50, `only ${expected.length} entries`);
  for (const watcher of watchers) {
    await watcher.reached(expected.length);
    await watcher.end();
    assertEquals(watcher.entries, expected);
  }
}

clusterTest("watchEntries() while each real replica in turn is killed and restarted", 3, async (cluster) => {
  const progress = new Progress();
  const watchers = [1, 2, 3].map(() => new Watcher(cluster));
  const busy = await BusyClient.start(cluster, 4, progress);
  await repairInTurn(cluster, [2, 1, 0], progress);
  await busy.stop();
  await assertWhole(cluster, watchers);
});

durableTest("watchEntries() continues when all replicas were killed and came back", 2, async (cluster) => {
  const progress = new Progress();
  const watchers = [1, 2].map(() => new Watcher(cluster));
  const busy = await BusyClient.start(cluster, 2, progress);
  await progress.more(100);
  await busy.stop();
  await cluster.killAll();
  await cluster.startAgain();
  const { client, close } = await cluster.connect();
  await client.set("Harvard University", 7);
  await close();
  await assertWhole(cluster, watchers);
});
