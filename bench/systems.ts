/**
 * The systems to measure: a cluster of Vaxlog, or the limit, each with a load process of its own.
 *
 * @module
 */

import { Launcher, type LauncherEvent } from "../src/cluster/launcher.ts";
import { replicaEngineFlags } from "../src/cluster/replica_process.ts";
import { Child } from "./child.ts";
import type { Answer, Job, JobResult, LoadJob, SystemName } from "./jobs.ts";
import { residentMiB, secondsOfEach } from "./processes.ts";
import { tokenPermissions } from "../src/secrets/token_files.ts";

/** Milliseconds after which a job that should have ended has failed. */
const jobWithinMs = 60_000;

/** Milliseconds for the start of a process. */
const startWithinMs = 30_000;

/** What one run of a load came to. */
export interface Sample {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds of processor time per command, of the load process and all replicas. */
  readonly processorMicros: number;
  readonly bytesPerCommand: number;
  readonly messagesPerCommand: number;
  /** Processors that the load process kept busy: it runs in one thread, so that near 1 it is what limits the load. */
  readonly loadProcessors: number;
}

/** How a system is started. */
export interface SystemOptions {
  readonly replicas: number;
  /** A directory that exists, for the data; absent: they are in memory. */
  readonly dataDir?: string;
  readonly signal: AbortSignal;
  /** Only for Vaxlog: the module that a replica runs; absent: as usual. */
  readonly entry?: URL;
  /** Only for Vaxlog: the backup that it starts from; absent: none. */
  readonly restore?: string;
  /** Only for Vaxlog: takes the events of the cluster. */
  readonly onEvent?: (event: LauncherEvent) => void;
}

/** A running system and the process that loads it. */
export class System implements AsyncDisposable {
  readonly name: SystemName;
  readonly #replicas: Replicas;
  readonly #signal: AbortSignal;
  readonly #loads: Child[] = [];

  private constructor(name: SystemName, replicas: Replicas, signal: AbortSignal) {
    this.name = name;
    this.#replicas = replicas;
    this.#signal = signal;
    this.#startLoad();
  }

  /** Starts one. */
  static async start(name: SystemName, options: SystemOptions): Promise<System> {
    options.signal.throwIfAborted();
    const replicas = await (name === "vaxlog" ? startCluster(options) : startLimit(options));
    return new System(name, replicas, options.signal);
  }

  /** The launcher, where it is a cluster. */
  get launcher(): Launcher | undefined {
    return this.#replicas.launcher;
  }

  /** Its replicas, and what loads them. */
  get pids(): number[] {
    return [...this.#replicas.pids(), ...this.#loads.map(({ pid }) => pid)];
  }

  #startLoad(): Child {
    const args = [`--system=${this.name}`, ...this.#replicas.ports().map((port) => `127.0.0.1:${port}`)];
    const load = new Child("load_main.ts", ["--allow-net=127.0.0.1", ...tokenPermissions], args);
    this.#loads.push(load);
    return load;
  }

  /** Has the load process do something. */
  run(job: Job): Promise<JobResult> {
    return this.#ask(this.#loads[0], job);
  }

  /** Has another process open sessions, which stay. */
  async openIdle(sessions: number): Promise<void> {
    await this.#ask(this.#startLoad(), { kind: "open", sessions });
  }

  async #ask(load: Child, job: Job): Promise<JobResult> {
    this.#signal.throwIfAborted();
    await load.tell(JSON.stringify(job));
    const answer: Answer = JSON.parse(await load.line(jobWithinMs, this.#signal));
    if ("error" in answer) throw new Error(`Cannot measure ${this.name}: ${answer.error}`);
    return answer.result;
  }

  /** Runs a load and takes the processor time of all who took part. */
  async measure(job: LoadJob): Promise<Sample> {
    await this.run({ ...job, kind: "prepare" });
    const pids = [this.#loads[0].pid, ...this.#replicas.pids()];
    const before = await secondsOfEach(pids);
    const startedAt = performance.now();
    const { answers, wire, perSecond, p50Ms, p99Ms } = await this.run(job);
    const elapsedMs = performance.now() - startedAt;
    const used = (await secondsOfEach(pids)).map((seconds, at) => seconds - before[at]);
    const seconds = used.reduce((sum, value) => sum + value, 0);
    return {
      perSecond,
      p50Ms,
      p99Ms,
      processorMicros: seconds / answers * 1e6,
      bytesPerCommand: wire.bytes / answers,
      messagesPerCommand: wire.messages / answers,
      loadProcessors: used[0] / elapsedMs * 1000,
    };
  }

  /** MiB in memory of each replica. */
  residentMiB(): Promise<number[]> {
    return residentMiB(this.#replicas.pids());
  }

  /** Ends all its processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.stop()));
    await this.#replicas.stop();
  }
}

/** Vaxlog and the limit, of the same size. */
export class Pair implements AsyncDisposable {
  readonly vaxlog: System;
  readonly limit: System;

  private constructor(vaxlog: System, limit: System) {
    this.vaxlog = vaxlog;
    this.limit = limit;
  }

  /** Starts both; with `dataDirs`, each keeps its data in its own. */
  static async start(options: SystemOptions, dataDirs?: Readonly<Record<SystemName, string>>): Promise<Pair> {
    const vaxlog = await System.start("vaxlog", { ...options, dataDir: dataDirs?.vaxlog });
    try {
      return new Pair(vaxlog, await System.start("limit", { ...options, dataDir: dataDirs?.limit }));
    } catch (error) {
      await vaxlog[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The two, in turn first and second, so that neither is always the one that comes after the other. */
  inTurn(turn: number): readonly System[] {
    return turn % 2 === 0 ? [this.vaxlog, this.limit] : [this.limit, this.vaxlog];
  }

  /** Has both do the same, one after the other; what it comes to is not measured. */
  async runBoth(job: Job): Promise<void> {
    for (const system of this.inTurn(0)) await system.run(job);
  }

  /** Ends both. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vaxlog[Symbol.asyncDispose](), this.limit[Symbol.asyncDispose]()]);
  }
}

/** The processes of one system, without the load. */
interface Replicas {
  readonly launcher?: Launcher;
  ports(): number[];
  pids(): number[];
  stop(): Promise<void>;
}

async function startCluster({ replicas, signal, ...options }: SystemOptions): Promise<Replicas> {
  const launcher = await Launcher.start({ replicas, basePort: 0, signal, ...options });
  const rows = () => launcher.replicas();
  return {
    launcher,
    ports: () => rows().map(({ port }) => port),
    pids: () => rows().filter(({ state }) => state === "up").map(({ pid }) => pid),
    stop: () => launcher.stop(),
  };
}

async function startLimit({ replicas, dataDir, signal }: SystemOptions): Promise<Replicas> {
  const servers = Array.from({ length: replicas }, (_, id) => {
    const files = dataDir === undefined ? [] : [`--allow-read=${dataDir}`, `--allow-write=${dataDir}`];
    const data = dataDir === undefined ? [] : [`--data=${dataDir}/server-${id}.db`];
    return new Child("limit_main.ts", [replicaEngineFlags, "--allow-net=127.0.0.1", ...files], [`--id=${id}`, ...data]);
  });
  const stop = async () => void await Promise.all(servers.map((server) => server.stop()));
  try {
    const ports = await Promise.all(servers.map(async (server) => Number(await server.line(startWithinMs, signal))));
    return { ports: () => ports, pids: () => servers.map(({ pid }) => pid), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
