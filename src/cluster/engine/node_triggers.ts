/**
 * What a person, or a script, types while nodes run, and what it is answered. One line is dealt with after the other.
 *
 * @module
 */

import { bestSeen, differenceText, nodesMayFailText, nodeStateOf, quotaOf } from "../../front/node_health.ts";
import { portMax } from "../../front/listening.ts";
import { formatSpan } from "../../front/spans.ts";
import type { LauncherAction, LauncherAnswer, LauncherRow } from "../../http/gateway_options.ts";
import { quotedShort } from "../../quoted.ts";
import { SecretError } from "../../secrets/private_file.ts";
import { replicasMax, StartError } from "../launcher_events.ts";
import type { Members } from "./members.ts";
import type { NodeRow, NodeStatusRow } from "./node_seat.ts";
import { membersLine } from "./node_words.ts";
import type { Nodes } from "./nodes.ts";
import { nodeHelpText, type NodeTrigger, parseNodeTrigger, whatToTypeForNodes } from "./typed_node_triggers.ts";

/** The parts that triggers need. */
export type TriggeredNodes = Pick<
  Nodes,
  "access" | "add" | "kill" | "portOf" | "reloadAccess" | "restart" | "rows" | "status"
>;

/** The same of members that were started here. */
export type TriggeredMembers = Pick<Members, "kill" | "restart" | "rows">;

/** Nodes at the same launcher. */
const nodesMax = replicasMax;

/** A trigger that is carried out here: to quit is up to the caller. */
type Carriable = Exclude<NodeTrigger, { readonly what: "quit" }> | Exclude<LauncherAction, { readonly what: "rows" }>;

/** Carries out what was typed, and what the gateway asks for. */
export class NodeTriggers {
  readonly #nodes: TriggeredNodes;
  readonly #members: TriggeredMembers | undefined;
  readonly #onAccess: () => void;
  /** Settles when all that came before is carried out. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param members those that were started here; undefined: somebody else runs etcd.
   * @param onAccess is called when other tokens may count.
   */
  constructor(nodes: TriggeredNodes, members: TriggeredMembers | undefined, onAccess: () => void = () => {}) {
    this.#nodes = nodes;
    this.#members = members;
    this.#onAccess = onAccess;
  }

  /**
   * Carries out one line.
   *
   * @returns the answer, without a line break at its end; "" if there is none; undefined for `quit`, which is the
   * caller's to carry out.
   */
  async take(line: string): Promise<string | undefined> {
    const trigger = parseNodeTrigger(line, this.#members !== undefined);
    return trigger.what === "quit" ? undefined : (await this.carryOut(trigger)).text;
  }

  /** Carries out one trigger, when those before it are. */
  carryOut(trigger: Carriable): Promise<Omit<LauncherAnswer, "rows">> {
    const carried = this.#last.then(() => this.#carryOut(trigger));
    this.#last = carried.catch(() => {});
    return carried;
  }

  async #carryOut(trigger: Carriable): Promise<Omit<LauncherAnswer, "rows">> {
    try {
      return { done: true, text: await this.#answer(trigger) };
    } catch (error) {
      const isRefusal = error instanceof NodeTriggerRefusal || error instanceof StartError ||
        error instanceof SecretError;
      if (isRefusal) return { done: false, text: error.message };
      throw error;
    }
  }

  async #answer(trigger: Carriable): Promise<string> {
    const nodes = this.#nodes;
    switch (trigger.what) {
      case "nothing":
        return "";
      case "kill": {
        const { slot } = trigger;
        const { state } = rowIn(nodes.rows(), slot, `Cannot kill node ${slot}`);
        if (state === "failed") throw new NodeTriggerRefusal(`Cannot kill node ${slot}: it is dead already`);
        const againMs = await nodes.kill(slot);
        return `Node ${slot} was killed. It is started again in ${formatSpan(againMs)}`;
      }
      case "restart": {
        const { slot } = trigger;
        const { state } = rowIn(nodes.rows(), slot, `Cannot restart node ${slot}`);
        if (state === "up" || state === "starting") {
          throw new NodeTriggerRefusal(
            `Cannot restart node ${slot}: it has not failed; kill ${slot} ends it, and it comes again`,
          );
        }
        await nodes.restart(slot);
        return `Node ${slot} is starting; it serves clients when it has caught up`;
      }
      case "add":
        checkAdd(nodes);
        return `Node ${nodes.add()} is starting; it serves clients when it has caught up`;
      case "killMember":
        return await this.#killMember(trigger.member);
      case "startMember":
        return await this.#startMember(trigger.member);
      case "status":
        return statusOfNodes(await nodes.status(), this.#members);
      case "reload":
        nodes.reloadAccess();
        this.#onAccess();
        return reloadedText(nodes.access.added);
      case "help":
        return nodeHelpText(this.#members !== undefined);
      case "unknown":
        throw new NodeTriggerRefusal(
          `Cannot understand ${quoted(trigger.text)}: ${whatToTypeForNodes(this.#members !== undefined)}`,
        );
    }
  }

  async #killMember(member: number): Promise<string> {
    const cannot = `Cannot kill member ${member} of etcd`;
    const { members, state } = this.#memberIn(member, cannot);
    if (state === "failed") {
      throw new NodeTriggerRefusal(`${cannot}: it is dead already; start etcd ${member} starts it`);
    }
    await members.kill(member);
    return `Member ${member} of etcd was killed. ${membersLine(members.rows())}`;
  }

  async #startMember(member: number): Promise<string> {
    const cannot = `Cannot start member ${member} of etcd`;
    const { members, state } = this.#memberIn(member, cannot);
    if (state !== "failed") throw new NodeTriggerRefusal(`${cannot}: it has not failed`);
    await members.restart(member);
    return `Member ${member} of etcd is starting`;
  }

  #memberIn(member: number, cannot: string) {
    const members = this.#members;
    if (members === undefined) throw new NodeTriggerRefusal(`${cannot}: this launcher has not started etcd`);
    const row = members.rows()[member];
    if (row === undefined) throw new NodeTriggerRefusal(`${cannot}: there is none, ${idsText(members.rows().length)}`);
    return { members, state: row.state };
  }
}

/** Why a trigger is not carried out, in a sentence. */
class NodeTriggerRefusal extends Error {}

/** The nodes as the gateway sees replicas. */
export function launcherRowsOf(rows: readonly NodeRow[]): readonly LauncherRow[] {
  const states = { up: "up", starting: "joining", halted: "failed", failed: "failed" } as const;
  return rows.map(({ slot, address, pid, state }) => ({ slot, address, pid, state: states[state] }));
}

function reloadedText(added: number): string {
  return added === 1 ? "1 added token counts" : `${added === 0 ? "No" : added} added tokens count`;
}

/** The node with an id that was typed. @throws {NodeTriggerRefusal} if there is none. */
function rowIn(rows: readonly NodeRow[], slot: number, cannot: string): NodeRow {
  const row = rows[slot];
  if (row === undefined) throw new NodeTriggerRefusal(`${cannot}: there is none, ${idsText(rows.length)}`);
  return row;
}

function idsText(count: number): string {
  return count === 1 ? "the only id is 0" : `the ids are 0 to ${count - 1}`;
}

/** @throws {NodeTriggerRefusal} if no node is to be added. */
function checkAdd(nodes: TriggeredNodes): void {
  const count = nodes.rows().length;
  if (count >= nodesMax) {
    throw new NodeTriggerRefusal(`Cannot add a node: ${nodesMax} are the most that one launcher starts`);
  }
  const port = nodes.portOf(count);
  if (port > portMax) throw new NodeTriggerRefusal(`Cannot add a node: its port would be ${port}, past ${portMax}`);
}

/** The answer to `status`. */
export function statusOfNodes(rows: readonly NodeStatusRow[], members: TriggeredMembers | undefined): string {
  const answers = rows.flatMap(({ answer }) => answer ?? []);
  const engine = bestSeen(answers);
  const lines = table([
    ["node", "address", "pid", "state", "record", "behind", "executed", "digest"],
    ...rows.map(cellsOf),
  ]);
  for (const { slot, state, reason } of rows) {
    if (reason !== undefined) lines.push(`Node ${slot} ${state === "halted" ? "has halted: " : ""}${reason}`);
  }
  if (engine !== undefined) {
    lines.push(...table([
      ["etcd", "version", "role", "data", "problem"],
      ...engine.members.map(({ address, version, isLeader, bytes, failure }) => [
        address.replace(/^https?:\/\//, ""),
        version ?? "",
        failure !== undefined ? "" : isLeader ? "leader" : "follower",
        bytes === undefined ? "" : `${Math.ceil(bytes / 2 ** 20)} MiB`,
        // It names the member once more.
        failure?.replace(`${address} `, "") ?? "",
      ]),
    ]));
    const quota = quotaOf(engine);
    if (quota !== undefined) lines.push(`The members of etcd have ${quota.percent} % of their quota at most`);
    lines.push(...engine.warnings);
  }
  const difference = differenceText(answers);
  if (difference !== undefined) lines.push(difference);
  lines.push(sentence(nodesMayFailText(answers, engine)));
  if (members !== undefined) lines.push(membersLine(members.rows()));
  return lines.join("\n");
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}

function cellsOf({ slot, address, port, pid, state, answer }: NodeStatusRow): string[] {
  const known = [`${slot}`, address ?? `${port}`, `${pid}`];
  if (state === "failed") return [...known, state];
  if (answer === undefined) return [...known, state, "no answer"];
  const { n, lag, executed, digest } = answer;
  const now = state === "up" ? nodeStateOf(answer) : state;
  return [...known, now, `${n}`, `${lag}`, `${executed}`, digest];
}

/** Rows in columns. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
}

/** The text in quotes, with all that could upset a terminal escaped. */
function quoted(text: string): string {
  return quotedShort(text).replaceAll(/\p{C}/gu, (it) => `\\u{${it.codePointAt(0)?.toString(16)}}`);
}
