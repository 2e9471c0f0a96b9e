/**
 * The command line of `deno task servers`.
 *
 * @module
 */

import type { Until } from "../database/store/rewinding.ts";
import { ValueError } from "../database/values.ts";
import { parseTime } from "../formats/times.ts";
import { printable } from "../quoted.ts";
import { parseCommandLine } from "../front/command_line.ts";
import { checkProtection, loopback, portMax, readHost, readInteger, readPort } from "../front/listening.ts";
import { formatSize, sizeBytes } from "../front/sizes.ts";
import { formatSpan, longestAgeMs, spanMs } from "../front/spans.ts";
import { defineCommand, explain, flag, type Option, option } from "../front/typed_command.ts";
import { UsageError, wrongValue } from "../front/usage_error.ts";
import { publicUrlOf, whyNotPublicUrl } from "../http/public_url.ts";
import {
  historyMemoryBytes,
  historyMemoryBytesMax,
  historyMemoryBytesMin,
  staleAfterMs,
  suspectAfterMs,
} from "../limits.ts";
import { slotsMax } from "../uid.ts";
import { type Level, levels, type LineFormat, lineFormats } from "./announcer.ts";
import { type LauncherOptions, replicasMax } from "./launcher_events.ts";
import { whatToType } from "./typed_triggers.ts";

/** The port of replica 0, unless another is asked for. */
const defaultBasePort = 8892;

/** Seconds of `--suspect-after`: with fewer, a busy replica may look like one that hangs. */
const suspectAfterSecondsMin = 0.1;
const suspectAfterSecondsMax = 3600;

/** The cluster that `deno task servers` was asked to run. */
export interface ServersOptions extends LauncherOptions {
  /** Where the gateway is; undefined: there is none. */
  readonly http: GatewayAddress | undefined;
  /** How the launcher and the replicas write what happens, and what matters too little for that. */
  readonly logFormat: LineFormat;
  readonly logLevel: Level;
  /** Whether it continues when the program that started it has ended. */
  readonly detach: boolean;
}

/** Where a gateway listens. */
export interface GatewayAddress {
  /** An address of this machine. */
  readonly hostname: string;
  /** The port; 0: any that is free. */
  readonly port: number;
  /** Where others reach it, with `/` at its end; absent: at what they ask for. */
  readonly publicUrl?: string;
  /** Whether pages of other origins may read the published feed; absent: they may not. */
  readonly cors?: boolean;
  /** The age, in milliseconds, from which on the feed says nothing of what a site shows; absent: a day. */
  readonly staleAfterMs?: number;
  /** Whether anyone may read without a token; absent: nobody may. */
  readonly publicRead?: boolean;
  /** The directory with its certificate and key; absent: it speaks HTTP without TLS. */
  readonly tlsDir?: string;
  /** Whether other machines may reach it without TLS; absent: they may not. */
  readonly insecure?: boolean;
}

/** The command line. */
const serversCommand = defineCommand({
  name: "",
  summary: `start T replicas (1 to ${replicasMax}) of the database on this machine; T - 1 of them may fail`,
  details: [`While it runs, ${whatToType}.`],
  examples: [
    "3",
    "3 --data vaccines --http 8080",
    "3 --data restored --restore monday.backup",
    "3 --restore monday.backup --until 2026-11-24T10:00Z",
    "3 --data vaccines --force-from 0",
  ],
  operands: [{
    name: "T",
    help: `number of replicas, 1 to ${replicasMax}`,
    read: (typed, now) => readInteger(1, replicasMax)(typed, now, "The number of replicas"),
  }],
  options: {
    basePort: option(
      "PORT",
      `first port: replica i listens at ${loopback}, port PORT + i (${defaultBasePort}); 0: free ports`,
      readPort,
    ),
    data: option(
      "DIR",
      "keep all data in DIR, and start from the data there; by default, keep them in memory",
      readName("a directory"),
    ),
    forceFrom: option(
      "ID",
      "with --data: start from that replica alone, and give up what only others may have",
      readInteger(0, slotsMax - 1, "the id of a replica, "),
    ),
    restore: option(
      "FILE",
      "start from a backup, or from the newest in a directory of them; with --data, in an empty DIR",
      readName("a backup file"),
    ),
    until: option(
      "WHEN",
      "with --restore: end with that entry (its number), or before the first entry recorded after a time",
      readUntil,
    ),
    historyMemory: option(
      "SIZE",
      `without --data: memory for the history, such as 512MiB or 2GiB (${formatSize(historyMemoryBytes)})`,
      readHistoryMemory,
    ),
    logDir: option(
      "DIR",
      "write what replica i executes to DIR/replica-i.log, and what the gateway refuses to DIR/gateway.log",
      readName("a directory"),
    ),
    logFormat: option(
      "FORMAT",
      "write what happens, and the logs, as text, or as json: one object a line (text)",
      readWord(lineFormats),
    ),
    logLevel: option("LEVEL", "leave out what matters less: debug, info, warn or error (info)", readWord(levels)),
    suspectAfter: option(
      "SECONDS",
      `kill a replica that gives no answer for that long (${suspectAfterMs / 1000})`,
      readSuspectAfter,
    ),
    http: option("PORT", `start the gateway: a page, and JSON over HTTP, at ${loopback}; 0: any free port`, readPort),
    httpHost: option("HOST", "let the gateway listen at this address, so that other machines can reach it", readHost),
    tlsDir: option(
      "DIR",
      "serve HTTPS with node.crt and node.key in DIR; deno task servers cert makes them for a trial",
      readName("a directory"),
    ),
    insecure: flag("let other machines reach the gateway without TLS, so that anyone between can read tokens"),
    publicRead: flag("let anyone read without a token; changes need one all the same"),
    publicUrl: option(
      "URL",
      "URL of the gateway behind a proxy; the published feed begins with it",
      readPublicUrl,
    ),
    cors: flag("let pages of other origins read the published feed"),
    staleAfter: option(
      "AGE",
      `in the feed, say nothing of sites that were observed longer ago than this (${formatSpan(staleAfterMs)})`,
      readAge,
    ),
    detach: flag("continue when the program that started this one ends"),
  },
  make: ({ operands: [replicas], options }): ServersOptions => {
    const { basePort = defaultBasePort, data, forceFrom, restore, until, http, httpHost, publicUrl } = options;
    const { cors, staleAfter, tlsDir, insecure, publicRead } = options;
    const last = basePort + replicas - 1;
    if (basePort > 0 && last > portMax) {
      const why = `with ${replicas} replicas the last port would be ${last}, past ${portMax}`;
      throw wrongValue("--base-port", `${basePort}`, why);
    }
    const needs = [
      [forceFrom, data, `--force-from ${forceFrom}`, "--data DIR: in memory there is nothing to start from"],
      [until, restore, "--until", "--restore FILE: the backup to start from"],
      [httpHost, http, "--http-host", "--http PORT: the port of the gateway"],
      [publicUrl, http, "--public-url", "--http PORT: the port of the gateway"],
      [cors, http, "--cors", "--http PORT: the port of the gateway"],
      [staleAfter, http, "--stale-after", "--http PORT: the port of the gateway"],
      [tlsDir, http, "--tls-dir", "--http PORT: the port of the gateway"],
      [publicRead, http, "--public-read", "--http PORT: the port of the gateway"],
      [insecure, http, "--insecure", "--http PORT: the port of the gateway"],
    ] as const;
    for (const [given, needed, option, what] of needs) {
      if (given !== undefined && needed === undefined) throw new UsageError(`${option} needs ${what}`);
    }
    if (restore !== undefined && forceFrom !== undefined) {
      throw new UsageError("--restore and --force-from exclude each other: choose what to start from");
    }
    if (options.historyMemory !== undefined && data !== undefined) {
      throw new UsageError("--history-memory goes without --data: with --data, the disk bounds the history");
    }
    const hostname = httpHost ?? loopback;
    if (http !== undefined) checkProtection(hostname, { tlsDir, insecure });
    return {
      replicas,
      basePort,
      historyMemory: options.historyMemory,
      isBasePortGiven: options.basePort !== undefined,
      dataDir: data,
      forceFrom,
      restore,
      until,
      logDir: options.logDir,
      logFormat: options.logFormat ?? "text",
      logLevel: options.logLevel ?? "info",
      suspectAfterMs: options.suspectAfter ?? suspectAfterMs,
      http: http === undefined
        ? undefined
        : { hostname, port: http, publicUrl, cors, staleAfterMs: staleAfter, publicRead, tlsDir, insecure },
      detach: options.detach ?? false,
    };
  },
});

/** What you may type. */
export const serversExamples: readonly string[] = serversCommand.examples;

/** The text of `--help`; a paragraph is one line, and is broken where it is printed. */
export const serversUsage = explain(serversCommand, "Usage: deno task servers", "deno task servers").trimEnd();

/**
 * Reads the command line.
 *
 * @returns what to run, or what else was asked for.
 * @throws {UsageError} if it is wrong.
 */
export function parseServersArguments(args: readonly string[]): ServersOptions | "help" | "version" {
  if (args.includes("--version")) return "version";
  if (args.includes("--help") || args.includes("-h")) return "help";
  const line = parseCommandLine(args, serversCommand.options);
  const [count, extra] = line.operands;
  if (count === undefined) throw new UsageError(`How many replicas? Give a number from 1 to ${replicasMax}`);
  if (extra !== undefined) {
    throw new UsageError(`Unexpected argument "${printable(extra)}": one number of replicas is enough`);
  }
  return serversCommand.read(line);
}

/** Makes what reads the name of a file or a directory: `what` it is. */
function readName(what: string): Option<string>["read"] {
  return (typed, _now, option) => {
    if (typed !== "") return typed;
    throw new UsageError(`${option} needs the name of ${what}`);
  };
}

/** Makes what reads one of some words. */
function readWord<W extends string>(words: readonly W[]): Option<W>["read"] {
  return (typed, _now, option) => {
    const word = words.find((word) => word === typed);
    if (word !== undefined) return word;
    throw wrongValue(option, typed, `it must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
  };
}

/** A whole number is an entry; everything else is a time. */
function readUntil(typed: string, now: number, name: string): Until {
  if (/^[0-9]+$/.test(typed)) {
    return { kind: "index", index: readInteger(1, Number.MAX_SAFE_INTEGER)(typed, now, name) };
  }
  try {
    return { kind: "time", time: parseTime(typed, now) };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw wrongValue(name, typed, "it must be the number of an entry, or a time such as 2026-11-24T10:00Z or 2h");
  }
}

function readHistoryMemory(typed: string, _now: number, name: string): number {
  const bytes = sizeBytes(typed);
  if (bytes >= historyMemoryBytesMin && bytes <= historyMemoryBytesMax) return bytes;
  const [least, most] = [historyMemoryBytesMin, historyMemoryBytesMax].map(formatSize);
  throw wrongValue(name, typed, `it must be a size such as 512MiB or 2GiB, from ${least} to ${most}`);
}

function readPublicUrl(typed: string, _now: number, name: string): string {
  const why = whyNotPublicUrl(typed);
  if (why === undefined) return publicUrlOf(typed);
  throw wrongValue(name, typed, why);
}

function readAge(typed: string, _now: number, name: string): number {
  const ms = spanMs(typed);
  if (ms >= 1_000 && ms <= longestAgeMs) return ms;
  throw wrongValue(name, typed, "it must be a span of time such as 90m, 24h or 7d, up to 3653d");
}

function readSuspectAfter(typed: string, _now: number, name: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(typed) ? Number(typed) : NaN;
  if (seconds >= suspectAfterSecondsMin && seconds <= suspectAfterSecondsMax) return seconds * 1000;
  const range = `from ${suspectAfterSecondsMin} to ${suspectAfterSecondsMax}`;
  throw wrongValue(name, typed, `it must be a number of seconds ${range}`);
}
