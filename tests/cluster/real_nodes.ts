/**
 * Nodes as processes, on a real etcd: a cluster for the conformance suite.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ClusterAccess } from "../../src/cluster/cluster_access.ts";
import { Nodes, type NodesEvent } from "../../src/cluster/engine/nodes.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import type { ClientUnderTest, ClusterUnderTest } from "../conformance/cluster.ts";
import { Ledger } from "../conformance/ledger.ts";
import { type LogEntry, parseLog } from "../conformance/log.ts";
import { EtcdCluster } from "../engine/etcd/cluster.ts";
import { openConnection } from "../net/admitted.ts";
import { within } from "../net/within.ts";
import { ClientProcess } from "./client_process.ts";

/** Milliseconds between a crash and the next start: a node that has crashed stays so while a test lasts. */
const staysDeadMs = 600_000;

/** Processes of nodes, with a member of etcd. */
export class RealNodes implements ClusterUnderTest {
  readonly ledger = new Ledger();
  readonly #etcd: EtcdCluster;
  readonly #nodes: Nodes;
  readonly #access: ClusterAccess;
  /** What each node has written. */
  readonly #lines: readonly string[][];
  readonly #dead = new Set<number>();

  private constructor(etcd: EtcdCluster, nodes: Nodes, access: ClusterAccess, lines: readonly string[][]) {
    this.#etcd = etcd;
    this.#nodes = nodes;
    this.#access = access;
    this.#lines = lines;
  }

  /** Starts that many. */
  static async start(count: number): Promise<RealNodes> {
    const etcd = await EtcdCluster.start({ size: 1 });
    const access = ClusterAccess.open(undefined);
    const lines: string[][] = Array.from({ length: count }, () => []);
    const none = { user: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined };
    try {
      const nodes = await Nodes.start({
        count,
        host: "127.0.0.1",
        basePort: 0,
        engine: { endpoints: etcd.endpoints, prefix: "/conformance", ...none },
        access,
        entry: new URL("./logging_node_main.ts", import.meta.url),
        firstPauseMs: staysDeadMs,
        readyWithinMs: 30_000,
        onEvent: (event: NodesEvent) => {
          if (event.kind === "nodeStderr") lines[event.slot].push(event.line);
        },
        signal: new AbortController().signal,
      });
      return new RealNodes(etcd, nodes, access, lines);
    } catch (error) {
      access.end();
      await etcd[Symbol.asyncDispose]();
      throw error;
    }
  }

  get #addresses(): string[] {
    return this.#nodes.rows().flatMap(({ state, address }) => state === "up" ? address ?? [] : []);
  }

  async connect({ toCrash = false } = {}): Promise<ClientUnderTest> {
    // Not always at the same node.
    const addresses = this.#addresses;
    const turn = Math.floor(Math.random() * addresses.length);
    const turned = [...addresses.slice(turn), ...addresses.slice(0, turn)];
    if (!toCrash) {
      const connection = await openConnection(turned);
      return {
        client: new VaxlogClient(this.ledger.watch(connection)),
        close: () => connection.close(),
        crash: () => Promise.reject(new Error("this client was not opened to crash")),
      };
    }
    const process = await ClientProcess.start(turned);
    return {
      client: new VaxlogClient(this.ledger.watch(process)),
      close: () => process.close(),
      crash: () => process.kill(),
    };
  }

  async crashReplica(slot: number): Promise<void> {
    this.#dead.add(slot);
    await this.#nodes.kill(slot);
  }

  async finish(): Promise<{ logs: LogEntry[][]; survivors: number[] }> {
    const survivors = this.#lines.map((_, slot) => slot).filter((slot) => !this.#dead.has(slot));
    const look = async () => {
      for (;;) {
        const answers = (await this.#nodes.status()).filter(({ slot }) => !this.#dead.has(slot)).map((it) => it.answer);
        const [first] = answers;
        const isEqual = answers.every((it) =>
          it?.n === first?.n && it?.lag === 0 && it.waiting === 0 && it.executed === first?.executed
        );
        if (isEqual) return first!.digest;
      }
    };
    await within("equal nodes", look());
    const digests = (await this.#nodes.status()).flatMap(({ answer }) => answer?.digest ?? []);
    assertEquals(new Set(digests).size, 1, "all nodes have the same digest");
    await this.#nodes.stop();
    const logs = this.#lines.map((lines, slot) => {
      const isWhole = survivors.includes(slot);
      // A node that was killed may have torn its last line.
      const whole = isWhole ? lines : lines.slice(0, -1);
      return parseLog(whole.map((line) => `${line}\n`).join(""), true);
    });
    return { logs, survivors };
  }

  /** Ends all. */
  async dispose(): Promise<void> {
    await this.#nodes.stop();
    this.#access.end();
    await this.#etcd[Symbol.asyncDispose]();
  }
}
