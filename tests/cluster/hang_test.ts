/**
 * Processes that stop without dying (SIGSTOP): the others wait for a lease, or for the suspicion, and continue. These
 * tests measure those waits, so they look at the time; no others do.
 */

import { assert, assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { leaseMs } from "../../src/limits.ts";
import { within } from "../net/within.ts";
import { ClientProcess } from "./client_process.ts";
import { clusterTest, type RealCluster } from "./real_cluster.ts";

const harvard = "Harvard University";

/** Milliseconds that everything but the lease and the suspicion may take, on a machine with other things to do. */
const roomMs = 10_000;

/** Milliseconds of silence after which a replica is killed here. */
const suspectAfterMs = 2_000;

let values = 0;

/** Two clients in loops, and the longest time that either has waited for an answer since it was last asked. */
class Observers {
  readonly #loops: Promise<void>[];
  #longestMs = 0;
  #answers = 0;
  #isStopped = false;
  #look = () => {};

  private constructor(clients: readonly VaxlogClient[]) {
    this.#loops = clients.map((client) => this.#loop(client));
    // A test that fails elsewhere ends the cluster, and says why by itself.
    for (const loop of this.#loops) loop.catch(() => {});
  }

  static async start(cluster: RealCluster): Promise<{ observers: Observers; close: () => Promise<void> }> {
    const both = await Promise.all([cluster.connect(), cluster.connect()]);
    const observers = new Observers(both.map(({ client }) => client));
    const close = async () => {
      await observers.#stop();
      await Promise.all(both.map(({ close }) => close()));
    };
    return { observers, close };
  }

  async #loop(client: VaxlogClient): Promise<void> {
    while (!this.#isStopped) {
      const askedAt = performance.now();
      await within("an answer", client.set(harvard, values++));
      this.#longestMs = Math.max(this.#longestMs, performance.now() - askedAt);
      this.#answers++;
      this.#look();
    }
  }

  async #stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
  }

  /**
   * Resolves with the longest wait when one of more than `longMs` milliseconds is over, and both work again; with
   * undefined when both just work on.
   */
  async longestOver(longMs: number): Promise<number | undefined> {
    const before = this.#answers;
    await this.#until("the end of a wait", () => this.#longestMs > longMs || this.#answers > before + 500);
    if (this.#longestMs <= longMs) return undefined;
    const answers = this.#answers;
    await this.#until("more answers", () => this.#answers >= answers + 10);
    return this.#longestMs;
  }

  #until(what: string, isSo: () => boolean): Promise<void> {
    const happened = Promise.withResolvers<void>();
    this.#look = () => {
      if (isSo()) happened.resolve();
    };
    this.#look();
    return within(what, happened.promise);
  }
}

/** A client process that always has some requests under way, and can be stopped with them. */
class BusyProcess {
  readonly #process: ClientProcess;
  readonly #client: VaxlogClient;
  readonly #loops: Promise<void>[];
  #isBusy = Promise.withResolvers<void>();
  #isStopped = false;

  private constructor(process: ClientProcess, client: VaxlogClient) {
    this.#process = process;
    this.#client = client;
    this.#loops = Array.from({ length: 50 }, () => this.#loop());
    for (const loop of this.#loops) loop.catch(() => {});
  }

  /** Starts one; resolves when it is busy. */
  static async start(cluster: RealCluster): Promise<BusyProcess> {
    const process = await ClientProcess.start(cluster.addresses);
    const client = new VaxlogClient(cluster.ledger.watch(process));
    return new BusyProcess(process, client);
  }

  /** Stops it with requests under way, together with what `more` stops; resolves with how long the others waited. */
  async stop(observers: Observers, longMs: number, more = () => {}): Promise<number> {
    for (;;) {
      this.#isBusy = Promise.withResolvers();
      await within("a busy client", this.#isBusy.promise);
      this.#process.signal("SIGSTOP");
      more();
      const longestMs = await observers.longestOver(longMs);
      if (longestMs !== undefined) return longestMs;
      // On a machine with other things to do it may just have been idle: nobody waits for it then.
      this.go();
    }
  }

  /** Lets it continue. */
  go(): void {
    this.#process.signal("SIGCONT");
  }

  async #loop(): Promise<void> {
    while (!this.#isStopped) {
      await this.#client.set(harvard, values++);
      this.#isBusy.resolve();
    }
  }

  /** Resolves when all that it asked was answered, and it is gone. */
  async close(): Promise<void> {
    this.#isStopped = true;
    await within("all its answers", Promise.all(this.#loops));
    await this.#process.close();
  }
}

clusterTest("A client that hangs with requests under way holds the others up for a lease", 3, async (cluster) => {
  const { observers, close } = await Observers.start(cluster);
  const busy = await BusyProcess.start(cluster);
  const longestMs = await busy.stop(observers, leaseMs / 2);
  assert(longestMs < leaseMs + roomMs, `the others have waited for ${longestMs} ms`);
  // It has lost its lease, and nothing else.
  busy.go();
  await busy.close();
  await close();
});

clusterTest("A replica that hangs is killed, and holds the others up until it is suspected", 3, async (cluster) => {
  const { observers, close } = await Observers.start(cluster);
  Deno.kill(cluster.launcher.replicas()[1].pid, "SIGSTOP");
  assertEquals(await cluster.failure(1), "gave no answer for 2 s and was killed");
  const longestMs = await observers.longestOver(suspectAfterMs / 2) ?? 0;
  assert(longestMs < suspectAfterMs + roomMs, `the others have waited for ${longestMs} ms`);
  assertEquals(cluster.living, [0, 2]);
  await close();
}, { suspectAfterMs });

clusterTest("A replica that hangs for a moment is waited for, and no client loses its lease", 3, async (cluster) => {
  const all = await Promise.all([1, 2, 3].map(() => cluster.connect()));
  for (const slot of [2, 0]) {
    const { pid } = cluster.launcher.replicas()[slot];
    Deno.kill(pid, "SIGSTOP");
    const sets = all.map(({ client }) => client.set(harvard, values++));
    // It does not answer: that takes the better part of a second.
    const rows = await cluster.launcher.status();
    assertEquals(rows[slot].answer, undefined);
    Deno.kill(pid, "SIGCONT");
    await within("the answers", Promise.all(sets));
  }
  assertEquals((await cluster.status()).map(({ answer }) => answer?.v), [1, 1, 1]);
  await Promise.all(all.map(({ close }) => close()));
});

clusterTest("A client and a replica that hang at once are both done without", 3, async (cluster) => {
  const { observers, close } = await Observers.start(cluster);
  const busy = await BusyProcess.start(cluster);
  const { pid } = cluster.launcher.replicas()[0];
  await busy.stop(observers, suspectAfterMs / 2, () => Deno.kill(pid, "SIGSTOP"));
  await cluster.failure(0);
  busy.go();
  await busy.close();
  await close();
}, { suspectAfterMs });
