/**
 * The entry of the process whose connections watch: it reads a {@link WatchJob} in a line, connects that many or closes
 * those that are too many, and prints a {@link WatchResult}.
 *
 * @module
 */

import { linesOf } from "../../src/runtime/lines.ts";
import type { WatchJob } from "./jobs.ts";

const buffer = new Uint8Array(256 * 1024);
const open: Deno.TcpConn[] = [];
let bytes = 0;

/** Begins to watch; resolves when the gateway has responded. */
async function watch(port: number, token: string): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  open.push(connection);
  const head = `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
  const request = `${head}Authorization: Bearer ${token}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  await connection.read(buffer);
  read(connection);
}

/** Reads until this process or the gateway closes the connection. Nobody looks at what comes. */
async function read(connection: Deno.TcpConn): Promise<void> {
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) return;
    bytes += count;
  }
}

for await (const { text } of linesOf(Deno.stdin.readable, 2 ** 16)) {
  const { port, token, watchers }: WatchJob = JSON.parse(text);
  while (open.length > watchers) open.pop()!.close();
  while (open.length < watchers) await watch(port, token);
  console.log(JSON.stringify({ bytes }));
}
Deno.exit(0);
