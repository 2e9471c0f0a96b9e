/**
 * A gateway as a process of its own, started by the launcher, which it asks to kill and start replicas.
 *
 * @module
 */

import { AccessTable } from "../access/access_table.ts";
import { type PlainEntry, readEntries } from "../access/auth_entries.ts";
import { Token } from "../access/token.ts";
import { cannotListen } from "../front/listening.ts";
import { Access } from "../http/access.ts";
import type { LauncherAction, LauncherAnswer, RefusalLevel } from "../http/gateway_options.ts";
import { GatewayServer } from "../http/serve.ts";
import type { TlsPair } from "../http/tls.ts";
import { linkOf } from "../http/session_link.ts";
import { openConnection } from "../net/client/connection.ts";
import type { Notice } from "../net/client/session.ts";
import { GatewayLog, gatewayLogName } from "./gateway_log.ts";
import { type GatewayPlace, type GatewaySay, parseGatewayTell } from "./gateway_messages.ts";
import { oneToken } from "../secrets/token_source.ts";
import { fail, runChild, say as sayAny, told } from "../runtime/parent.ts";
import { within } from "../runtime/within.ts";
import { ownFileMode } from "../storage/own_modes.ts";

/** Milliseconds within which the launcher must reply to its gateway: longer than a crash takes to be certain. */
const launcherAnswerMs = 10_000;

/** Milliseconds that the last lines of the log may take. */
const flushWithinMs = 100;

/** Queues a message for the launcher. */
const say: (message: GatewaySay) => Promise<void> = sayAny;

/** What the launcher was asked, one thing after the other or several at a time, and has not answered. */
const asked = new Map<number, (answer: LauncherAnswer) => void>();
let nextQuestion = 1;

async function ask(action: LauncherAction): Promise<LauncherAnswer> {
  const id = nextQuestion++;
  const { promise, resolve } = Promise.withResolvers<LauncherAnswer>();
  asked.set(id, resolve);
  say({ say: "ask", id, action });
  const answer = await within(launcherAnswerMs, promise);
  asked.delete(id);
  if (answer === undefined) throw new Error(`the launcher gave no answer within ${launcherAnswerMs} ms`);
  return answer;
}

/** Serves, until the input ends. */
async function main(): Promise<void> {
  let starting: Promise<Serving> | undefined;
  /** What it serves TLS with is replaced by one pair after the other. */
  let renewed: Promise<void> = Promise.resolve();
  for await (const message of told(parseGatewayTell)) {
    if (message.tell === "answer") asked.get(message.id)?.(message.answer);
    else if (message.tell === "serve") starting = serve(message.place).catch(fail);
    else if (message.tell === "renew") {
      renewed = renewed.then(async () => (await starting)?.renew(message.tls)).catch(fail);
    } else renewed = renewed.then(async () => (await starting)?.take(message.access)).catch(fail);
  }
  await (await starting)?.end();
}

/** A gateway that serves. */
interface Serving {
  /** Serves TLS with another pair. */
  renew(tls: TlsPair): Promise<void>;
  /** Other tokens count from now on. */
  take(access: readonly PlainEntry[]): void;
  /** Ends it. */
  end(): Promise<void>;
}

/** Serves. */
async function serve(
  { addresses, authorities, token, sessionToken, access: entries, publicRead, logDir, logFormat, ...place }:
    GatewayPlace,
): Promise<Serving> {
  const log = (line: string) => console.error(line);
  // It works there, and continues after what an earlier gateway has written.
  const open = () => Deno.open(gatewayLogName, { append: true, create: true, mode: ownFileMode });
  const kept = logDir === undefined ? undefined : new GatewayLog(open, log, logFormat);
  const logRefusal = kept && ((line: string, level: RefusalLevel) => kept.line(line, level));
  const refusalHint = logDir === undefined
    ? "start with --log-dir DIR to have a line for each"
    : `each is in ${logDir}/${gatewayLogName}`;
  const onNotice = ({ kind, message }: Notice) => {
    // The launcher has said itself what happens to replicas.
    if (kind !== "failed" && kind !== "joined") log(message);
  };
  const tokenAt = oneToken(Token.parse(sessionToken));
  const reach = { tokenAt, authorities };
  const session = await openConnection(addresses, { ...reach, onNotice });
  const access = new Access({ linkToken: token, anonymous: publicRead ? "read" : undefined });
  const take = (entries: readonly PlainEntry[]) => {
    const table = new AccessTable(readEntries(entries));
    access.take({ holder: (text) => table.holder(text, Date.now()) });
  };
  take(entries);
  let server: GatewayServer;
  try {
    const logs = { log, logRefusal, refusalHint };
    const cluster = linkOf(session, reach, "operate");
    server = new GatewayServer({ cluster, launcher: { ask }, access, ...place, ...logs });
  } catch (error) {
    await session.close();
    throw new Error(cannotListen(place.hostname, place.port, error));
  }
  say({ say: "listening", port: server.port, url: server.url });
  return {
    renew: (tls) => server.renew(tls),
    take,
    end: async () => {
      await server.close();
      await kept?.flush(flushWithinMs);
      await session.close();
    },
  };
}

await runChild(main);
