/**
 * The command line of the bench.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** The text that `--help` prints. */
export const usage = `Usage: deno task bench [options]

Measures Vaxlog against the limit: the same processes, links and codec without a protocol, in the same run.

  --quick      fewer rows and fewer repeats: under 2 minutes instead of 15
  --only ROWS  only these, with commas between them: groups (replicas, sessions, reads, kinds, rare, idle, sites, data,
               kill, start, cost), or rows by their names or the beginnings of these up to a dash, such as
               t3-1x256, t3-1x256-data or t3
  --json       prints the results as JSON
  --docs       writes the plot and the tables in docs/operations, if the machine was quiet
  --help       prints this`;

/** A command line that makes no sense; the message says what to do. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What the bench was asked for. */
export interface Options {
  readonly isQuick: boolean;
  /** Groups, and names of rows or their beginnings up to a dash; empty: all. */
  readonly only: readonly string[];
  readonly isJson: boolean;
  readonly writesDocs: boolean;
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} if it makes no sense.
 */
export function parseOptions(args: readonly string[]): Options | "help" {
  const parsed = valuesOf(args);
  if (parsed.help) return "help";
  const only = (parsed.only ?? "").split(",").map((word) => word.trim()).filter((word) => word !== "");
  if (parsed.only !== undefined && only.length === 0) {
    throw new UsageError(`Cannot run the bench: "--only" names no row; try --help`);
  }
  return { isQuick: parsed.quick ?? false, only, isJson: parsed.json ?? false, writesDocs: parsed.docs ?? false };
}

function valuesOf(args: readonly string[]) {
  const flag = { type: "boolean" } as const;
  const options = { quick: flag, json: flag, docs: flag, help: flag, only: { type: "string" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`Cannot run the bench: ${(error as Error).message}; try --help`);
  }
}
