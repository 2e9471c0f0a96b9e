/**
 * The command line of `deno task servers`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { replicasMax, suspectAfterMs } from "../limits.ts";

/** The port of replica 0, unless another is asked for. */
const defaultBasePort = 8892;

/** The highest port that there is. */
export const portMax = 65535;

/** Seconds of `--suspect-after`: under the least a busy replica may look like one that hangs. */
const suspectAfterSecondsMin = 0.1;
const suspectAfterSecondsMax = 3600;

/** What `--help` prints. */
export const serversUsage = `Usage: deno task servers T [options]

Starts T replicas (1 to ${replicasMax}) of the database on this machine. T - 1 of them may fail.

  --base-port PORT         replica i listens at 127.0.0.1, port PORT + i (${defaultBasePort}); 0: at free ports
  --log-dir DIR            replica i writes what it executes to DIR/replica-i.log
  --suspect-after SECONDS  a replica that gives no answer for so long is killed (${suspectAfterMs / 1000})
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
  /** The directory for logs; undefined: none are written. */
  readonly logDir: string | undefined;
  /** Milliseconds of silence after which a replica is killed. */
  readonly suspectAfterMs: number;
  /** Whether it goes on when the program that started it has ended. */
  readonly detach: boolean;
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
    string: ["base-port", "log-dir", "suspect-after", "_"],
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
  return {
    replicas,
    basePort: readBasePort(parsed["base-port"], replicas),
    logDir: readLogDir(parsed["log-dir"]),
    suspectAfterMs: readSuspectAfter(parsed["suspect-after"]),
    detach: parsed.detach,
  };
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

function readLogDir(text: string | undefined): string | undefined {
  if (text === "") throw new UsageError("--log-dir needs the name of a directory");
  return text;
}

function readSuspectAfter(text: string | undefined): number {
  if (text === undefined) return suspectAfterMs;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (seconds >= suspectAfterSecondsMin && seconds <= suspectAfterSecondsMax) return seconds * 1000;
  throw new UsageError(
    `--suspect-after is "${text}": it must be a number of seconds from ${suspectAfterSecondsMin} to ${suspectAfterSecondsMax}`,
  );
}
