/**
 * The command line of `deno task sim:scale`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { UsageError } from "../options.ts";

/** The text that `--help` prints. */
export const usage = `Usage: deno task sim:scale [options]

Simulates partitions over several etcd clusters, with gateways that follow nodes: docs/design/scale.md.

  --only NAMES  only these tables, with commas between them: compared, sums, capacity, loads, doubles, placement,
                followers, failures
  --seed S      the seed, a whole number from 0 to 4294967295 (1)
  --json        prints the tables as JSON
  --docs        writes the tables in docs/design/scale.md
  --help        prints this`;

/** Names of all tables, in the order in which they are printed. */
export const tableNames = [
  "compared",
  "sums",
  "capacity",
  "loads",
  "doubles",
  "placement",
  "followers",
  "failures",
] as const;

/** The name of a table. */
export type TableName = typeof tableNames[number];

/** The options of a run. */
export interface ScaleOptions {
  readonly only: readonly TableName[];
  readonly seed: number;
  readonly isJson: boolean;
  readonly writesDocs: boolean;
}

function fail(message: string): never {
  throw new UsageError(`Cannot simulate: ${message}; try --help`);
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} if it makes no sense.
 */
export function parseScaleOptions(args: readonly string[]): ScaleOptions | "help" {
  const given = valuesOf(args);
  if (given.help === true) return "help";
  const names = given.only?.split(",").map((name) => name.trim()) ?? tableNames;
  const only = tableNames.filter((name) => names.includes(name));
  for (const name of names) {
    if (!tableNames.some((known) => known === name)) fail(`there is no table "${name}": use ${tableNames.join(", ")}`);
  }
  const seed = given.seed ?? "1";
  if (!/^\d{1,10}$/.test(seed) || Number(seed) >= 2 ** 32) {
    fail(`"--seed ${seed}" is not a whole number from 0 to 4294967295`);
  }
  return { only, seed: Number(seed), isJson: given.json ?? false, writesDocs: given.docs ?? false };
}

function valuesOf(args: readonly string[]) {
  const [flag, text] = [{ type: "boolean" }, { type: "string" }] as const;
  try {
    return parseArgs({ args: [...args], options: { only: text, seed: text, json: flag, docs: flag, help: flag } })
      .values;
  } catch (error) {
    return fail((error as Error).message);
  }
}
