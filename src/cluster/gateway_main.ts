/**
 * A gateway as a process of its own, started by the launcher, which it asks to kill and start replicas.
 *
 * It ends when its standard input does: no gateway outlives its launcher.
 *
 * @module
 */

import { cannotListen } from "../front/listening.ts";
import { ignoreTerminal } from "../front/suspending.ts";
import type { LauncherAction, LauncherAnswer } from "../http/gateway_options.ts";
import { GatewayServer } from "../http/serve.ts";
import { linkOf } from "../http/session_link.ts";
import { launcherAnswerMs } from "../limits.ts";
import { type Notice, Session } from "../net/client/session.ts";
import { GatewayLog, gatewayLogName, type LogFile } from "./gateway_log.ts";
import {
  encodeGatewayLine,
  gatewayLineBytesMax,
  type GatewayPlace,
  type GatewaySay,
  parseGatewayTell,
} from "./gateway_lines.ts";
import { linesOf } from "../runtime/lines.ts";
import { within } from "../runtime/within.ts";

const encoder = new TextEncoder();

/** Milliseconds that the last lines of the log may take. */
const flushWithinMs = 100;

/** The launcher, which is asked one thing after the other or several at a time. */
class Launcher {
  readonly #asked = new Map<number, (answer: LauncherAnswer) => void>();
  #next = 1;
  #writing: Promise<unknown> = Promise.resolve();

  /** Tells it something. */
  say(message: GatewaySay): void {
    const bytes = encoder.encode(encodeGatewayLine(message));
    // Nobody is left to be told that nobody listens.
    this.#writing = this.#writing.then(() => writeAll(bytes)).catch(() => {});
  }

  /** Resolves when all was written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Asks it. */
  async ask(action: LauncherAction): Promise<LauncherAnswer> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<LauncherAnswer>();
    this.#asked.set(id, resolve);
    this.say({ say: "ask", id, action });
    const answer = await within(launcherAnswerMs, promise);
    this.#asked.delete(id);
    if (answer === undefined) throw new Error(`the launcher gave no answer within ${launcherAnswerMs} ms`);
    return answer;
  }

  /** It has answered. */
  answered(id: number, answer: LauncherAnswer): void {
    this.#asked.get(id)?.(answer);
  }
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  while (bytes.length > 0) bytes = bytes.subarray(await Deno.stdout.write(bytes));
}

/** Serves, until the input ends. @returns the exit code. */
async function main(): Promise<number> {
  const launcher = new Launcher();
  let starting: Promise<() => Promise<void>> | undefined;
  let hasFailed = false;
  const failed = Promise.withResolvers<void>();
  const input = (async () => {
    for await (const { text } of linesOf(Deno.stdin.readable, gatewayLineBytesMax)) {
      const message = parseGatewayTell(text);
      if (message.tell === "answer") {
        launcher.answered(message.id, message.answer);
        continue;
      }
      starting ??= serve(message.place, launcher);
      starting.catch((error) => {
        launcher.say({ say: "fatal", message: error instanceof Error ? error.message : String(error) });
        hasFailed = true;
        failed.resolve();
      });
    }
  })();
  await Promise.race([input, failed.promise]);
  await launcher.flush();
  if (hasFailed) return 1;
  const stop = await starting;
  await stop?.();
  return 0;
}

/** Serves. @returns what ends it. */
async function serve(place: GatewayPlace, launcher: Launcher): Promise<() => Promise<void>> {
  const { addresses, hostname, port, publicUrl, token, hasLog, logHint: refusalHint } = place;
  const log = (line: string) => console.error(line);
  const kept = hasLog ? new GatewayLog(openLog, log) : undefined;
  const logRefusal = kept === undefined ? undefined : (line: string) => kept.line(line);
  const onNotice = ({ kind, message }: Notice) => {
    // Of the replicas, the launcher has said that itself.
    if (kind !== "failed" && kind !== "joined") log(message);
  };
  const session = await Session.connect(addresses, { onNotice });
  let server: GatewayServer;
  try {
    const link = { token, ask: (action: LauncherAction) => launcher.ask(action) };
    const logs = { log, logRefusal, refusalHint };
    server = new GatewayServer({ cluster: linkOf(session), launcher: link, hostname, port, publicUrl, ...logs });
  } catch (error) {
    await session.close();
    throw new Error(cannotListen(hostname, port, error, { host: "--http-host", port: "--http" }));
  }
  launcher.say({ say: "listening", port: server.port, url: server.url });
  return async () => {
    await server.close();
    await kept?.flush(flushWithinMs);
    await session.close();
  };
}

/** Opens the log, behind what an earlier gateway has written. */
async function openLog(): Promise<LogFile> {
  return await Deno.open(gatewayLogName, { append: true, create: true });
}

// Ctrl-C and Ctrl-Z reach the whole group of a terminal: the launcher decides what ends.
if (import.meta.main) {
  Deno.addSignalListener("SIGINT", () => {});
  ignoreTerminal();
  Deno.exit(await main());
}
