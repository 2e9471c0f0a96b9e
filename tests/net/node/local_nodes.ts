/**
 * Nodes in the process of the test, with real links, on an order in memory.
 *
 * @module
 */

import type { AuthEntry } from "../../../src/access/auth_entries.ts";
import { recordedAtOf } from "../../../src/cluster/recorded_at.ts";
import { EngineNode } from "../../../src/engine/node.ts";
import type { NodeMessageOf } from "../../../src/engine/wire/node_messages.ts";
import type { TlsPair } from "../../../src/http/tls.ts";
import { NodeServer } from "../../../src/net/node/node_server.ts";
import type { LoadBounds } from "../../../src/net/node/node_load.ts";
import type { StateMachine } from "../../../src/state_machine.ts";
import { Sites } from "../../database/store/machine.ts";
import { testAccess, testPorts } from "../admitted.ts";
import { newSecret, RawClient } from "../raw_client.ts";
import { MemoryEngine, MemoryOrder } from "./memory_engine.ts";

/** What nodes are made of. */
export interface NodeParts {
  readonly EngineNode: typeof EngineNode;
  readonly NodeServer: typeof NodeServer;
  readonly MemoryEngine: typeof MemoryEngine;
}

/** Nodes as they are, and not with a broken rule. */
export const soundParts: NodeParts = { EngineNode, NodeServer, MemoryEngine };

/** What nodes may be started with. */
export interface LocalNodesOptions {
  /** What they are made of; absent: {@link soundParts}. */
  readonly parts?: NodeParts;
  readonly nodes?: number;
  readonly machine?: () => StateMachine;
  readonly access?: readonly AuthEntry[];
  readonly bounds?: LoadBounds;
  /** What they prove themselves with by TLS; absent: their links have none. */
  readonly tls?: TlsPair;
  /** Changes an engine before its node begins. */
  readonly engine?: (engine: MemoryEngine, at: number) => void;
}

/** One node. */
export interface LocalNode {
  readonly node: EngineNode;
  readonly server: NodeServer;
  readonly engine: MemoryEngine;
  readonly port: number;
  readonly address: string;
  /** Why it has halted, once it has. */
  readonly halts: string[];
}

/** Nodes of one order. */
export class LocalNodes {
  readonly order = new MemoryOrder();
  readonly nodes: LocalNode[] = [];

  /** Starts them. */
  constructor(options: LocalNodesOptions = {}) {
    for (let at = 0; at < (options.nodes ?? 1); at++) this.start(options);
  }

  /** Starts one more. */
  start(options: LocalNodesOptions = {}): LocalNode {
    const { machine = () => new Sites(), access = testAccess, bounds, engine: changed = () => {} } = options;
    const { parts = soundParts } = options;
    const at = this.nodes.length;
    const place = { hostname: "127.0.0.1", port: 0 };
    const listener = options.tls === undefined ? Deno.listen(place) : Deno.listenTls({ ...place, ...options.tls });
    const { port } = listener.addr as Deno.NetAddr;
    testPorts.add(port);
    const [name, address] = [`n${at}`, `127.0.0.1:${port}`];
    const engine = new parts.MemoryEngine(this.order, name);
    changed(engine, at);
    const node = new parts.EngineNode(engine, { node: name, address, machine: machine() });
    const halts: string[] = [];
    const recordedAtMs = recordedAtOf;
    const onHalt = (reason: string) => void halts.push(reason);
    const server = new parts.NodeServer({ node, access, listener, recordedAtMs, bounds, onHalt });
    node.start();
    const started = { node, server, engine, port, address, halts };
    this.nodes.push(started);
    return started;
  }

  /** A client in a session with a node, and what the node has said to it first. */
  async join(at = 0, secret = newSecret()): Promise<{ client: RawClient; hello: NodeMessageOf<"NODE"> }> {
    const client = await RawClient.connect(this.nodes[at].port, secret);
    client.hello();
    return { client, hello: await client.next("NODE") };
  }

  /** Ends all. */
  async close(): Promise<void> {
    for (const { server, port } of this.nodes) {
      server.close();
      testPorts.delete(port);
    }
    await Promise.all(this.nodes.map(({ node }) => node.close()));
  }
}
