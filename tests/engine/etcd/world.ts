/**
 * Members of a real etcd and nodes in processes of their own, on the loopback interface or each at a place of its own.
 *
 * @module
 */

import { pause } from "../../../src/runtime/within.ts";
import { batchOf } from "./node_client.ts";
import { EtcdCluster } from "./cluster.ts";
import { Network } from "./network.ts";
import type { EtcdEngineOptions } from "../../../src/engine/etcd/etcd_engine.ts";
import type { NodeLook, NodeStart } from "./node_lines.ts";
import { NodeProcess } from "./node_process.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import { writeCommand } from "../../../src/database/wire/commands.ts";

/** What to start. */
export interface WorldOptions {
  /** How many nodes. */
  readonly nodes: number;
  /** Whether each member and each node has a place of its own. */
  readonly hasNetwork?: boolean;
  /** More options of the members. */
  readonly etcdArgs?: readonly string[];
  /** How each node begins, by its number from 0. */
  readonly startOf?: (at: number) => Partial<NodeStart>;
  /** How each node uses etcd. */
  readonly etcdOf?: (at: number) => Partial<EtcdEngineOptions>;
  /** Is done before nodes start. */
  readonly prepare?: (cluster: EtcdCluster) => Promise<void>;
}

/** Milliseconds for all nodes to have everything. */
const levelMs = 60_000;

/** Reads what changes nothing. */
const look = lookBatch();

function lookBatch(): Uint8Array {
  const writer = new ByteWriter();
  writeCommand(writer, { kind: "view", name: "MIT" });
  return batchOf(writer.copy());
}

/** All processes of a test. Everything ends with it. */
export class World implements AsyncDisposable {
  readonly network: Network | undefined;
  #cluster: EtcdCluster | undefined;
  #agent: NodeProcess | undefined;
  readonly #options: WorldOptions;
  readonly #nodes: NodeProcess[] = [];
  #starts = 0;

  private constructor(options: WorldOptions, network: Network | undefined) {
    this.#options = options;
    this.network = network;
  }

  /** Starts three members and the nodes. */
  static async start(options: WorldOptions): Promise<World> {
    const places = ["e1", "e2", "e3", ...Array.from({ length: options.nodes }, (_, at) => `n${at + 1}`)];
    const world = new World(options, options.hasNetwork ? await Network.make(places) : undefined);
    try {
      await world.#begin();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { network } = this;
    const inHub = (words: readonly string[]) => network?.at(undefined, words) ?? words;
    if (network !== undefined) this.#agent = await NodeProcess.start("agent", {}, inHub);
    this.#cluster = await EtcdCluster.start({ network, args: this.#options.etcdArgs, post: this.#agent?.post });
    await this.#options.prepare?.(this.cluster);
    await Promise.all(Array.from({ length: this.#options.nodes }, (_, at) => this.startNode(at)));
  }

  get cluster(): EtcdCluster {
    return this.#cluster!;
  }

  /** The nodes that run, in the order of their names. */
  get nodes(): readonly NodeProcess[] {
    return this.#nodes.filter(({ isUp }) => isUp).sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** The node that was started last as number `at`. */
  node(at: number): NodeProcess {
    const node = this.#nodes.findLast(({ name }) => name.startsWith(`n${at + 1}-`));
    if (node === undefined) throw new Error(`There is no node ${at}`);
    return node;
  }

  /** Starts node number `at` once more. */
  async startNode(at: number, more: Partial<NodeStart> = {}): Promise<NodeProcess> {
    const place = `n${at + 1}`;
    const name = `${place}-${++this.#starts}`;
    const { endpoints } = this.cluster;
    const etcd = { endpoints, prefix: "/vaxlog", node: name, ...this.#options.etcdOf?.(at) };
    const start: NodeStart = { etcd, ...this.#options.startOf?.(at), ...more };
    const node = await NodeProcess.start(name, start, (words) => this.network?.at(place, words) ?? words);
    this.#nodes.push(node);
    return node;
  }

  /** Kills a node. */
  async killNode(at: number): Promise<void> {
    await this.node(at).kill();
  }

  /** Ends everything that goes wrong at present, except for nodes and members that were killed. */
  async heal(): Promise<void> {
    await this.network?.mend();
    for (const member of this.cluster.members) {
      member.thaw();
      if (!member.isUp) member.start();
    }
    for (const node of this.nodes) node.thaw();
    await this.cluster.ready();
  }

  /**
   * Waits until all nodes have all records.
   *
   * @throws {Error} if they have not come to the same state.
   */
  async level(): Promise<readonly NodeLook[]> {
    const endMs = performance.now() + levelMs;
    for (;;) {
      const nodes = this.nodes;
      const told = await Promise.all(nodes.map((node) => node.read(look, 2_000)));
      const looks = await Promise.all(nodes.map((node) => node.look()));
      const halted = looks.find(({ halted }) => halted !== undefined);
      if (halted !== undefined) throw new Error(`A node has stopped: ${halted.halted}`);
      const [first] = looks;
      const isLevel = told.every(({ kind }) => kind === "value") && looks.every(({ n }) => n === first.n);
      if (isLevel) {
        const isSame = looks.every(({ digest, executed }) => digest === first.digest && executed === first.executed);
        if (!isSame) throw new Error(`Nodes differ after record ${first.n}: ${JSON.stringify(looks)}`);
        return looks;
      }
      if (performance.now() > endMs) {
        throw new Error(`Nodes do not come to the same record: ${JSON.stringify(told)} ${JSON.stringify(looks)}`);
      }
      await pause(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#nodes, ...this.#agent === undefined ? [] : [this.#agent]].map((node) => {
      return node[Symbol.asyncDispose]();
    }));
    await this.#cluster?.[Symbol.asyncDispose]();
    await this.network?.[Symbol.asyncDispose]();
  }
}
