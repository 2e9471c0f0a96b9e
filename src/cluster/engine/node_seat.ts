/**
 * All that the launcher knows of a node. A slot has one seat at a time; a node that is started again has another one.
 *
 * @module
 */

import { within } from "../../runtime/within.ts";
import type { NodeStatus } from "../../engine/wire/node_messages.ts";
import type { NodeProcess } from "../node_process.ts";

/** Milliseconds for which `status` waits: a node answers within a second. */
const answerWithinMs = 1_500;

/** A node, for all that is known without asking it. */
export interface NodeRow {
  /** The number that people use. */
  readonly slot: number;
  /** Where it listens; 0: it takes a free port, and has not said which. */
  readonly port: number;
  /** `host:port`; undefined: unknown yet. */
  readonly address: string | undefined;
  readonly pid: number;
  /**
   * It serves clients; or it has not caught up with the order for the first time; or it has stopped for good, since it
   * has found something that a person must look at; or its process is dead.
   */
  readonly state: "up" | "starting" | "halted" | "failed";
  /** Why it has halted or failed. */
  readonly reason: string | undefined;
}

/** The same with what it answers to the question how it is; undefined: nothing in time. */
export interface NodeStatusRow extends NodeRow {
  readonly answer: NodeStatus | undefined;
}

/** A node and what the launcher knows of it. */
export class NodeSeat {
  readonly listening: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Resolves when it serves clients, has halted, or is dead: there is nothing more to wait for. */
  readonly settled: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Resolves when its death was reported. */
  readonly reported: PromiseWithResolvers<void> = Promise.withResolvers();
  isReady = false;
  /** When that was, in milliseconds of `performance.now()`. */
  readyAtMs: number | undefined;
  isFormed = false;
  /** How often it was asked for a sign of life since it gave one. */
  silentTicks = 0;
  hasExited = false;
  /** Whether somebody asked for its crash. */
  isWanted = false;
  /** Why it has halted. */
  halted: string | undefined;
  /** Why it ended or will end, as the end of a sentence that begins with the node. */
  cause: string | undefined;
  #asked = 0;
  /** Questions that wait for an answer, by their number. */
  readonly questions: Map<number, (answer: NodeStatus) => void> = new Map();

  constructor(readonly slot: number, readonly host: string, public port: number, readonly process: NodeProcess) {
    this.listening.promise.catch(() => {});
  }

  /** `host:port`, where clients reach it. */
  get address(): string {
    return `${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}`;
  }

  get state(): NodeRow["state"] {
    if (this.hasExited) return "failed";
    return this.halted !== undefined ? "halted" : this.isReady ? "up" : "starting";
  }

  get row(): NodeRow {
    const { slot, port, address, state, process: { pid }, cause, halted } = this;
    const reason = state === "failed" ? cause : halted;
    return { slot, port, address: port === 0 ? undefined : address, pid, state, reason };
  }

  /** Asks it how it is; undefined if no answer comes in time, or can come. */
  async ask(): Promise<NodeStatus | undefined> {
    if (this.hasExited || !this.isFormed) return undefined;
    const n = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<NodeStatus>();
    this.questions.set(n, resolve);
    this.process.tell({ tell: "status", n });
    const answer = await within(answerWithinMs, Promise.race([promise, this.process.exited.then(() => undefined)]));
    this.questions.delete(n);
    return answer;
  }
}
