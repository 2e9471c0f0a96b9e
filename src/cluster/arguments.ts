/**
 * The command line of `deno task servers`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { printable } from "../database/quoted.ts";
import { publicUrlOf, whyNotPublicUrl } from "../http/public_url.ts";
import { replicasMax, suspectAfterMs } from "../limits.ts";
import { slotsMax } from "../uid.ts";

/** The port of replica 0, unless another is asked for. */
const defaultBasePort = 8892;

/** What the gateway is bound to, unless another is asked for: nobody else can reach it. */
const defaultHttpHost = "127.0.0.1";

/** The highest port that there is. */
export const portMax = 65535;

/** Seconds of `--suspect-after`: under the least a busy replica may look like one that hangs. */
const suspectAfterSecondsMin = 0.1;
const suspectAfterSecondsMax = 3600;

/** What `--help` prints. */
export const serversUsage = `Usage: deno task servers T [options]

Starts T replicas (1 to ${replicasMax}) of the database on this machine. T - 1 of them may fail.

  --base-port PORT         replica i listens at 127.0.0.1, port PORT + i (${defaultBasePort}); 0: at free ports
  --data DIR               keep all data in DIR, and start from what is there; without it they are in memory
  --force-from ID          with --data: start from that replica alone, and give up what only others may have
  --restore FILE           with --data: start from a backup, in an empty DIR
  --log-dir DIR            replica i writes what it executes to DIR/replica-i.log
  --suspect-after SECONDS  a replica that gives no answer for so long is killed (${suspectAfterMs / 1000})
  --http PORT              starts the gateway: a page, and JSON over HTTP, at 127.0.0.1; 0: at a free port
  --http-host HOST         the address that the gateway is bound to, if others are to reach it too
  --public-url URL         where others reach the gateway, if a proxy is in front of it: what the feed it publishes says
  --detach                 go on when the program that started this one ends
  --help                   this text

While it runs, type the id of a replica to crash it, or restart ID, add, status, help, quit.`;

/** A command line that cannot be understood; the message is one sentence for who typed it. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What `deno task servers` was asked to run. */
export interface ServersOptions {
  /** How many replicas: 1 to `replicasMax`. */
  readonly replicas: number;
  /** The port of replica 0; 0: each replica takes a free one. */
  readonly basePort: number;
  /** Whether that was asked for. */
  readonly isBasePortGiven: boolean;
  /** The directory for the data; undefined: they are in memory. */
  readonly dataDir: string | undefined;
  /** The slot of the replica to start from alone, whatever others may have; undefined: from all that are needed. */
  readonly forceFrom: number | undefined;
  /** The backup to start from, undefined: none. */
  readonly restore: string | undefined;
  /** The directory for logs; undefined: none are written. */
  readonly logDir: string | undefined;
  /** Milliseconds of silence after which a replica is killed. */
  readonly suspectAfterMs: number;
  /** Where the gateway is; undefined: there is none. */
  readonly http: GatewayAddress | undefined;
  /** Whether it goes on when the program that started it has ended. */
  readonly detach: boolean;
}

/** Where a gateway listens. */
export interface GatewayAddress {
  /** An address of this machine. */
  readonly hostname: string;
  /** The port; 0: any that is free. */
  readonly port: number;
  /** Where others reach it, with `/` at its end; undefined: at what they ask for. */
  readonly publicUrl: string | undefined;
}

/**
 * Reads the command line.
 *
 * @returns what to run, or "help".
 * @throws {UsageError} if it is wrong.
 */
export function parseServersArguments(args: readonly string[]): ServersOptions | "help" {
  const unknown: string[] = [];
  const parsed = parseArgs([...args], {
    boolean: ["detach", "help"],
    string: [
      "base-port",
      "data",
      "force-from",
      "http",
      "http-host",
      "log-dir",
      "public-url",
      "restore",
      "suspect-after",
      "_",
    ],
    alias: { help: "h" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      unknown.push(arg);
      return false;
    },
  });
  if (parsed.help) return "help";
  if (unknown.length > 0) throw new UsageError(`Unknown option "${unknown[0]}"`);
  const [count, extra] = parsed._.map(String);
  if (count === undefined) throw new UsageError(`How many replicas? Give a number from 1 to ${replicasMax}`);
  if (extra !== undefined) throw new UsageError(`Unexpected argument "${extra}": one number of replicas is enough`);
  const replicas = readReplicas(count);
  const dataDir = readName(parsed.data, "--data needs the name of a directory");
  const forceFrom = readForceFrom(parsed["force-from"], dataDir);
  return {
    replicas,
    basePort: readBasePort(parsed["base-port"], replicas),
    isBasePortGiven: parsed["base-port"] !== undefined,
    dataDir,
    forceFrom,
    restore: readRestore(parsed.restore, dataDir, forceFrom),
    logDir: readName(parsed["log-dir"], "--log-dir needs the name of a directory"),
    suspectAfterMs: readSuspectAfter(parsed["suspect-after"]),
    http: readHttp(parsed.http, parsed["http-host"], parsed["public-url"]),
    detach: parsed.detach,
  };
}

function readHttp(
  port: string | undefined,
  hostname: string | undefined,
  publicUrl: string | undefined,
): GatewayAddress | undefined {
  if (port === undefined) {
    if (hostname !== undefined) throw new UsageError("--http-host needs --http PORT: the port of the gateway");
    if (publicUrl !== undefined) throw new UsageError("--public-url needs --http PORT: the port of the gateway");
    return undefined;
  }
  const number = /^\d{1,9}$/.test(port) ? Number(port) : NaN;
  if (!(number <= portMax)) throw new UsageError(`--http is "${port}": it must be an integer from 0 to ${portMax}`);
  const host = hostname ?? defaultHttpHost;
  if (!/^[\w.:-]+$/.test(host)) {
    throw new UsageError(`--http-host is "${host}": it must be an address of this machine, such as ${defaultHttpHost}`);
  }
  return { hostname: host, port: number, publicUrl: readPublicUrl(publicUrl) };
}

function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const why = whyNotPublicUrl(text);
  if (why === undefined) return publicUrlOf(text);
  throw new UsageError(`--public-url is "${printable(text)}": ${why}`);
}

function readReplicas(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= replicasMax) return count;
  throw new UsageError(`The number of replicas is "${text}": it must be an integer from 1 to ${replicasMax}`);
}

function readBasePort(text: string | undefined, replicas: number): number {
  if (text === undefined) return defaultBasePort;
  const port = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(port <= portMax)) throw new UsageError(`--base-port is "${text}": it must be an integer from 0 to ${portMax}`);
  const last = port + replicas - 1;
  if (port > 0 && last > portMax) {
    throw new UsageError(
      `--base-port is "${text}": with ${replicas} replicas the last port would be ${last}, past ${portMax}`,
    );
  }
  return port;
}

function readName(text: string | undefined, refusal: string): string | undefined {
  if (text === "") throw new UsageError(refusal);
  return text;
}

function readForceFrom(text: string | undefined, dataDir: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const slot = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(slot < slotsMax)) {
    throw new UsageError(
      `--force-from is "${text}": it must be the id of a replica, an integer from 0 to ${slotsMax - 1}`,
    );
  }
  if (dataDir === undefined) {
    throw new UsageError(`--force-from ${slot} needs --data DIR: in memory there is nothing to start from`);
  }
  return slot;
}

function readRestore(
  text: string | undefined,
  dataDir: string | undefined,
  forceFrom: number | undefined,
): string | undefined {
  const file = readName(text, "--restore needs the name of a backup file");
  if (file === undefined) return undefined;
  if (dataDir === undefined) throw new UsageError("--restore needs --data DIR, an empty directory for the data");
  if (forceFrom !== undefined) {
    throw new UsageError("--restore and --force-from exclude each other: choose what to start from");
  }
  return file;
}

function readSuspectAfter(text: string | undefined): number {
  if (text === undefined) return suspectAfterMs;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (seconds >= suspectAfterSecondsMin && seconds <= suspectAfterSecondsMax) return seconds * 1000;
  throw new UsageError(
    `--suspect-after is "${text}": it must be a number of seconds from ${suspectAfterSecondsMin} to ${suspectAfterSecondsMax}`,
  );
}
