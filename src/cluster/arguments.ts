/**
 * The command line of `deno task servers`.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import { optionRows } from "../front/layout.ts";
import { UsageError } from "../front/usage_error.ts";
import { type DeclaredOption, splitWords } from "../front/words.ts";
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

/** What there is to give. */
const known: readonly DeclaredOption[] = [
  {
    name: "--base-port",
    value: "PORT",
    help: `replica i listens at 127.0.0.1, port PORT + i (${defaultBasePort}); 0: at free ports`,
  },
  {
    name: "--data",
    value: "DIR",
    help: "keep all data in DIR, and start from the data there; otherwise they are in memory",
  },
  {
    name: "--force-from",
    value: "ID",
    help: "with --data: start from that replica alone, and give up what only others may have",
  },
  { name: "--restore", value: "FILE", help: "with --data: start from a backup, in an empty DIR" },
  {
    name: "--log-dir",
    value: "DIR",
    help: "write what replica i executes to DIR/replica-i.log, and what the gateway refuses to DIR/gateway.log",
  },
  {
    name: "--suspect-after",
    value: "SECONDS",
    help: `kill a replica that gives no answer for that long (${suspectAfterMs / 1000})`,
  },
  {
    name: "--http",
    value: "PORT",
    help: `start the gateway: a page, and JSON over HTTP, at ${defaultHttpHost}; 0: at a free port`,
  },
  {
    name: "--http-host",
    value: "HOST",
    help: "address that the gateway listens at, if other machines shall reach it",
  },
  {
    name: "--public-url",
    value: "URL",
    help: "where others reach the gateway through a proxy; the published feed begins with it",
  },
  { name: "--detach", value: undefined, help: "go on when the program that started this one ends" },
];

/** What is asked for instead of a cluster. */
const others: readonly DeclaredOption[] = [
  { name: "--help", value: undefined, help: "print this text" },
  { name: "--version", value: undefined, help: "print the version of Vaxlog" },
];

/** What one may type. */
export const serversExamples: readonly string[] = [
  "3",
  "3 --data vaccines --http 8080",
  "3 --data restored --restore monday.backup",
  "3 --data vaccines --force-from 0",
];

/** What `--help` prints; a paragraph is one line, and is broken where it is printed. */
export const serversUsage = `Usage: deno task servers T [options]

Starts T replicas (1 to ${replicasMax}) of the database on this machine. T - 1 of them may fail.

${optionRows([...known, ...others])}
While it runs, type the id of a replica to crash it, or restart ID, add, status, help, quit.

Examples:
${serversExamples.map((it) => `  deno task servers ${it}\n`).join("").trimEnd()}`;

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
 * @returns what to run, or what else was asked for.
 * @throws {UsageError} if it is wrong.
 */
export function parseServersArguments(args: readonly string[]): ServersOptions | "help" | "version" {
  if (args.includes("--version")) return "version";
  if (args.includes("--help") || args.includes("-h")) return "help";
  const { operands, options } = splitWords(args, known);
  const [count, extra] = operands;
  if (count === undefined) throw new UsageError(`How many replicas? Give a number from 1 to ${replicasMax}`);
  if (extra !== undefined) {
    throw new UsageError(`Unexpected argument "${printable(extra)}": one number of replicas is enough`);
  }
  const replicas = readReplicas(count);
  const dataDir = readName(options.get("--data"), "--data needs the name of a directory");
  const forceFrom = readForceFrom(options.get("--force-from"), dataDir);
  return {
    replicas,
    basePort: readBasePort(options.get("--base-port"), replicas),
    isBasePortGiven: options.has("--base-port"),
    dataDir,
    forceFrom,
    restore: readRestore(options.get("--restore"), dataDir, forceFrom),
    logDir: readName(options.get("--log-dir"), "--log-dir needs the name of a directory"),
    suspectAfterMs: readSuspectAfter(options.get("--suspect-after")),
    http: readHttp(options.get("--http"), options.get("--http-host"), options.get("--public-url")),
    detach: options.has("--detach"),
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
