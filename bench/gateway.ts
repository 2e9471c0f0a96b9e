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
 * It takes two to five minutes, however slow the machine is, and leaves no process behind. If the time is up before the
 * end, it says what it has not measured. Names of rows as arguments: only these.
 *
 * Exit codes: 0 done, also if the time was up, 1 something failed, 2 there is no such row, 130 interrupted. A missed
 * goal is not a failure of the bench.
 *
 * @module
 */

import { cpus } from "node:os";
import { Child } from "./child.ts";
import type { Asked, LoadJob, LoadResult, WatchJob, WatchResult } from "./http/jobs.ts";
import { emptyRows, isScattered, remarksOn, type Row, type Sample, tableOf } from "./http/report.ts";
import { type Cluster, startCluster } from "./http/servers.ts";
import { machineSeconds, processorSeconds } from "./processes.ts";
import { UsageError } from "./options.ts";
import { runProgram } from "./program.ts";
import type { Progress } from "./progress.ts";
import { describe } from "./report.ts";
import { isSettled } from "./run.ts";

const connections = 64;

/** Milliseconds of a measurement, and of a round of the warm-up. */
const measureMs = 1_500;

/** Rounds of the warm-up of a row, at most: the engine compiles for seconds, and meanwhile requests become cheaper. */
const warmUpRoundsMax = 5;

/** Milliseconds after which nothing new is begun, and after which what is still under way is given up. */
const budgetMs = 240_000;
const timeUpMs = 280_000;

/** How often each row is measured. */
const roundsMin = 5;
const roundsMax = 15;

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
      this.#servers[name] = { port: Number(await child.line(timeUpMs, this.#signal)), pid: child.pid };
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
    const job: LoadJob = { port, token: this.#cluster.token, asked, connections, ms };
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
    const job: WatchJob = { port: this.#cluster.port, token: this.#cluster.token, watchers };
    const { bytes }: WatchResult = JSON.parse(await ask(this.#watch, job, this.#signal));
    this.#bytes = bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#bare.stop(), this.#http.stop(), this.#load.stop(), this.#watch.stop()]);
  }
}

async function ask(child: Child, job: object, signal: AbortSignal): Promise<string> {
  await child.tell(JSON.stringify(job));
  return await child.line(timeUpMs, signal);
}

/** The time was up before the end; what was found so far counts. */
class TimeUpError extends Error {
  override name = "TimeUpError";
}

/** Measures the rows until all have enough samples, or it is late. */
async function measure(
  wanted: readonly Row[],
  isLate: () => boolean,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  await using cluster = await startCluster(signal);
  await using bench = new Bench(cluster, signal);
  await bench.start();
  for (const row of wanted) {
    const costs: number[] = [];
    while (costs.length < warmUpRoundsMax && !isSettled(costs)) {
      if (isLate()) return;
      progress.show(`${row.name}: warm-up`);
      costs.push((await bench.take(row, measureMs)).sample.server);
    }
  }
  for (let round = 1; round <= roundsMin || (round <= roundsMax && wanted.some(isScattered)); round++) {
    for (const row of wanted) {
      if (isLate()) return;
      progress.show(`${row.name}: round ${round}`);
      const { bare, sample } = await bench.take(row, measureMs);
      row.bare.push(bare);
      row.samples.push(sample);
    }
  }
}

/** Measures, and prints what was found, also if something failed in between. */
async function bench(wanted: readonly Row[], interrupt: AbortSignal, progress: Progress): Promise<void> {
  const date = new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC";
  const beganAt = performance.now();
  const seconds = () => (performance.now() - beganAt) / 1000;
  const [loadBefore] = Deno.loadavg();
  const before = await machineSeconds();
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(new TimeUpError("the time was up")), timeUpMs);
  const isLate = () => seconds() * 1000 >= budgetMs;
  try {
    await measure(wanted, isLate, AbortSignal.any([interrupt, timeUp.signal]), progress);
  } catch (error) {
    // What fails after that fails because of it.
    if (interrupt.aborted || !timeUp.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    progress.clear();
    if (!interrupt.aborted) {
      const [after, [loadAfter]] = [await machineSeconds(), Deno.loadavg()];
      const otherProcessors = Math.max(0, after.all - before.all - (after.own - before.own)) / seconds();
      const [{ model: processor }] = cpus();
      const [cores, deno] = [navigator.hardwareConcurrency, Deno.version.deno];
      const circumstances = { date, cores, processor, deno, loadBefore, loadAfter, otherProcessors };
      print(wanted, describe({ ...circumstances, isQuick: false, seconds: seconds() }));
    }
  }
}

function print(rows: readonly Row[], circumstances: string): void {
  console.log(`${circumstances}; ${connections} connections\n`);
  if (rows.some(({ samples }) => samples.length > 0)) console.log(`${tableOf(rows)}\n`);
  console.log(remarksOn(rows, roundsMin).join("\n"));
}

/** The rows of these names; all if there is none. @throws {UsageError} if there is no such row. */
function rowsOf(names: readonly string[]): readonly Row[] | "help" {
  const rows = emptyRows();
  const unknown = names.find((wanted) => wanted !== "--help" && rows.every(({ name }) => name !== wanted));
  if (unknown === undefined) {
    if (names.includes("--help")) return "help";
    return rows.filter(({ name }) => names.length === 0 || names.includes(name));
  }
  throw new UsageError(`There is no row "${unknown}": there are ${listed(rows)}`);
}

function listed(rows: readonly Row[]): string {
  return rows.map(({ name }) => `"${name}"`).join(", ");
}

await runProgram({
  usage: `Usage: deno task bench:http [ROWS]\n\nRows: ${listed(emptyRows())}`,
  parse: rowsOf,
  run: async (rows, interrupt, progress) => {
    await bench(rows, interrupt, progress);
    return {};
  },
});
