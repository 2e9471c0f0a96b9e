/**
 * A client of several nodes: it sends a command to one of them, and sends the same seq to another one as long as
 * nobody knows its outcome.
 *
 * @module
 */

import { itemsOf } from "../../../src/batch.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import type { NodeOutcome, SubmittedRequest } from "../../../src/engine/node.ts";
import type { Submitter } from "../../../src/library/client.ts";
import {
  type CallOptions,
  type CommandOutput,
  NotExecutedError,
  OutcomeUnknownError,
} from "../../../src/net/client/calls.ts";
import { pause, within } from "../../../src/runtime/within.ts";
import type { Random } from "../../../src/simulator/random.ts";

/** A node as a client reaches it. */
export interface NodeDoor {
  readonly name: string;
  submit(request: SubmittedRequest, waitMs: number): Promise<NodeOutcome>;
  read(commands: Uint8Array, waitMs: number): Promise<NodeOutcome>;
  /** The number of a record that it has applied. */
  born(): Promise<number>;
}

/** Milliseconds that a client waits for one node. */
const nodeMs = 2_000;

/** Milliseconds that it waits beyond what it has asked a node for: the node may be gone. */
const graceMs = 500;

/** Milliseconds before it asks again. */
const againMs = 20;

/** What became of what clients have sent, by names. */
export class Tally {
  readonly counts = new Map<string, number>();

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }
}

/** How a client behaves. */
export interface NodeClientOptions {
  readonly random: Random;
  readonly tally: Tally;
  /** The nodes that there are at present. */
  readonly nodes: () => readonly NodeDoor[];
  /** Milliseconds after which it gives up. */
  readonly patienceMs: () => number;
  /** When commands say that they were recorded; absent: they do not say it to the node. */
  readonly recordedAtMs?: () => number;
  /** Whether it gives up everything, as the test has failed. */
  readonly isAborted?: () => boolean;
  /** Is told when a change was executed. */
  readonly onChange?: () => void;
}

/** One client, with one command on its way at a time. */
export class NodeClient implements Submitter {
  readonly #options: NodeClientOptions;
  #node: NodeDoor | undefined;
  #client = "";
  #born = 0;
  #seq = 0;

  constructor(options: NodeClientOptions) {
    this.#options = options;
  }

  /** The node that it uses; another one if that is there no more, or is to be left. */
  #at(leave?: NodeDoor): NodeDoor | undefined {
    const nodes = this.#options.nodes();
    if (this.#node !== undefined && this.#node !== leave && nodes.includes(this.#node)) return this.#node;
    const others = nodes.filter((node) => node !== leave);
    const from = others.length > 0 ? others : nodes;
    if (leave !== undefined && others.length > 0) this.#options.tally.count("gone to another node");
    return this.#node = from.length === 0 ? undefined : this.#options.random.pick(from);
  }

  #waits(endMs: number): boolean {
    return performance.now() < endMs && !this.#options.isAborted?.();
  }

  async #session(node: NodeDoor): Promise<void> {
    if (this.#client !== "") return;
    this.#born = await within(nodeMs, node.born()) ?? 0;
    this.#client = this.#options.random.hex(32);
    this.#seq = 0;
    this.#options.tally.count("sessions");
  }

  async submit(command: Uint8Array, _outputBytesMax: number, { timeoutMs }: CallOptions = {}): Promise<CommandOutput> {
    const { tally } = this.#options;
    const endMs = performance.now() + (timeoutMs ?? this.#options.patienceMs());
    const commands = batchOf(command);
    let [isSent, reason] = [false, "there is no node"];
    for (let attempt = 0, leave: NodeDoor | undefined; attempt === 0 || this.#waits(endMs); attempt++) {
      const node = this.#at(leave);
      leave = undefined;
      if (attempt > 0) await pause(againMs);
      if (node === undefined) continue;
      try {
        await this.#session(node);
      } catch {
        leave = node;
        continue;
      }
      const seq = this.#seq + 1;
      const recordedAtMs = this.#options.recordedAtMs?.();
      const request = {
        client: this.#client,
        born: this.#born,
        seq,
        done: this.#seq,
        end: false,
        recordedAtMs,
        commands,
      };
      const waitMs = Math.max(20, Math.min(nodeMs, endMs - performance.now()));
      const told = await within(waitMs + graceMs, node.submit(request, waitMs)) ?? silent;
      tally.count(told.kind === "refused" ? `refused: ${told.refusal}` : told.kind);
      if (isSent) tally.count("sent again");
      if ("outputs" in told) {
        if (told.kind === "value") throw new Error(`${node.name} gives a value for a command`);
        this.#seq = seq;
        this.#options.onChange?.();
        return outputOf(told);
      }
      reason = told.kind === "refused" ? `${told.refusal}: ${told.reason}` : told.reason;
      if (told.kind === "unknown") isSent = true;
      else if (told.refusal === "confirmed") throw new Error(`${node.name} says that the client has the output`);
      else if (told.refusal === "gap") throw new Error(`${node.name} misses a command of a session`);
      else if (["expired", "ended", "sessions"].includes(told.refusal)) {
        this.#client = "";
        if (isSent) break;
      }
      leave = node;
    }
    // A seq of which every submission was refused is as good as new; of another one, a late attempt may come yet.
    if (!isSent) throw new NotExecutedError(reason);
    this.#client = "";
    throw new OutcomeUnknownError(reason);
  }

  async read(command: Uint8Array, _outputBytesMax: number, { timeoutMs }: CallOptions = {}): Promise<CommandOutput> {
    const endMs = performance.now() + (timeoutMs ?? this.#options.patienceMs());
    const commands = batchOf(command);
    let reason = "there is no node";
    for (let attempt = 0, leave: NodeDoor | undefined; attempt === 0 || this.#waits(endMs); attempt++) {
      const node = this.#at(leave);
      if (attempt > 0) await pause(againMs);
      if (node === undefined) continue;
      const waitMs = Math.max(20, Math.min(nodeMs, endMs - performance.now()));
      const told = await within(waitMs + graceMs, node.read(commands, waitMs)) ?? silent;
      this.#options.tally.count(told.kind === "refused" ? `read refused: ${told.refusal}` : `read: ${told.kind}`);
      if ("outputs" in told) {
        if (told.kind === "output") throw new Error(`${node.name} gives an output for a read`);
        return outputOf(told);
      }
      reason = told.reason;
      leave = node;
    }
    throw new NotExecutedError(reason);
  }
}

const silent: NodeOutcome = { kind: "unknown", reason: "the node does not answer" };

/** A batch of one command. */
export function batchOf(command: Uint8Array): Uint8Array {
  const batch = new ByteWriter();
  batch.blob(command);
  return batch.copy();
}

function outputOf({ outputs, index }: { readonly outputs: Uint8Array; readonly index: number }): CommandOutput {
  const [output] = itemsOf(outputs);
  return { output, index };
}
