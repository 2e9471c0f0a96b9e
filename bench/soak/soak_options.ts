/**
 * The command line of the soak.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { quoted } from "../../src/quoted.ts";
import { UsageError } from "../options.ts";

/** Minutes at most: a longer run is another run. */
const minutesMax = 240;

/** The text that `--help` prints. */
export const usage = `Usage: deno task soak [options]

Runs three replicas with data on disk for a while: a feed is polled, people read, watch and make backups, and replicas
are killed and restarted. Replica 0 lives to the end: its memory and its open files must not grow.

  --minutes N   how long; ${minutesMax} at most, 60 if absent
  --sites N     how many sites the feed has; 2000 if absent
  --entries N   entries of a segment of history; 4096 if absent
  --rate N      commands of the feed in a second; 200 if absent
  --seed S      choose by this number what is killed and read; real time is not repeated
  --help        prints this`;

/** What the soak was asked for. */
export interface SoakOptions {
  readonly minutes: number;
  readonly sites: number;
  readonly entries: number;
  readonly rate: number;
  readonly seed: number;
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} if it makes no sense.
 */
export function parseSoakOptions(args: readonly string[]): SoakOptions | "help" {
  const { minutes, sites, entries, rate, seed, help } = valuesOf(args);
  if (help) return "help";
  return {
    minutes: numberOf("--minutes", minutes ?? "60", minutesMax),
    sites: numberOf("--sites", sites ?? "2000", 100_000),
    entries: numberOf("--entries", entries ?? "4096", 2 ** 18),
    rate: numberOf("--rate", rate ?? "200", 10_000),
    seed: numberOf("--seed", seed ?? String(1 + crypto.getRandomValues(new Uint32Array(1))[0]), 2 ** 32),
  };
}

function valuesOf(args: readonly string[]) {
  const [flag, text] = [{ type: "boolean" }, { type: "string" }] as const;
  const options = { minutes: text, sites: text, entries: text, rate: text, seed: text, help: flag } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`Cannot soak: ${(error as Error).message}; try --help`);
  }
}

function numberOf(name: string, word: string, max: number): number {
  const value = Number(word);
  if (/^[0-9]+(\.[0-9]+)?$/.test(word) && value > 0 && value <= max) return value;
  throw new UsageError(`Cannot soak: ${name} takes numbers above 0, up to ${max}, and not ${quoted(word)}; try --help`);
}
