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
import { checkProtection, loopback, portMax, readInteger, readPort } from "../front/listening.ts";
import { readName, readWord } from "../front/readers.ts";
import { formatSize, sizeBytes } from "../front/sizes.ts";
import { defaultBasePort, setting, switchOf } from "../front/settings.ts";
import { defineCommand, type Environment, explain } from "../front/typed_command.ts";
import { UsageError, wrongValue } from "../front/usage_error.ts";
import { gatewayFlags } from "../http/gateway_flags.ts";
import { historyMemoryBytesMax, historyMemoryBytesMin, suspectAfterMs } from "../limits.ts";
import { slotsMax } from "../uid.ts";
import { type Level, levels, type LineFormat, lineFormats } from "../front/announcement.ts";
import { engineFlags, engineOf, type EngineOptions, withoutIdleEtcd } from "./engine/engine_flags.ts";
import { type LauncherOptions, replicasMax } from "./launcher_events.ts";
import { whatToType } from "./typed_triggers.ts";

/** Seconds of `--suspect-after`: with fewer, a busy replica may look like one that hangs. */
const suspectAfterSecondsMin = 0.1;
const suspectAfterSecondsMax = 3600;

/** The cluster that `deno task servers` was asked to run. */
export interface ServersOptions extends LauncherOptions {
  /** What nodes are started with; undefined: replicas are started. */
  readonly engine: EngineOptions | undefined;
  /** Where the gateway is; undefined: there is none. */
  readonly http: GatewayAddress | undefined;
  /** How the launcher and the replicas write what happens, and what matters too little for that. */
  readonly logFormat: LineFormat;
  readonly logLevel: Level;
  /** Whether it continues when the program that started it has ended. */
  readonly detach: boolean;
  /** The variables of the environment that it follows. */
  readonly variables: readonly string[];
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
export const serversCommand = defineCommand({
  name: "",
  summary: `start T replicas (1 to ${replicasMax}) of the database on this machine; T - 1 of them may fail`,
  details: [
    `While it runs, ${whatToType}.`,
    "With --engine, it starts T nodes instead, which use the order that etcd keeps: see docs/operations/nodes.md.",
  ],
  examples: [
    "3",
    "3 --data vaccines --http 8080",
    "3 --data restored --restore monday.backup",
    "3 --restore monday.backup --until 2026-11-24T10:00Z",
    "3 --data vaccines --force-from 0",
    "3 --engine etcd",
    "1 --engine etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379/vaccines",
  ],
  operands: [{
    name: "T",
    help: `number of replicas, 1 to ${replicasMax}`,
    read: (typed, now) => readInteger(1, replicasMax)(typed, now, "The number of replicas"),
  }],
  options: {
    basePort: setting("basePort", readPort),
    data: setting("data", readName("a directory")),
    forceFrom: setting("forceFrom", readInteger(0, slotsMax - 1, "the id of a replica, ")),
    restore: setting("restore", readName("a backup file")),
    until: setting("until", readUntil),
    historyMemory: setting("historyMemory", readHistoryMemory),
    logDir: setting("logDir", readName("a directory")),
    logFormat: setting("logFormat", readWord(lineFormats)),
    logLevel: setting("logLevel", readWord(levels)),
    suspectAfter: setting("suspectAfter", readSuspectAfter),
    ...engineFlags,
    ...gatewayFlags,
    detach: switchOf("detach"),
  },
  make: ({ operands: [replicas], options, label, variables }): ServersOptions => {
    const { basePort = defaultBasePort, data, forceFrom, restore, until, http, httpHost, publicUrl } = options;
    const { cors, staleAfter, tlsDir, insecure, publicRead } = options;
    const last = basePort + replicas - 1;
    if (basePort > 0 && last > portMax) {
      const what = options.engine === undefined ? "replicas" : "nodes";
      const why = `with ${replicas} ${what} the last port would be ${last}, past ${portMax}`;
      throw wrongValue(label("basePort"), `${basePort}`, why);
    }
    const engine = engineOf(withoutIdleEtcd(options, label("etcd")), options, basePort, label);
    const ofGateway = Object.keys(gatewayFlags) as (keyof typeof gatewayFlags)[];
    const needs: readonly (readonly [given: keyof typeof options, needed: keyof typeof options, what: string])[] = [
      ["forceFrom", "data", "--data DIR: in memory there is nothing to start from"],
      ["until", "restore", "--restore FILE: the backup to start from"],
      // Nodes that other machines reach use the certificate as well.
      ...ofGateway.filter((name) => name !== "tlsDir" || engine?.nodeTlsDir === undefined)
        .map((name) => [name, "http", "--http PORT: the port of the gateway"] as const),
    ];
    for (const [given, needed, what] of needs) {
      if (options[given] !== undefined && options[needed] === undefined) {
        throw new UsageError(`${label(given)} needs ${what}`);
      }
    }
    if (restore !== undefined && forceFrom !== undefined) {
      throw new UsageError("--restore and --force-from exclude each other: choose what to start from");
    }
    if (options.historyMemory !== undefined && data !== undefined) {
      throw new UsageError(
        `${label("historyMemory")} goes without ${label("data")}: with data on disk, the disk bounds the history`,
      );
    }
    const hostname = httpHost ?? loopback;
    if (http !== undefined) checkProtection(hostname, { tlsDir, insecure }, label);
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
      engine,
      http: http === undefined
        ? undefined
        : { hostname, port: http, publicUrl, cors, staleAfterMs: staleAfter, publicRead, tlsDir, insecure },
      detach: options.detach ?? false,
      variables,
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
 * @param environment gives settings that are not typed; by default, nothing.
 * @returns what to run, or what else was asked for.
 * @throws {UsageError} if it is wrong.
 */
export function parseServersArguments(
  args: readonly string[],
  environment: Environment = () => undefined,
): ServersOptions | "help" | "version" {
  if (args.includes("--version")) return "version";
  if (args.includes("--help") || args.includes("-h")) return "help";
  const line = parseCommandLine(args, serversCommand.options);
  const [count, extra] = line.operands;
  if (count === undefined) throw new UsageError(`How many replicas? Give a number from 1 to ${replicasMax}`);
  if (extra !== undefined) {
    throw new UsageError(`Unexpected argument "${printable(extra)}": one number of replicas is enough`);
  }
  return serversCommand.read(line, Date.now(), environment);
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

function readSuspectAfter(typed: string, _now: number, name: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(typed) ? Number(typed) : NaN;
  if (seconds >= suspectAfterSecondsMin && seconds <= suspectAfterSecondsMax) return seconds * 1000;
  const range = `from ${suspectAfterSecondsMin} to ${suspectAfterSecondsMax}`;
  throw wrongValue(name, typed, `it must be a number of seconds ${range}`);
}
