/**
 * `deno task bench:http`: how many reports a second a gateway takes, as JSON over HTTP, one request each; then the same
 * while 200 watch. Everything runs on this machine: three replicas, the gateway and the clients share its processors.
 *
 * It takes half a minute, and leaves no process behind.
 *
 * @module
 */

import { linesOf } from "../src/runtime/lines.ts";
import { processorSeconds } from "./processes.ts";
import { quantile } from "./statistics.ts";

const connections = 64;
const watchers = 200;

/** Milliseconds of each measurement, and before it. */
const measureMs = 6_000;
const warmUpMs = 2_000;

/** Bytes of an answer and its headers, at most. */
const answerBytesMax = 16 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A cluster with its gateway. */
interface Servers {
  readonly port: number;
  readonly gateway: number;
  readonly replicas: readonly number[];
  stop(): Promise<void>;
}

async function startServers(): Promise<Servers> {
  const main = new URL("../main_servers.ts", import.meta.url).href;
  const permissions = ["--no-prompt", "--allow-run", "--allow-read", "--allow-write"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, main, "3", "--base-port", "0", "--http", "0"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const replicas: number[] = [];
  const lines = linesOf(child.stdout, 2 ** 16);
  for (;;) {
    const { done, value } = await lines.next();
    if (done) throw new Error("The servers ended before their gateway was there");
    const replica = /^ {2}replica \d+ .* process (\d+)$/.exec(value.text);
    if (replica !== null) replicas.push(Number(replica[1]));
    const page = /^The page: http:\/\/127\.0\.0\.1:(\d+)\/\S* \(process (\d+)\)/.exec(value.text);
    if (page === null) continue;
    return {
      port: Number(page[1]),
      gateway: Number(page[2]),
      replicas,
      stop: async () => {
        const input = child.stdin.getWriter();
        await input.write(encoder.encode("quit\n"));
        await input.close();
        while (!(await lines.next()).done);
        await child.status;
      },
    };
  }
}

/** Reports until the time is up, one after the other. @returns the milliseconds of each. */
async function report(port: number, until: number): Promise<number[]> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay();
  const buffer = new Uint8Array(answerBytesMax);
  const took: number[] = [];
  for (let value = 0; performance.now() < until; value++) {
    const body = JSON.stringify({ value });
    const head = `POST /api/sites/Harvard%20University/reports HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
    const request = `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const begin = performance.now();
    await connection.write(encoder.encode(request));
    await readAnswer(connection, buffer);
    took.push(performance.now() - begin);
  }
  return took;
}

async function readAnswer(connection: Deno.TcpConn, buffer: Uint8Array): Promise<void> {
  let size = 0;
  for (;;) {
    const count = await connection.read(buffer.subarray(size));
    if (count === null) throw new Error("The gateway closed a connection");
    size += count;
    const text = decoder.decode(buffer.subarray(0, size));
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    if (!text.startsWith("HTTP/1.1 201 ")) throw new Error(`The gateway answered ${text}`);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
    if (size >= end + 4 + length) return;
  }
}

/** Watches until it is closed. @returns the bytes that came. */
async function watch(connection: Deno.TcpConn, port: number): Promise<number> {
  await connection.write(encoder.encode(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
  const buffer = new Uint8Array(256 * 1024);
  let bytes = 0;
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) return bytes;
    bytes += count;
  }
}

function reportAll(port: number, ms: number): Promise<number[][]> {
  const until = performance.now() + ms;
  return Promise.all(Array.from({ length: connections }, () => report(port, until)));
}

async function measure({ port, gateway, replicas }: Servers, watching: number): Promise<void> {
  const open = Array.from({ length: watching }, () => Deno.connect({ hostname: "127.0.0.1", port }));
  const links = await Promise.all(open);
  const watched = Promise.all(links.map((link) => watch(link, port)));
  await reportAll(port, warmUpMs);
  const before = [await processorSeconds([gateway]), await processorSeconds(replicas)];
  const begin = performance.now();
  const took = (await reportAll(port, measureMs)).flat().sort((a, b) => a - b);
  const seconds = (performance.now() - begin) / 1000;
  const [ofGateway, ofReplicas] = [
    await processorSeconds([gateway]) - before[0],
    await processorSeconds(replicas) - before[1],
  ];
  for (const link of links) link.close();
  const bytes = (await watched).reduce((sum, count) => sum + count, 0);
  const micros = (spent: number) => (spent * 1e6 / took.length).toFixed(0);
  console.log(
    [
      `${connections} connections, ${watching} watchers: ${(took.length / seconds).toFixed(0)} reports/s`,
      `  answer: median ${quantile(took, 0.5).toFixed(1)} ms, p99 ${quantile(took, 0.99).toFixed(1)} ms`,
      `  processor time of a report: gateway ${micros(ofGateway)} us, three replicas ${micros(ofReplicas)} us`,
      ...(watching === 0 ? [] : [`  to watchers: ${(bytes / 1e6).toFixed(0)} MB`]),
    ].join("\n"),
  );
}

if (import.meta.main) {
  const servers = await startServers();
  try {
    await measure(servers, 0);
    await measure(servers, watchers);
  } finally {
    await servers.stop();
  }
}
