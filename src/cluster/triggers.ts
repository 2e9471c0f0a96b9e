/**
 * Failure triggers: what a person, or a script, types while a cluster runs, and what it is answered.
 *
 * An id crashes that replica for real. Every line gets one clear answer; an empty one gets none. One line is dealt
 * with after the other, so that a script that types `0`, `1`, `2` is told of the third that it is the last one.
 *
 * @module
 */

import type { ReplicaRow, StatusRow } from "./launcher.ts";

/** What was typed. */
export type Trigger =
  | { readonly kind: "nothing" }
  | { readonly kind: "crash"; readonly slot: number }
  | { readonly kind: "status" }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  | { readonly kind: "unknown"; readonly text: string };

/** The part of the launcher that triggers need. */
export interface Cluster {
  /** The replicas by slot. */
  replicas(): readonly ReplicaRow[];
  /** Crashes the replica in this slot; resolves when it is dead. */
  crash(slot: number): Promise<void>;
  /** Asks every living replica how it is. */
  status(): Promise<readonly StatusRow[]>;
}

/** Characters of a line that are repeated in the answer to it. */
const quotedLengthMax = 40;

/** What `help` answers. */
export const helpText = [
  "Type the id of a replica to crash it (with SIGKILL), or",
  "  status  for a table of the replicas and how many more may fail",
  "  help    for this text",
  "  quit    to stop the cluster",
].join("\n");

/** Reads a typed line; never throws. */
export function parseTrigger(line: string): Trigger {
  const text = line.trim();
  if (text === "") return { kind: "nothing" };
  if (/^(0|[1-9]\d{0,8})$/.test(text)) return { kind: "crash", slot: Number(text) };
  const word = text.toLowerCase();
  return word === "status" || word === "help" || word === "quit" ? { kind: word } : { kind: "unknown", text };
}

/** Carries out what was typed. */
export class Triggers {
  #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /**
   * Carries out one line.
   *
   * @returns the answer, without a line break at its end; "" if there is none; undefined for `quit`, which is the
   * caller's to carry out.
   */
  async take(line: string): Promise<string | undefined> {
    const trigger = parseTrigger(line);
    switch (trigger.kind) {
      case "nothing":
        return "";
      case "crash":
        return await this.#crash(trigger.slot);
      case "status":
        return statusTable(await this.#cluster.status());
      case "help":
        return helpText;
      case "quit":
        return undefined;
      case "unknown":
        return `Cannot understand ${quoted(trigger.text)}: type the id of a replica, status, help or quit`;
    }
  }

  async #crash(slot: number): Promise<string> {
    const refusal = crashRefusal(this.#cluster.replicas(), slot);
    if (refusal !== undefined) return refusal;
    await this.#cluster.crash(slot);
    return `Replica ${slot} was crashed. ${mayFail(this.#cluster.replicas())}`;
  }
}

/** Why the replica in this slot is not crashed, or undefined if it may be. */
export function crashRefusal(rows: readonly ReplicaRow[], slot: number): string | undefined {
  const row = rows.find((row) => row.slot === slot);
  if (row === undefined) {
    const ids = rows.length === 1 ? "the only id is 0" : `the ids are 0 to ${rows.length - 1}`;
    return `Cannot crash replica ${slot}: there is none, ${ids}`;
  }
  if (!row.up) return `Cannot crash replica ${slot}: it has failed already`;
  if (rows.filter(({ up }) => up).length === 1) {
    return `Cannot crash replica ${slot}: it is the last one that lives, and without it the service and all its data ` +
      `would be gone; type quit if that is what you want`;
  }
  return undefined;
}

/** How many more replicas may fail, as a sentence. */
export function mayFail(rows: readonly ReplicaRow[]): string {
  const living = rows.filter(({ up }) => up).map(({ slot }) => slot);
  if (living.length === 0) return "No replica is left: the service has ended";
  if (living.length === 1) return `Replica ${living[0]} is the last one: no more may fail`;
  return `Replicas ${listed(living)} live: ${living.length - 1} more may fail`;
}

/** The answer to `status`. */
export function statusTable(rows: readonly StatusRow[]): string {
  const cells = rows.map(({ slot, port, pid, up, answer }) => [
    `${slot}`,
    `${port}`,
    `${pid}`,
    up ? "up" : "failed",
    ...(answer !== undefined ? [`${answer.v}`, `${answer.executed}`, `${answer.clock}`] : up ? ["no answer"] : []),
  ]);
  const table = [["id", "port", "pid", "state", "view", "executed", "clock"], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
  return [...lines, mayFail(rows)].join("\n");
}

/** "0", "0 and 1", "0, 1 and 2". */
function listed(numbers: readonly number[]): string {
  return numbers.length < 2 ? numbers.join("") : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;
}

/** The text in quotes, cut where it is long, with all that could upset a terminal escaped. */
function quoted(text: string): string {
  const letters = [...text];
  const cut = letters.length > quotedLengthMax ? `${letters.slice(0, quotedLengthMax).join("")}…` : text;
  return JSON.stringify(cut).replaceAll(/\p{C}/gu, (it) => `\\u{${it.codePointAt(0)?.toString(16)}}`);
}
