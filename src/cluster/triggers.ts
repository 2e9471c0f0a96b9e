/**
 * Failure triggers: what a person, or a script, types while a cluster runs, and what it is answered.
 *
 * An id crashes that replica for real, `restart` and an id repairs it, `add` starts one more. Every line gets one clear
 * answer; an empty one gets none. One line is dealt with after the other, so that a script that types `0`, `1`, `2` is
 * told of the third that it is the last one.
 *
 * Only members count as survivors: a newcomer that is still joining has no data yet.
 *
 * @module
 */

import { fullnessOf, largestLog } from "../database/fullness.ts";
import { portMax } from "../front/listening.ts";
import type { LauncherAnswer } from "../http/gateway_options.ts";
import { isIrreplaceable, lackingText, mayFail, mayFailText, seenAs, type SeenReplica, stateText } from "../health.ts";
import { slowDiskText, warningsOf } from "../files_words.ts";
import { fullestDisk } from "../history_words.ts";
import { quotedShort } from "../quoted.ts";
import { SecretError } from "../secrets/private_file.ts";
import { listed } from "./cold_start_refusals.ts";
import { replicasMax, StartError } from "./launcher_events.ts";
import type { Launcher } from "./launcher.ts";
import type { ReplicaRow, StatusRow } from "./seat.ts";
import { helpText, parseTrigger, type Trigger, whatToType } from "./typed_triggers.ts";

/** The part of the launcher that triggers need. */
export type Cluster = Pick<
  Launcher,
  "keepsData" | "replicas" | "crash" | "restart" | "add" | "portOf" | "status" | "access" | "reloadAccess"
>;

/** The result of a trigger; the text has no line break at its end, and is "" if there is nothing to say. */
export type Carried = Omit<LauncherAnswer, "rows">;

/** A trigger that is carried out here: to quit is up to the caller. */
type CarriableTrigger = Exclude<Trigger, { readonly what: "quit" }>;

/** Carries out what was typed, and what the gateway asks for: one after the other, so that no two kill the last two. */
export class Triggers {
  #cluster: Cluster;
  readonly #onAccess: () => void;
  /** Settles when all that came before is carried out. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param onAccess is called when other tokens may count. */
  constructor(cluster: Cluster, onAccess: () => void = () => {}) {
    this.#cluster = cluster;
    this.#onAccess = onAccess;
  }

  /**
   * Carries out one line.
   *
   * @returns the answer, without a line break at its end; "" if there is none; undefined for `quit`, which is the
   * caller's to carry out.
   */
  async take(line: string): Promise<string | undefined> {
    const trigger = parseTrigger(line);
    return trigger.what === "quit" ? undefined : (await this.carryOut(trigger)).text;
  }

  /** Carries out one trigger, when those before it are. */
  carryOut(trigger: CarriableTrigger): Promise<Carried> {
    const carried = this.#last.then(() => this.#carryOut(trigger));
    this.#last = carried.catch(() => {});
    return carried;
  }

  async #carryOut(trigger: CarriableTrigger): Promise<Carried> {
    try {
      return { done: true, text: await this.#answer(trigger) };
    } catch (error) {
      const isRefusal = error instanceof Refusal || error instanceof StartError || error instanceof SecretError;
      if (isRefusal) return { done: false, text: error.message };
      throw error;
    }
  }

  async #answer(trigger: CarriableTrigger): Promise<string> {
    const cluster = this.#cluster;
    const rows = cluster.replicas();
    switch (trigger.what) {
      case "nothing":
        return "";
      case "kill":
        checkCrash(rows, trigger.slot, cluster.keepsData);
        await cluster.crash(trigger.slot);
        return `Replica ${trigger.slot} was crashed. ${mayFailLine(cluster.replicas())}`;
      case "restart":
        checkRestart(rows, trigger.slot);
        await cluster.restart(trigger.slot);
        return startingText(trigger.slot);
      case "add":
        checkAdd(rows, cluster.portOf(rows.length));
        return startingText(cluster.add());
      case "status":
        return statusTable(await cluster.status());
      case "reload":
        cluster.reloadAccess();
        this.#onAccess();
        return reloadedText(cluster.access.added);
      case "help":
        return helpText;
      case "unknown":
        throw new Refusal(`Cannot understand ${quoted(trigger.text)}: ${whatToType}`);
    }
  }
}

/** Why a trigger is not carried out, in a sentence. */
class Refusal extends Error {}

function reloadedText(added: number): string {
  return added === 1 ? "1 added token counts" : `${added === 0 ? "No" : added} added tokens count`;
}

function startingText(slot: number): string {
  return `Replica ${slot} is starting; it joins when it has the data`;
}

/** @throws {Refusal} if the replica in this slot is not to be crashed. */
function checkCrash(rows: readonly ReplicaRow[], slot: number, keepsData: boolean): void {
  const cannot = `Cannot crash replica ${slot}`;
  const state = stateIn(rows, slot, cannot);
  if (state === "failed") throw new Refusal(`${cannot}: it has failed already`);
  if (state === "joining" || !isIrreplaceable(rows[slot], rows)) return;
  const others = slotsOf(rows, "up").filter((other) => other !== slot);
  if (others.length > 0) {
    const who = others.length === 1 ? `replica ${others[0]}` : `one of replicas ${listed(others)}`;
    const isLast = "it is the last one that has all of the history";
    throw new Refusal(`${cannot}: ${isLast}; wait until ${who} is healed, or type quit`);
  }
  const joining = slotsOf(rows, "joining");
  if (joining.length === 0) {
    const loss = keepsData ? "service would end" : "service and all its data would be gone";
    const isLast = `it is the last one that lives, and without it the ${loss}`;
    throw new Refusal(`${cannot}: ${isLast}; type quit if that is what you want`);
  }
  const replicas = joining.length === 1 ? `replica ${joining[0]} has` : `replicas ${listed(joining)} have`;
  throw new Refusal(`${cannot}: it is the last one that has the data; wait until ${replicas} joined, or type quit`);
}

/** @throws {Refusal} if the replica in this slot is not to be restarted. */
function checkRestart(rows: readonly ReplicaRow[], slot: number): void {
  const cannot = `Cannot restart replica ${slot}`;
  const state = stateIn(rows, slot, cannot);
  if (state === "failed") return;
  throw new Refusal(`${cannot}: ${state === "joining" ? "it is joining already" : "it has not failed"}`);
}

/** @throws {Refusal} if no replica is to be added that would listen at `port`. */
function checkAdd(rows: readonly ReplicaRow[], port: number): void {
  if (rows.length >= replicasMax) {
    throw new Refusal(`Cannot add a replica: ${replicasMax} are the most that there can be`);
  }
  if (port > portMax) throw new Refusal(`Cannot add a replica: its port would be ${port}, past ${portMax}`);
}

/** The state of the replica with an id that was typed. @throws {Refusal} if there is none. */
function stateIn(rows: readonly ReplicaRow[], slot: number, cannot: string): ReplicaRow["state"] {
  const ids = rows.length === 1 ? "the only id is 0" : `the ids are 0 to ${rows.length - 1}`;
  const row = rows[slot];
  if (row === undefined) throw new Refusal(`${cannot}: there is none, ${ids}`);
  return row.state;
}

/** How many more replicas may fail, as a sentence, for all that is known without asking them. */
export function mayFailLine(rows: readonly ReplicaRow[]): string {
  const living = slotsOf(rows, "up");
  const count = mayFailCounted(rows);
  if (living.length > 1) return `Replicas ${listed(living)} live: ${count}`;
  if (living.length === 1) return `Replica ${living[0]} is the last one: ${count}`;
  const isJoining = slotsOf(rows, "joining").length > 0;
  return isJoining ? "No replica that has joined is left" : "No replica is left: the service has ended";
}

/** How many more may fail, and which of them are not counted on. */
function mayFailCounted(rows: readonly (SeenReplica & { readonly slot: number })[]): string {
  const lacking = rows.filter((row) => row.lacksHistory && row.state !== "failed").map(({ slot }) => slot);
  return [mayFailText(mayFail(rows)), lackingText(lacking) ?? []].flat().join("; ");
}

/** The answer to `status`. */
export function statusTable(asked: readonly StatusRow[]): string {
  const rows = asked.map(withAnswer);
  const titles = ["id", "port", "pid", "state", "view", "executed", "digest", "clock", "data"];
  const table = [titles, ...rows.map((row) => cellsOf(row).map(String))];
  const widths = titles.map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
  const answers = rows.flatMap(({ answer }) => answer ?? []);
  const room = [fullnessOf(largestLog(answers)), fullestDisk(answers.map(({ history }) => history))];
  const warnings = rows.flatMap(({ slot, answer }) => warningsOf(answer).map((it) => `Replica ${slot}: ${it}`));
  const texts = room.flatMap((it) => it === undefined ? [] : [it.text]);
  const slow = slowDiskText(rows.map(({ slot, answer }) => ({ slot, files: answer?.files })));
  return [...lines, ...warnings, slow ?? [], mayFailAsAnswered(rows), ...texts].flat().join("\n");
}

/** {@link mayFailLine}, once they have been asked: one that gives no answer may hang, and is not counted on. */
function mayFailAsAnswered(rows: readonly StatusRow[]): string {
  const silent = slotsOf(rows.filter(({ answer }) => answer === undefined), "up");
  if (silent.length === 0) return mayFailLine(rows);
  const answering = slotsOf(rows.filter(({ answer }) => answer !== undefined), "up");
  if (answering.length === 0) {
    const who = silent.length === 1 ? `Replica ${silent[0]} gives no answer` : `None of ${silent.length} answers`;
    return `${who}: how many more may fail is not known`;
  }
  const who = answering.length === 1 ? `Only replica ${answering[0]} answers` : `Replicas ${listed(answering)} answer`;
  return `${who}: ${mayFailCounted(rows.map(seenAnswer))}`;
}

/** A replica with what it says now of its history, and not what it last said unasked. */
function withAnswer(row: StatusRow): StatusRow {
  if (row.answer === undefined || row.state !== "up") return row;
  return { ...row, lacksHistory: seenAs(row.answer).lacksHistory };
}

/** A replica as it is seen once it was asked. */
function seenAnswer(row: StatusRow): SeenReplica & { readonly slot: number } {
  const { slot, state, answer } = row;
  if (state !== "up") return row;
  return answer === undefined ? { slot, state, reason: "gives no answer" } : { slot, ...seenAs(answer) };
}

function cellsOf(row: StatusRow): (string | number)[] {
  const { slot, port, pid, state, answer } = row;
  const known = [slot, port === 0 ? "" : port, pid, stateText(row)];
  if (state === "failed") return known;
  // A newcomer that is just starting has nothing to say.
  if (answer === undefined) return [...known, state === "joining" ? "no answer yet" : "no answer"];
  const { v, executed, digest, clock, durable } = answer;
  // A newcomer is in no view.
  return [...known, state === "joining" ? "-" : v, executed, digest, clock, durable ? "on disk" : "in memory"];
}

/** The slots of the replicas that are in this state. */
function slotsOf(rows: readonly ReplicaRow[], state: "up" | "joining"): number[] {
  return rows.filter((row) => row.state === state).map(({ slot }) => slot);
}

/**
 * The text in quotes, with all that could upset a terminal escaped: what is typed may hold what no site's name does.
 */
function quoted(text: string): string {
  return quotedShort(text).replaceAll(/\p{C}/gu, (it) => `\\u{${it.codePointAt(0)?.toString(16)}}`);
}
