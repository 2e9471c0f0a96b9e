/**
 * `deno task bench:scale`: measures what the model of `deno task sim:scale` takes from no other page, and the closed
 * loops that it is compared with. It takes half a minute, and prints the figures with the load of the machine.
 *
 * Exit codes: 0 done, 1 something failed.
 *
 * @module
 */

import { loadavg } from "node:os";
import process from "node:process";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { EtcdEngine } from "../../src/engine/etcd/etcd_engine.ts";
import { EngineNode } from "../../src/engine/node.ts";
import { EtcdCluster } from "../../tests/engine/etcd/cluster.ts";
import { whyNoEtcd } from "../../tests/engine/etcd/etcd_program.ts";
import { BareEtcd } from "../engine/bare.ts";
import { reports } from "../engine/rows.ts";
import { quantile } from "../statistics.ts";
import { renderText } from "../table.ts";
import { comparedSessions } from "./constants.ts";

/** Milliseconds of each loop, and of the one before it that nobody measures. */
const [loopMs, warmMs] = [1_500, 500];

interface Loop {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds of processor time of this process for one call. */
  readonly processorUs: number;
}

/** Calls of `under` callers, each one after the other. */
async function loop(under: number, act: (caller: number) => Promise<unknown>): Promise<Loop> {
  const run = async (ms: number, found: number[]) => {
    const endMs = performance.now() + ms;
    await Promise.all(Array.from({ length: under }, async (_, caller) => {
      while (performance.now() < endMs) {
        const fromMs = performance.now();
        await act(caller);
        found.push(performance.now() - fromMs);
      }
    }));
  };
  await run(warmMs, []);
  const [found, fromMs, used]: [number[], number, ReturnType<typeof process.cpuUsage>] = [
    [],
    performance.now(),
    process.cpuUsage(),
  ];
  await run(loopMs, found);
  const { user, system } = process.cpuUsage(used);
  const [sorted, seconds] = [Float64Array.from(found).sort(), (performance.now() - fromMs) / 1_000];
  return {
    perSecond: found.length / seconds,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    processorUs: (user + system) / found.length,
  };
}

function row(name: string, { perSecond, p50Ms, p99Ms, processorUs }: Loop): string[] {
  return [name, Math.round(perSecond).toLocaleString("en"), p50Ms.toFixed(2), p99Ms.toFixed(2), processorUs.toFixed(0)];
}

/** A session that submits one command after the other, each in a request of its own. */
function sessionOf(node: EngineNode): () => Promise<void> {
  const client = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const commands = reports(1, 1);
  let seq = 0;
  return async () => {
    const done = seq++;
    const request = { client, born: node.core.place.n, seq, done, end: false, commands };
    const outcome = await node.submit(request, 60_000);
    if (outcome.kind !== "output") throw new Error(`A request has the outcome ${JSON.stringify(outcome)}`);
  };
}

async function ofEtcd(): Promise<string[][]> {
  const rows: string[][] = [];
  await using cluster = await EtcdCluster.start();
  const bare = new BareEtcd(cluster.members[0].endpoint);
  for (const [under, bytes] of [[1, 100], [12, 100], [48, 100], [1, 100_000]] as const) {
    const value = new Uint8Array(bytes);
    rows.push(row(`bare appends of ${bytes} bytes, ${under} under way`, await loop(under, () => bare.append(value))));
  }
  const engine = new EtcdEngine({ endpoints: cluster.endpoints, prefix: "/scale", node: "one" });
  const node = new EngineNode(engine, { node: "one", machine: new Sites({ packing: zstdPacking }) });
  node.start();
  try {
    await node.caughtUp;
    for (const under of comparedSessions) {
      const sessions = Array.from({ length: under }, () => sessionOf(node));
      rows.push(row(`a node, ${under} sessions with 1 command under way`, await loop(under, (at) => sessions[at]())));
    }
  } finally {
    await node.close();
  }
  return rows;
}

/** Writes of short chunks to many streams: a caller is a round over all of them. */
async function ofStreams(count: number, bytes: number): Promise<string[]> {
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () =>
    new Response(
      new ReadableStream({
        start(controller) {
          streams.push(controller);
          controller.enqueue(new TextEncoder().encode(":\n\n"));
        },
      }),
    ));
  const program = new URL("../http/watch_main.ts", import.meta.url).pathname;
  const beforeBytes = Deno.memoryUsage().rss;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", program],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const job = JSON.stringify({ port: server.addr.port, token: "none", watchers: count });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${job}\n`));
  const output = child.stdout.getReader();
  await output.read();
  const eachKb = (Deno.memoryUsage().rss - beforeBytes) / count / 1_024;
  const chunk = new Uint8Array(bytes).fill(97);
  const found = await loop(1, async () => {
    for (const stream of streams) stream.enqueue(chunk);
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await writer.close();
  output.releaseLock();
  await child.stdout.cancel();
  await child.status;
  await server.shutdown();
  // Later streams take the memory that earlier ones have left.
  const memory = eachKb < 1 ? "" : `, ${eachKb.toFixed(0)} KiB of memory each`;
  const name = `chunks of ${bytes} bytes to ${count} watchers${memory}`;
  return [name, "", "", "", (found.processorUs / count).toFixed(1)];
}

if (import.meta.main) {
  if (whyNoEtcd !== undefined) {
    console.error(`Cannot measure: it ${whyNoEtcd}`);
    Deno.exit(1);
  }
  try {
    const before = loadavg()[0].toFixed(1);
    const rows = [...await ofEtcd(), await ofStreams(500, 300), await ofStreams(500, 3_000)];
    const head = ["measured", "a second", "p50 ms", "p99 ms", "processor us"];
    console.log(renderText({ head, rows, wordColumns: 1 }));
    console.log(`\nload of the machine: ${before} before, ${loadavg()[0].toFixed(1)} after; 3 members on the loopback`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
