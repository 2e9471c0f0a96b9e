/**
 * The commands that the bench sends, encoded beforehand: what is measured is the system, not the making of commands.
 *
 * @module
 */

import { ByteWriter } from "../src/bytes.ts";
import { type Submitter, VaxlogClient } from "../src/library/client.ts";
import { type Command, mayChange, outputBytesMax, writeCommand } from "../src/database/wire/commands.ts";
import { knowsMark, statuses } from "../src/database/wire/output_layout.ts";
import { initialSites } from "../src/database/values.ts";
import type { Mix } from "./jobs.ts";

/**
 * Commands that are encoded beforehand, where there are sites to choose from. There are as many of them for a hundred
 * sites as for a million: then the load process misses the caches as often, and the difference is the database's.
 */
const preparedMax = 32 * 1024;

/** The same about a single site. */
const preparedForOne = 16;

/** Rows in an answer to `rows`: with names of 13 bytes, it has 60 bytes. */
const rowsPerAnswer = 3;

/** A value that takes one byte, so that the size of a command does not depend on what was written before. */
const valueMax = 60;

/** When all commands are recorded, in ms since 1970: a time of today's length. */
const recordedAt = 1_800_000_000_000;

/** Gives commands, for ever. */
export interface Workload {
  /** Sends the next command. */
  send(to: Submitter): Promise<unknown>;
  /** Whether the answer says that the command was executed. */
  isDone(answer: unknown): boolean;
}

/** The name of a site: 13 bytes, except for the first one, which a fresh database already holds. */
export function siteName(at: number): string {
  return at === 0 ? initialSites[0].name : `Site ${String(at).padStart(8, "0")}`;
}

/** The command that adds a site. */
export function addSite(at: number): Command {
  return { kind: "add", name: siteName(at), zip: String(10_000 + at % 89_999), recordedAt };
}

/** Commands about the first `sites` sites. */
export function workloadOf(mix: Mix, sites: number): Workload {
  return mix === "typed" ? new TypedWrites(sites) : new PreparedCommands(prepare(mix, sites));
}

/** Commands that add all sites but the first. */
export function* adding(sites: number): Generator<Uint8Array> {
  for (let at = 1; at < sites; at++) yield encodeCommand(addSite(at));
}

/** One command about the one site of a fresh database. */
export function commandOf(mix: Exclude<Mix, "typed">): Uint8Array {
  return encodeCommand(prepare(mix, 1)[0]);
}

function encodeCommand(command: Command): Uint8Array {
  const writer = new ByteWriter(64);
  writeCommand(writer, command);
  return writer.copy();
}

function prepare(mix: Exclude<Mix, "typed">, sites: number): Command[] {
  const commands: Command[] = [];
  const random = randomOf(sites);
  // The last rows of a list would have too few after them.
  const choices = mix === "rows" ? Math.max(1, sites - rowsPerAnswer) : sites;
  const count = sites === 1 ? preparedForOne : preparedMax;
  for (let at = 0; at < count; at++) {
    const name = siteName(random(choices));
    if (mix === "rows") commands.push({ kind: "list-page", after: name, limit: rowsPerAnswer });
    else if (mix === "reads" || (mix === "mixed" && at % 10 !== 0)) commands.push({ kind: "view", name });
    else commands.push({ kind: "set", name, value: random(valueMax), recordedAt });
  }
  return commands;
}

/** Numbers that look random, the same in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

class PreparedCommands implements Workload {
  readonly #commands: readonly Uint8Array[];
  readonly #outputBytesMax: number;
  readonly #statuses: readonly number[];
  #at = 0;

  constructor(commands: readonly Command[]) {
    this.#commands = commands.map(encodeCommand);
    this.#outputBytesMax = outputBytesMax(commands[0].kind);
    this.#statuses = commands[0].kind === "list-page" ? [statuses.page] : [statuses.site, statuses.done];
  }

  send(to: Submitter): Promise<unknown> {
    const command = this.#commands[this.#at];
    this.#at = this.#at + 1 === this.#commands.length ? 0 : this.#at + 1;
    if (to.read === undefined || mayChange(command)) return to.submit(command, this.#outputBytesMax);
    return to.read(command, this.#outputBytesMax);
  }

  isDone(answer: unknown): boolean {
    return this.#statuses.includes((answer as { readonly output: Uint8Array }).output[0] & ~knowsMark);
  }
}

class TypedWrites implements Workload {
  readonly #clients = new Map<Submitter, VaxlogClient>();
  readonly #names: readonly string[];
  #at = 0;

  constructor(sites: number) {
    this.#names = Array.from({ length: Math.min(sites, preparedMax) }, (_, at) => siteName(at));
  }

  send(to: Submitter): Promise<unknown> {
    let client = this.#clients.get(to);
    if (client === undefined) this.#clients.set(to, client = new VaxlogClient(to));
    const at = this.#at++;
    return client.set(this.#names[at % this.#names.length], at % valueMax);
  }

  isDone(answer: unknown): boolean {
    return (answer as { readonly kind: string }).kind === "site";
  }
}
