/**
 * `deno task bench:http`: measures a gateway against **the bare server**, which parses JSON and responds with JSON. All
 * that the bench starts shares the processors of this machine: replicas, gateway, bare server and clients.
 *
 * Rates depend on what else the machine does, and ratios far less. So the bench asks the bare server right before it
 * asks the gateway for each row, again and again, and shows the median ratio. It repeats that more often where ratios
 * scatter.
 *
 * A row of its own asks a server that does what the gateway does for HTTP, and nothing else: the gateway cannot take
 * less.
 *
 * It takes one to four minutes, and leaves no process behind. Names of rows as arguments: only these.
 *
 * @module
 */

import { Child } from "./child.ts";
import type { Asked, LoadJob, LoadResult, WatchJob, WatchResult } from "./http/jobs.ts";
import { emptyRows, isScattered, remarksOn, type Row, type Sample, tableOf } from "./http/report.ts";
import { type Cluster, startCluster } from "./http/servers.ts";
import { processorSeconds } from "./processes.ts";
import { Progress } from "./progress.ts";

const connections = 64;

/** Milliseconds of a measurement, and of the warm-up of each row. */
const measureMs = 1_500;
const warmUpMs = 1_500;

/** How often each row is measured. */
const roundsMin = 5;
const roundsMax = 15;

/** Milliseconds after which a subprocess that should have printed something has failed. */
const withinMs = 60_000;

/** The processes, and what to ask them. */
class Bench implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #bare = new Child("http/bare_main.ts", ["--allow-net=127.0.0.1"], []);
  readonly #http = new Child("http/http_main.ts", ["--allow-net=127.0.0.1"], []);
  readonly #load = new Child("http/load_main.ts", ["--allow-net=127.0.0.1"], []);
  readonly #watch = new Child("http/watch_main.ts", ["--allow-net=127.0.0.1"], []);
  readonly #signal: AbortSignal;
  /** Where each server listens, and its process. */
  readonly #servers: Record<string, { readonly port: number; readonly pid: number }>;

  constructor(cluster: Cluster, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#signal = signal;
    this.#servers = { gateway: { port: cluster.port, pid: cluster.gateway } };
  }

  async start(): Promise<void> {
    for (const [name, child] of [["bare", this.#bare], ["http", this.#http]] as const) {
      this.#servers[name] = { port: Number(await child.line(withinMs, this.#signal)), pid: child.pid };
    }
  }

  /** Measures a row, and the bare server before it. */
  async take(row: Row, ms: number): Promise<{ bare: Sample; sample: Sample }> {
    const bare = await this.#measure("report", "bare", ms);
    await this.#watchers(row.watchers ?? 0);
    const sample = await this.#measure(row.asked, row.asks ?? "gateway", ms);
    await this.#watchers(0);
    return { bare, sample };
  }

  async #measure(asked: Asked, asks: string, ms: number): Promise<Sample> {
    const { port, pid } = this.#servers[asks];
    const groups = [[pid], this.#cluster.replicas, [this.#load.pid]];
    const spent = () => Promise.all(groups.map(processorSeconds));
    const job: LoadJob = { port, asked, connections, ms };
    const [before, bytesBefore] = [await spent(), this.#bytes];
    const result: LoadResult = JSON.parse(await ask(this.#load, job, this.#signal));
    const after = await spent();
    await this.#watchers(this.#watching);
    const [server, ofReplicas, client] = after.map((seconds, at) => (seconds - before[at]) * 1e6 / result.responses);
    const watched = (this.#bytes - bytesBefore) / ms * 1000;
    return { ...result, server, replicas: ofReplicas, client, watched };
  }

  #bytes = 0;
  #watching = 0;

  async #watchers(watchers: number): Promise<void> {
    this.#watching = watchers;
    const job: WatchJob = { port: this.#cluster.port, watchers };
    const { bytes }: WatchResult = JSON.parse(await ask(this.#watch, job, this.#signal));
    this.#bytes = bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#bare.stop(), this.#http.stop(), this.#load.stop(), this.#watch.stop()]);
  }
}

async function ask(child: Child, job: object, signal: AbortSignal): Promise<string> {
  await child.tell(JSON.stringify(job));
  return await child.line(withinMs, signal);
}

async function bench(wanted: readonly Row[], signal: AbortSignal, progress: Progress): Promise<void> {
  const [loadBefore] = Deno.loadavg();
  await using cluster = await startCluster();
  await using bench = new Bench(cluster, signal);
  await bench.start();
  for (const row of wanted) {
    progress.show(`${row.name}: warm-up`);
    await bench.take(row, warmUpMs);
  }
  let rounds = 0;
  while (rounds < roundsMin || (rounds < roundsMax && wanted.some(isScattered))) {
    rounds++;
    for (const row of wanted) {
      progress.show(`${row.name}: round ${rounds}`);
      const { bare, sample } = await bench.take(row, measureMs);
      row.bare.push(bare);
      row.samples.push(sample);
    }
  }
  progress.clear();
  const [loadAfter] = Deno.loadavg();
  const loads = `load average before it ${loadBefore.toFixed(1)}, after it ${loadAfter.toFixed(1)}`;
  console.log(`${connections} connections, ${navigator.hardwareConcurrency} cores, ${rounds} rounds; ${loads}\n`);
  console.log(`${tableOf(wanted)}\n`);
  console.log(remarksOn(wanted).join("\n"));
}

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => interrupt.abort());
}
const wanted = emptyRows().filter(({ name }) => Deno.args.length === 0 || Deno.args.includes(name));
const progress = new Progress();
try {
  await bench(wanted, interrupt.signal, progress);
  Deno.exit(0);
} catch (error) {
  progress.clear();
  if (interrupt.signal.aborted) Deno.exit(130);
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
