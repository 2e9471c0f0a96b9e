/**
 * What nodes answer when they are asked how they are, for tests of what is made of that.
 *
 * @module
 */

import type { NodeStatus } from "../../src/engine/wire/node_messages.ts";
import type { NodeAnswer } from "../../src/net/client/status.ts";

/** Two members of etcd that answer, the first of them the leader, and one that does not. */
export const engineStatus: NodeStatus["engine"] = {
  hasQuorum: true,
  members: [21e6, 2e7, undefined].map((bytes, at) => ({
    address: `http://127.0.0.1:${2379 + 2 * at}`,
    failure: bytes === undefined ? "refused the connection" : undefined,
    version: bytes === undefined ? undefined : "3.4.23",
    isLeader: at === 0,
    bytes,
    bytesMax: bytes === undefined ? undefined : 2e9,
  })),
  warnings: [],
};

/** The answer of the node at a port after that of others. */
export function nodeAnswer(slot: number, others: Partial<NodeStatus> = {}): NodeAnswer {
  const node: NodeStatus = {
    kind: "NODE_IS",
    cluster: "c0".repeat(16),
    name: `node-${slot}`,
    n: 40,
    lag: 0,
    epoch: 1,
    executed: 1204,
    lastEntry: 1000,
    logBytes: 0,
    logBytesMax: 0,
    digest: "1a23001331a906",
    sessions: 1,
    waiting: 0,
    memoryBytes: 78_400_000,
    uptimeMs: 7_500_000,
    halted: undefined,
    nodes: [],
    engine: engineStatus,
    history: undefined,
    files: undefined,
    ...others,
  };
  return { address: `127.0.0.1:${8892 + slot}`, node };
}
