/**
 * Nodes and clients on an engine on etcd: what clients are told must be so, at every node.
 *
 * @module
 */

import { EtcdEngine } from "../../../src/engine/etcd/etcd_engine.ts";
import { EngineNode } from "../../../src/engine/node.ts";
import { Claims } from "../claims.ts";
import { commandBatch, Counter, readBatch, stateOf } from "../machine.ts";

const waitMs = 15_000;

/** Nodes of one order, that are checked from outside. */
export class JointNodes {
  readonly claims = new Claims();
  readonly nodes: EngineNode[] = [];
  /** How many commands each node has executed itself; it has the others from a snapshot. */
  readonly executed = new Map<string, number>();
  readonly #endpoints: readonly string[];
  readonly #epochBytes: number | undefined;
  #starts = 0;
  #commands = 0;

  constructor(endpoints: readonly string[], epochBytes?: number) {
    this.#endpoints = endpoints;
    this.#epochBytes = epochBytes;
  }

  /** Starts one more node. */
  start(): EngineNode {
    const machine = new Counter();
    const name = `node${++this.#starts}`;
    machine.onCommand = (index, command) => {
      this.claims.executed(index, command);
      this.executed.set(name, (this.executed.get(name) ?? 0) + 1);
    };
    const engine = new EtcdEngine({ endpoints: this.#endpoints, prefix: "/joint", node: name });
    const node = new EngineNode(engine, { node: name, machine, epochBytes: this.#epochBytes });
    node.start();
    this.nodes.push(node);
    return node;
  }

  /** Stops a node; clients go to others. */
  async stop(node: EngineNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.close();
  }

  /** A client sends commands one after the other, each to the next node, until it has an output; and reads. */
  async client(id: string, commands: number): Promise<void> {
    const client = id.repeat(32);
    for (let seq = 1; seq <= commands; seq++) {
      const command = ++this.#commands;
      const since = this.claims.seen;
      for (let attempt = 0;; attempt++) {
        const node = this.nodes[(seq + attempt) % this.nodes.length];
        const request = { client, born: 0, seq, done: seq - 1, end: false, commands: commandBatch(command) };
        const outcome = await node.submit(request, waitMs);
        if (outcome.kind === "output") {
          this.claims.done(command, outcome.index, since);
          break;
        }
        if (attempt > 5) throw new Error(`Command ${command} has the outcome ${JSON.stringify(outcome)}`);
      }
      if (seq % 3 === 0) await this.#read(this.nodes[seq % this.nodes.length]);
    }
  }

  async #read(node: EngineNode): Promise<void> {
    const since = this.claims.seen;
    const outcome = await node.read(readBatch, waitMs);
    if (outcome.kind !== "value") return;
    const { count, last } = stateOf(outcome.outputs);
    this.claims.read(count, last, since);
  }

  /** Waits until all nodes have all records, and gives their digests and how many commands they have executed. */
  async states(): Promise<{ readonly digest: number; readonly executed: number }[]> {
    await Promise.all(this.nodes.map((node) => node.read(readBatch, waitMs)));
    return this.nodes.map(({ core }) => ({
      digest: core.replay.executor.digest,
      executed: core.replay.executor.executed,
    }));
  }

  /** Stops all. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }
}
