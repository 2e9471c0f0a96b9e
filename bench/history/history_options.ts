/**
 * The command line of the bench of long histories.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { quoted } from "../../src/quoted.ts";
import { UsageError } from "../options.ts";

/** The text that `--help` prints. */
export const usage = `Usage: deno task bench:history [options]

Makes long histories by the state machine and the sealer, has three replicas serve each, and measures them.

  --reports N,N  how many entries each has; 1000000,10000000 if absent. 100,000,000 take 10 minutes and 2 GB
  --sites N      how many sites; 100000 if absent
  --feed POLLS   also measures that many polls of a national feed with its documents
  --dir DIR      where the data are; they stay, and are used again. A temporary directory if absent
  --only WORDS   only these, with commas between them: start, gap, scrub, backup, join, page, watch
  --small        shorter loads, and fewer times
  --json         prints the figures as JSON
  --docs         writes the plot in docs/design
  --help         prints this`;

/** The parts of the measurement. */
export const parts = ["start", "gap", "scrub", "backup", "join", "page", "watch"] as const;

/** One of them. */
export type Part = typeof parts[number];

/** What the bench was asked for. */
export interface HistoryOptions {
  readonly reports: readonly number[];
  readonly sites: number;
  readonly feed: number;
  readonly dir: string | undefined;
  readonly only: readonly Part[];
  readonly isSmall: boolean;
  readonly isJson: boolean;
  readonly writesDocs: boolean;
}

/**
 * Reads a command line.
 *
 * @throws {UsageError} if it makes no sense.
 */
export function parseHistoryOptions(args: readonly string[]): HistoryOptions | "help" {
  const { reports, sites, feed, dir, only, small, json, docs, help } = valuesOf(args);
  if (help) return "help";
  return {
    reports: wordsOf(reports ?? "1000000,10000000").map((word) => countOf("--reports", word)),
    sites: countOf("--sites", sites ?? "100000"),
    feed: feed === undefined ? 0 : countOf("--feed", feed),
    dir,
    only: only === undefined ? parts : wordsOf(only).map(partOf),
    isSmall: small ?? false,
    isJson: json ?? false,
    writesDocs: docs ?? false,
  };
}

function valuesOf(args: readonly string[]) {
  const [flag, text] = [{ type: "boolean" }, { type: "string" }] as const;
  const words = { reports: text, sites: text, feed: text, dir: text, only: text } as const;
  const options = { ...words, small: flag, json: flag, docs: flag, help: flag } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(`Cannot run the bench: ${(error as Error).message}; try --help`);
  }
}

function wordsOf(text: string): string[] {
  return text.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

function countOf(name: string, word: string): number {
  const count = Number(word);
  if (/^[0-9]+$/.test(word) && Number.isSafeInteger(count) && count > 0) return count;
  throw new UsageError(`Cannot run the bench: ${name} takes whole numbers from 1, and not ${quoted(word)}; try --help`);
}

function partOf(word: string): Part {
  const part = parts.find((part) => part === word);
  if (part !== undefined) return part;
  throw new UsageError(`Cannot run the bench: "--only" has no ${quoted(word)}, but ${parts.join(", ")}; try --help`);
}
