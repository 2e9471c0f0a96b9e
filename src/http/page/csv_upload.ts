/**
 * A CSV that was read: what it comes to, what to send, and what was refused.
 *
 * @module
 */

import type { Availability, Unit } from "../../database/values.ts";
import { formatWithUnit } from "./availabilities.ts";

/** A command of a batch, as far as the page looks at it. */
export type CsvCommand =
  | { readonly op: "set"; readonly value: Availability; readonly unit?: Unit; readonly who?: string }
  | { readonly op: "add" | "document"; readonly who?: string }
  | { readonly op: "edit"; readonly zip?: string; readonly who?: string }
  | { readonly op: "retire"; readonly reason: string; readonly who?: string };

/** A record, and what it would do. */
export interface CsvRecord {
  readonly line: number;
  readonly name: string;
  readonly effect: "added" | "changed" | "outOfDate" | "confirmed" | "same";
  readonly commands: readonly CsvCommand[];
}

/** Something that is not as it should be. */
export interface CsvProblem {
  readonly line: number;
  readonly effect: "repaired" | "kept" | "refused";
  readonly what: string;
}

/** What the gateway has read. */
export interface CsvReading {
  readonly records: readonly CsvRecord[];
  readonly problems: readonly CsvProblem[];
  readonly read: number;
  readonly repairs: number;
  readonly refused: number;
}

/** The outcome of a command of a batch. */
export interface BatchResult {
  readonly status: number;
  readonly type?: string;
  readonly detail?: string;
}

/** Commands that are sent at a time: the page shows how far they are. */
const commandsAtOnce = 500;

/** What a reading comes to, a sentence each. */
export function summaryOf({ records, read, repairs, refused }: CsvReading): string[] {
  const count = (effect: CsvRecord["effect"]) => records.filter((record) => record.effect === effect).length;
  const number = (count: number, one: string, more: string) =>
    `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
  const lines: [count: number, text: string][] = [
    [1, `${number(read, "record", "records")} read, ${number(repairs, "repair", "repairs")} made, ${refused} refused`],
    [count("added"), number(count("added"), "site is new", "sites are new")],
    [count("changed"), number(count("changed"), "record changes its site", "records change their sites")],
    [
      count("outOfDate"),
      number(count("outOfDate"), "record is", "records are") + " older than what the site shows: kept, and not shown",
    ],
    [count("confirmed"), number(count("confirmed"), "record says", "records say") + " that it is still so"],
    [count("same"), number(count("same"), "record says", "records say") + " what is known already"],
  ];
  return lines.filter(([count]) => count > 0).map(([, text]) => text);
}

/** The records that do something. */
export function effective({ records }: CsvReading): readonly CsvRecord[] {
  return records.filter(({ commands }) => commands.length > 0);
}

/** How many sites they are about. */
export function sitesIn(records: readonly CsvRecord[]): number {
  return new Set(records.map(({ name }) => name)).size;
}

/** What the commands of a record do, in words. */
export function commandText(command: CsvCommand): string {
  switch (command.op) {
    case "add":
      return "new site";
    case "document":
      return "details";
    case "edit":
      return `ZIP code ${command.zip}`;
    case "retire":
      return `retired: ${command.reason}`;
    case "set":
      return formatWithUnit(command.value, command.unit);
  }
}

/** How commands are sent. */
export interface Sending {
  /** Sends commands; gives the outcome of each. */
  send(commands: readonly CsvCommand[]): Promise<readonly BatchResult[]>;
  /** Is told how many commands of how many are done. */
  onProgress(done: number, all: number): void;
}

/**
 * Has the records done, in their order.
 *
 * @param by what to say of commands that do not say who reports.
 * @returns what was refused.
 * @throws whatever `send` throws: the commands before that are done, and those after it were not sent.
 */
export async function sendRecords(
  records: readonly CsvRecord[],
  by: { readonly who?: string },
  { send, onProgress }: Sending,
): Promise<CsvProblem[]> {
  const all = records.flatMap(({ line, name, commands }) =>
    commands.map((command) => ({ line, name, command: { ...by, ...command } }))
  );
  const refused: CsvProblem[] = [];
  for (let start = 0; start < all.length; start += commandsAtOnce) {
    onProgress(start, all.length);
    const some = all.slice(start, start + commandsAtOnce);
    const results = await send(some.map(({ command }) => command));
    for (const [at, { line, name, command }] of some.entries()) {
      const { status, type = "", detail = "no reason was given" } = results[at];
      // Somebody else has added the site meanwhile.
      const isThere = command.op === "add" && type.endsWith(":exists");
      if (status >= 300 && !isThere) refused.push({ line, effect: "refused", what: `${name}: ${detail}` });
    }
  }
  onProgress(all.length, all.length);
  return refused;
}
