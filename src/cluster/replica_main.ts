/**
 * The entry of a replica's subprocess: `replica_main.ts --port=N [--log-dir=DIR]`, started by the launcher.
 *
 * It is told over its standard input who it is (see `control.ts`) and exits when that ends, so that no replica outlives
 * its launcher. It ignores SIGINT and SIGHUP, which Ctrl-C and a closed terminal send to the
 * whole group: the launcher decides.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { describeCommand } from "../database/commands.ts";
import { describeOutput } from "../database/outputs.ts";
import { Sites } from "../database/sites.ts";
import { ReplicaServer } from "../net/replica_server.ts";
import { slotOf } from "../uid.ts";
import { controlLineBytesMax, encodeControl, parseTell, type Say, type Tell } from "./control.ts";
import { LineSplitter } from "./lines.ts";
import { ReplicaLog } from "./replica_log.ts";

const host = "127.0.0.1";

const encoder = new TextEncoder();
let saying = Promise.resolve();

/** Queues a message for the launcher; nobody waits for it. */
function say(message: Say): Promise<void> {
  const bytes = encoder.encode(encodeControl(message));
  return saying = saying.then(async () => {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  }).catch(() => Deno.exit(1));
}

/** Says why this replica cannot go on, and ends it. */
async function fail(message: string): Promise<never> {
  await say({ say: "fatal", message });
  Deno.exit(1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Listens at a port; a port that somebody else has is the commonest reason for a cluster not to start. */
function listen(port: number): Deno.TcpListener | Promise<never> {
  try {
    return Deno.listen({ hostname: host, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      return fail(`port ${port} is in use, stop what uses it`);
    }
    return fail(`port ${port} cannot be used (${messageOf(error)}), allow it`);
  }
}

/** A replica that was told who it is. */
function form(
  tell: Extract<Tell, { tell: "form" }>,
  listener: Deno.TcpListener,
  logDir: string | undefined,
): ReplicaServer {
  const log = logDir === undefined
    ? undefined
    : new ReplicaLog(`${logDir}/replica-${slotOf(tell.id)}.log`, { command: describeCommand, output: describeOutput });
  const server = new ReplicaServer({
    id: tell.id,
    cluster: tell.cluster,
    key: tell.key,
    members: tell.members,
    joining: tell.joining,
    machine: new Sites(),
    listener,
    onExecuted: log && ((records) => log.append(records)),
    onRestored: log && (() => log.clear()),
    onSuspect: (id) => say({ say: "suspect", id, why: "link broken" }),
    onInstalled: (v, members) => say({ say: "installed", v, members: members.map(({ id }) => id) }),
    onHalt: (reason) => fail(reason),
  });
  server.meshed.then(() => say({ say: "ready" }));
  return server;
}

async function main(): Promise<void> {
  const args = parseArgs(Deno.args, { string: ["port", "log-dir"] });
  const listener = await listen(Number(args.port));
  say({ say: "listening", port: listener.addr.port });

  let server: ReplicaServer | undefined;
  const splitter = new LineSplitter(controlLineBytesMax);
  for await (const bytes of Deno.stdin.readable) {
    for (const { text } of splitter.push(bytes)) {
      const tell = parseTell(text);
      switch (tell.tell) {
        case "form":
          server = form(tell, listener, args["log-dir"]);
          break;
        case "ping":
          say({ say: "pong", n: tell.n });
          break;
        case "status":
          if (server !== undefined) say({ say: "status", n: tell.n, ...server.status() });
          break;
        case "failed":
          server?.declareDead(tell.id);
          break;
      }
    }
  }
}

for (const signal of ["SIGINT", "SIGHUP"] as const) Deno.addSignalListener(signal, () => {});
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  fail(messageOf(event.error));
});
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(messageOf(event.reason));
});
await main().catch((error) => fail(messageOf(error)));
Deno.exit(0);
