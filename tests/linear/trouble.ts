/**
 * Troubles while clients work: replicas and clients are killed, all replicas are killed and started again, and
 * links break.
 *
 * @module
 */

import { VaxlogClient } from "../../src/library/client.ts";
import type { Random } from "../../src/simulator/random.ts";
import { ClientProcess } from "../cluster/client_process.ts";
import { type RealCluster, unlessKilled } from "../cluster/real_cluster.ts";
import { within } from "../net/within.ts";
import type { LinkBreaker } from "./broken_links.ts";
import type { Recorder } from "./recorder.ts";
import { type Groups, pause, work } from "./workload.ts";

/** One thing that goes wrong. */
export type Trouble = "replica" | "client" | "links" | "mesh" | "all";

/** How often what went wrong. */
export interface Troubles {
  killedReplicas: number;
  killedClients: number;
  coldStarts: number;
  /** Between clients and replicas. */
  brokenLinks: number;
  /** Between replicas; one of the two dies of it. */
  brokenMeshLinks: number;
}

/** Attempts to have all replicas up again, each of which may end with the death of a newcomer. */
const repairsMax = 5;

/** Makes trouble for a cluster. */
export class TroubleMaker {
  readonly counts: Troubles = {
    killedReplicas: 0,
    killedClients: 0,
    coldStarts: 0,
    brokenLinks: 0,
    brokenMeshLinks: 0,
  };
  readonly #cluster: RealCluster;
  readonly #recorder: Recorder;
  readonly #groups: Groups;
  readonly #random: Random;
  readonly #breaker: LinkBreaker;
  #worker: Worker | undefined;

  constructor(cluster: RealCluster, recorder: Recorder, groups: Groups, random: Random, breaker: LinkBreaker) {
    this.#cluster = cluster;
    this.#recorder = recorder;
    this.#groups = groups;
    this.#random = random;
    this.#breaker = breaker;
  }

  /** Starts a client in a process of its own. */
  async startClient(): Promise<void> {
    const process = await ClientProcess.start(this.#cluster.addresses);
    this.#worker = new Worker(process, this.#recorder, this.#groups, this.#random);
  }

  /** Ends that client in good order. */
  async stop(): Promise<void> {
    await this.#worker?.stop();
    this.#worker = undefined;
  }

  /** Ends that client at once, if it is still there. */
  async abort(): Promise<void> {
    await this.#worker?.kill();
  }

  /** Resolves when that many more operations have an outcome. */
  async more(count: number): Promise<void> {
    const wanted = this.#recorder.count + count;
    const wait = async () => {
      while (this.#recorder.count < wanted) await pause(5);
    };
    await within(`${count} more operations`, wait(), 60_000);
  }

  /** Makes some, and leaves a cluster in which all replicas are up. */
  async make(trouble: Trouble): Promise<void> {
    const { counts } = this;
    const cluster = this.#cluster;
    cluster.story.tell(`now: ${trouble}`);
    switch (trouble) {
      case "replica":
        return await this.#killReplicas();
      case "client":
        await this.#worker?.kill();
        counts.killedClients++;
        return await this.startClient();
      case "links": {
        const pids = [Deno.pid, ...this.#worker === undefined ? [] : [this.#worker.pid]];
        const slots = this.#random.chance(0.7) ? [this.#random.pick(cluster.living)] : cluster.living;
        for (const slot of slots) counts.brokenLinks += await this.#breaker.break(cluster.port(slot), pids);
        return;
      }
      case "mesh":
        return await this.#breakMesh();
      case "all":
        counts.killedReplicas += cluster.launcher.replicas().filter(({ state }) => state !== "failed").length;
        await cluster.killAll();
        counts.coldStarts++;
        await cluster.startAgain();
        return await this.#repair();
    }
  }

  async #killReplicas(): Promise<void> {
    const random = this.#random;
    for (let victims = random.between(1, this.#cluster.living.length - 1); victims > 0; victims--) {
      await this.#kill(random.pick(this.#cluster.living));
    }
    await this.more(random.between(1, 100));
    if (random.chance(0.3)) {
      const slot = random.pick(this.#cluster.failed);
      await this.#cluster.restart(slot);
      // The newcomer, or, where another one is left, a member.
      const joining = this.#cluster.launcher.replicas()[slot].state === "joining";
      if (joining && random.chance(0.5)) await this.#kill(slot);
      else if (this.#cluster.living.length > 1) await this.#kill(random.pick(this.#cluster.living));
    }
    await this.#repair();
  }

  async #breakMesh(): Promise<void> {
    const [one, other] = this.#random.shuffled(this.#cluster.launcher.replicas().filter(({ state }) => state === "up"));
    if (this.#breaker.way !== "ss -K") return;
    // The later one has dialled.
    const broken = await this.#breaker.break(one.port, [other.pid]) + await this.#breaker.break(other.port, [one.pid]);
    if (broken === 0) return;
    this.counts.brokenMeshLinks += broken;
    await this.#cluster.events.first("the death of a replica without a link", (event) => {
      return event.kind === "failed" && [one, other].some(({ slot, pid }) => event.replicas[slot].pid === pid);
    });
    await this.#repair();
  }

  async #kill(slot: number): Promise<void> {
    this.counts.killedReplicas++;
    await this.#cluster.kill(slot);
  }

  async #repair(): Promise<void> {
    for (let repairs = 0; repairs < repairsMax; repairs++) {
      for (const slot of this.#cluster.failed) await this.#cluster.restart(slot);
      const joining = this.#cluster.launcher.replicas().filter(({ state }) => state === "joining");
      if (joining.length === 0) return;
      // One that dies on its way is started again.
      await Promise.allSettled(joining.map(({ slot }) => this.#cluster.joined(slot)));
    }
    throw new Error(`After ${repairsMax} repairs the replicas ${this.#cluster.failed} are not up`);
  }
}

/** A client in a process of its own, which can be killed at work. */
class Worker {
  readonly #process: ClientProcess;
  readonly #lanes: Promise<void>;
  #isOver = false;

  constructor(process: ClientProcess, recorder: Recorder, groups: Groups, random: Random) {
    this.#process = process;
    const client = recorder.watch(new VaxlogClient(process));
    const lane = () => unlessKilled(work(client, groups, random, () => this.#isOver));
    // Two at once: a request may be on its way when it is killed.
    this.#lanes = Promise.all([lane(), lane()]).then(() => {});
  }

  get pid(): number {
    return this.#process.pid;
  }

  async kill(): Promise<void> {
    // Nothing is given to a process that is dead: it would never be answered.
    this.#isOver = true;
    await this.#process.kill();
    await within("the last outcomes of a client that was killed", this.#lanes);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await within("the last outcomes of a client", this.#lanes, 60_000);
    await this.#process.close();
  }
}
