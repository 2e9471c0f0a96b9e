/**
 * One command, scripted: its arguments, what it does, what it prints.
 *
 * @module
 */

import type { AddOutcome, SetOutcome, VaxlogClient, ViewOutcome } from "../client.ts";
import { quotedShort } from "../database/quoted.ts";
import { type Availability, parseAvailability, parseName, parseZip } from "../database/values.ts";
import { UsageError } from "./addresses.ts";
import { csvHeader, csvRow, siteJson, siteLine } from "./render.ts";
import { type ExitCode, exitCodes, type Sink } from "./surroundings.ts";

/** A command with its values. */
export type ScriptedCommand =
  /** All sites. */
  | { readonly verb: "list" }
  /** One site. */
  | { readonly verb: "view"; readonly name: string }
  /** A new availability for a site. */
  | { readonly verb: "set"; readonly name: string; readonly value: Availability }
  /** A new site. */
  | { readonly verb: "add"; readonly name: string; readonly zip: string }
  /** A copy of the whole database. */
  | { readonly verb: "backup"; readonly file: string };

/** A command that is one request of the database, or several. */
export type DatabaseCommand = Exclude<ScriptedCommand, { readonly verb: "backup" }>;

/** How a command is typed. */
export interface Verb {
  /** What its values are called; it has exactly as many. */
  readonly operands: readonly string[];
  /** What it does, for the help. */
  readonly summary: string;
  /**
   * Makes the command of as many values as {@link Verb.operands} says.
   *
   * @throws {ValueError | UsageError} if one of them breaks the rules.
   */
  parse(values: readonly string[]): ScriptedCommand;
}

/** All commands by what is typed for them. */
export const verbs: Readonly<Record<ScriptedCommand["verb"], Verb>> = {
  list: {
    operands: [],
    summary: "prints all sites as CSV",
    parse: () => ({ verb: "list" }),
  },
  view: {
    operands: ["NAME"],
    summary: "prints one site: name, ZIP code, availability",
    parse: ([name]) => ({ verb: "view", name: parseName(name) }),
  },
  set: {
    operands: ["NAME", "VALUE"],
    summary: "sets the availability of a site",
    parse: ([name, value]) => ({ verb: "set", name: parseName(name), value: parseAvailability(value) }),
  },
  add: {
    operands: ["NAME", "ZIP"],
    summary: "adds a site, with availability 0",
    parse: ([name, zip]) => ({ verb: "add", name: parseName(name), zip: parseZip(zip) }),
  },
  backup: {
    operands: ["FILE"],
    summary: "writes a copy of the whole database, as it is at one moment, to a new file",
    parse: ([file]) => {
      if (file === "") throw new UsageError("The name of the backup file is empty: give one that is not there yet");
      return { verb: "backup", file };
    },
  },
};

/** Where a command's output goes, and in which form. */
export interface CommandOptions {
  /** The output. */
  readonly stdout: Sink;
  /** Why it was not done. */
  readonly stderr: Sink;
  /** JSON instead of text. */
  readonly json: boolean;
}

/** Does one command and prints its output. Errors of the session pass through. */
export async function runCommand(
  client: VaxlogClient,
  command: DatabaseCommand,
  { stdout, stderr, json }: CommandOptions,
): Promise<ExitCode> {
  switch (command.verb) {
    case "list":
      await (json ? printJsonList : printCsvList)(client, stdout);
      return exitCodes.ok;
    case "view":
      return await finish(await client.view(command.name));
    case "set":
      return await finish(await client.set(command.name, command.value));
    case "add":
      return await finish(await client.add(command.name, command.zip));
  }

  async function finish(outcome: ViewOutcome | SetOutcome | AddOutcome): Promise<ExitCode> {
    if (outcome.kind === "site") {
      await stdout.write(`${json ? siteJson(outcome.site) : siteLine(outcome.site)}\n`);
      return exitCodes.ok;
    }
    await stderr.write(`${describeRefusal(outcome, { list: '"list"', add: '"add"', set: '"set"' })}\n`);
    return exitCodes.failure;
  }
}

/** Prints all sites as CSV, page by page as they come. */
export async function printCsvList(client: VaxlogClient, stdout: Sink): Promise<void> {
  // The header goes out with the first page, so that a list that cannot be had prints nothing.
  let text = csvHeader;
  for await (const page of client.listBrief()) {
    await stdout.write(text + page.map(csvRow).join(""));
    text = "";
  }
  if (text !== "") await stdout.write(text);
}

/** Prints all sites as one JSON array with a site per line, page by page as they come. */
async function printJsonList(client: VaxlogClient, stdout: Sink): Promise<void> {
  let before = "[\n";
  for await (const page of client.listBrief()) {
    await stdout.write(before + page.map(siteJson).join(",\n"));
    before = ",\n";
  }
  await stdout.write(before === ",\n" ? "\n]\n" : "[]\n");
}

/** How a person lists, adds and sets where the refusal is read. */
export interface Hints {
  /** What shows all sites. */
  readonly list: string;
  /** What makes a site. */
  readonly add: string;
  /** What changes a site. */
  readonly set: string;
}

/** One line for a command that was certainly not done: why, and what to do. */
export function describeRefusal(
  outcome: Exclude<ViewOutcome | SetOutcome | AddOutcome, { readonly kind: "site" }>,
  hints: Hints,
): string {
  switch (outcome.kind) {
    case "unknownSite":
      return `There is no site ${quotedShort(outcome.name)}: ${hints.list} shows all sites, ${hints.add} adds one`;
    case "exists":
      return `A site is there already: ${siteLine(outcome.site)}; ${hints.set} changes its availability`;
    case "conflict":
      return `The site shows something else: ${siteLine(outcome.site)}`;
    case "retired":
      return `The site is retired, because ${quotedShort(outcome.site.retired ?? "")}: ${siteLine(outcome.site)}`;
    case "refused":
      return `The cluster did not do it: ${outcome.reason}`;
  }
}
