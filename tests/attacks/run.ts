/**
 * One attack on a cluster of real processes with honest clients at work.
 *
 * @module
 */

import { connect } from "../../mod.ts";
import { leaseMs, suspectAfterMs } from "../../src/limits.ts";
import { within } from "../net/within.ts";
import type { AttackerOrder } from "./attacker.ts";
import { attacks } from "./attacks.ts";
import { RealCluster } from "../cluster/real_cluster.ts";

/** Honest clients, each of which sends a command when it has the output of the one before. */
const honestClients = 2;

/** A third one is suspended in between: it pauses that long after each command, in ms. */
const pauseMs = 50;

/** The longest wait that the rule allows: two leases and a flush, and room for a busy machine. */
export const waitMsMax: number = 2 * leaseMs + 1_000;

/** The least share of their throughput that established clients keep. */
export const shareMin = 0.5;

/** The outcome of an attack. */
export interface Finding {
  /** Commands of honest clients in a second, before the attack, during it and after it. */
  readonly before: number;
  readonly during: number;
  readonly after: number;
  /** Milliseconds that a command took at most during the attack. */
  readonly longestMs: number;
  /** The same of the client that pauses after each command. */
  readonly visitMs: number;
  /** Milliseconds until a client that came in the middle of the attack had its first output. */
  readonly newcomerMs: number;
  /** The fault of the replicas afterwards, or of the measurement; undefined: all live, and are equal. */
  readonly wrong: string | undefined;
}

/** Milliseconds between clients of an attack that are there before, and the honest ones. */
const earlierMs = 500;

/** Milliseconds after an attack in which its last sessions end. */
const calmMs = 3_000;

/** The share of their throughput that established clients keep: other work may make the machine slower meanwhile. */
export function shareOf({ before, during, after }: Finding): number {
  return 2 * during / (before + after);
}

/** Whether the rule holds. */
export function holds(finding: Finding): boolean {
  const { longestMs, visitMs, wrong } = finding;
  return wrong === undefined && Math.max(longestMs, visitMs) <= waitMsMax && shareOf(finding) >= shareMin;
}

/** Milliseconds for which the machine may let no honest client run: more says nothing about the replicas. */
const standstillMsMax = 1_000;

/** Looks for times in which this process did not run, as when all of the machine stood still. */
class Watch implements Disposable {
  longestMs = 0;
  #at = performance.now();
  readonly #timer = setInterval(() => {
    const now = performance.now();
    this.longestMs = Math.max(this.longestMs, now - this.#at);
    this.#at = now;
  }, 50);

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Closed loops of honest clients. */
class Work {
  done = 0;
  longestMs = 0;
  readonly #begunAt = new Map<number, number>();
  #visitAt: number | undefined;
  #visitMs = 0;
  #isOver = false;

  async run(cluster: RealCluster, number: number): Promise<void> {
    await using client = await connect(cluster.addresses);
    for (let value = 0; !this.#isOver; value++) {
      this.#begunAt.set(number, performance.now());
      await client.set("Harvard University", value % 1000);
      this.done++;
      this.longestMs = Math.max(this.longestMs, this.#waitedMs(number));
    }
    this.#begunAt.delete(number);
  }

  #waitedMs(number: number): number {
    return performance.now() - this.#begunAt.get(number)!;
  }

  /** Sends a command now and then, as a person does; its waits count apart. */
  async visit(cluster: RealCluster): Promise<void> {
    await using client = await connect(cluster.addresses);
    for (; !this.#isOver; await new Promise((resolve) => setTimeout(resolve, pauseMs))) {
      this.#visitAt = performance.now();
      await client.set("Harvard University", 8);
      this.#visitMs = Math.max(this.#visitMs, performance.now() - this.#visitAt);
      this.#visitAt = undefined;
    }
  }

  /** Counts from here on; returns commands in a second, and the longest waits. */
  async measure(ms: number): Promise<{ rate: number; longestMs: number; visitMs: number }> {
    const [done, at] = [this.done, performance.now()];
    this.longestMs = this.#visitMs = 0;
    await new Promise((resolve) => setTimeout(resolve, ms));
    const rate = (this.done - done) * 1000 / (performance.now() - at);
    // A command that has no output yet counts as well.
    const waits = [...this.#begunAt.keys()].map((number) => this.#waitedMs(number));
    const visitMs = Math.max(this.#visitMs, performance.now() - (this.#visitAt ?? Infinity));
    return { rate, longestMs: Math.max(this.longestMs, ...waits), visitMs };
  }

  stop(): void {
    this.#isOver = true;
  }
}

/** Runs an attack for that long, and measures for `quietMs` before it and after it. */
export async function attack(name: string, ms: number, quietMs: number): Promise<Finding> {
  const cluster = await RealCluster.start(3, { suspectAfterMs });
  const worker = new Worker(new URL("./attacker.ts", import.meta.url), { type: "module" });
  const order = (what: AttackerOrder) => worker.postMessage(what);
  try {
    const ports = cluster.launcher.replicas().map(({ port }) => port);
    const { isThereBefore } = attacks[name];
    if (isThereBefore) {
      order({ name, ports });
      await new Promise((resolve) => setTimeout(resolve, earlierMs));
    }
    const work = new Work();
    const clients = Array.from({ length: honestClients }, (_, number) => work.run(cluster, number));
    clients.push(work.visit(cluster));
    await work.measure(1_000);
    const before = await work.measure(quietMs);
    if (!isThereBefore) order({ name, ports });
    order("begin");
    const newcomer = comeIn(cluster, ms / 2);
    using watch = new Watch();
    const during = await work.measure(ms);
    const standstillMs = Math.round(watch.longestMs);
    worker.terminate();
    const newcomerMs = await newcomer;
    await work.measure(calmMs);
    const after = await work.measure(quietMs);
    work.stop();
    const wrong = await whatIsWrong(cluster, clients) ??
      (standstillMs > standstillMsMax ? `nothing ran for ${standstillMs} ms: measure again` : undefined);
    const { rate, longestMs, visitMs } = during;
    return { before: before.rate, during: rate, after: after.rate, longestMs, visitMs, newcomerMs, wrong };
  } finally {
    worker.terminate();
    await cluster.dispose();
  }
}

/** An honest client comes after a while; how long it takes until it has an output. */
async function comeIn(cluster: RealCluster, afterMs: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const at = performance.now();
  try {
    await using client = await connect(cluster.addresses);
    await client.set("Harvard University", 7);
    return performance.now() - at;
  } catch {
    return Infinity;
  }
}

async function whatIsWrong(cluster: RealCluster, clients: readonly Promise<void>[]): Promise<string | undefined> {
  try {
    await within("the last outputs", Promise.all(clients));
    await cluster.settled();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (cluster.living.length < 3) return `replicas ${cluster.failed.join(", ")} have failed`;
  const digests = new Set((await cluster.status()).map(({ answer }) => answer?.digest));
  return digests.size === 1 ? undefined : "the replicas differ";
}
