/**
 * The entry of the process that loads an HTTP server: it reads a {@link LoadJob} in a line, and prints a
 * {@link LoadResult}.
 *
 * The server is what is measured, and shares the processors with this process. So a client here does as little as it
 * can: it writes bytes that were made before, and looks at nothing but the status and the length of a response.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { linesOf } from "../../src/runtime/lines.ts";
import { quantile } from "../statistics.ts";
import { type Asked, type LoadJob, type LoadResult, sitePath } from "./jobs.ts";

/** Different requests of a connection, so that no report says the same as the one before. */
const requestsPerConnection = 64;

/** Bytes of a response with its head, at most. */
const responseBytesMax = 16 * 1024;

const lengthHeader = "\r\ncontent-length: ";
const statusOf: Readonly<Record<Asked, string>> = { report: "HTTP/1.1 201 ", site: "HTTP/1.1 200 " };

function requestOf({ port, token, asked }: LoadJob, value: number): Uint8Array {
  const host = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`;
  if (asked === "site") return Buffer.from(`GET ${sitePath} HTTP/1.1\r\n${host}\r\n`);
  const body = JSON.stringify({ value });
  const headers = `${host}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return Buffer.from(`POST ${sitePath}/reports HTTP/1.1\r\n${headers}\r\n${body}`);
}

/** Asks until the time is up, and adds how long each response took. */
async function ask(connection: Deno.TcpConn, job: LoadJob, until: number, took: number[]): Promise<void> {
  const requests = Array.from({ length: requestsPerConnection }, (_, value) => requestOf(job, value));
  const buffer = Buffer.alloc(responseBytesMax);
  for (let at = 0, begin = performance.now(); at === 0 || begin < until; at++) {
    const request = requests[at % requestsPerConnection];
    if (await connection.write(request) < request.length) throw new Error("A request does not fit into one write");
    let size = 0;
    do {
      const count = await connection.read(size === 0 ? buffer : buffer.subarray(size));
      if (count === null) throw new Error("The server closed a connection");
      size += count;
    } while (!isWhole(buffer.toString("latin1", 0, size), statusOf[job.asked]));
    const end = performance.now();
    took.push(end - begin);
    begin = end;
  }
}

/** @throws {Error} if it has another status. */
function isWhole(text: string, status: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  if (!text.startsWith(status)) throw new Error(`The server responded ${text}`);
  const at = text.indexOf(lengthHeader) + lengthHeader.length;
  return text.length >= end + 4 + parseInt(text.slice(at, at + 8));
}

async function load(job: LoadJob): Promise<LoadResult> {
  const { port, connections, ms } = job;
  const opening = Array.from({ length: connections }, () => Deno.connect({ hostname: "127.0.0.1", port }));
  const open = await Promise.all(opening);
  const took: number[] = [];
  const begin = performance.now();
  await Promise.all(open.map((connection) => ask(connection, job, begin + ms, took)));
  const seconds = (performance.now() - begin) / 1000;
  for (const connection of open) connection.close();
  const sorted = Float64Array.from(took).sort();
  return {
    responses: took.length,
    perSecond: took.length / seconds,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  };
}

for await (const { text } of linesOf(Deno.stdin.readable, 2 ** 16)) {
  console.log(JSON.stringify(await load(JSON.parse(text))));
}
