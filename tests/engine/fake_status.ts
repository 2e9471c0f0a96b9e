/**
 * What a node says of itself, for tests of those that hear it.
 *
 * @module
 */

import type { NodeStatus } from "../../src/engine/wire/node_messages.ts";

/** The status of a node that has done nothing, except as it is said. */
export function nodeStatus(said: Partial<NodeStatus> = {}): NodeStatus {
  return {
    kind: "NODE_IS",
    cluster: "0".repeat(32),
    name: "n0-0000000000",
    n: 0,
    lag: 0,
    epoch: 1,
    executed: 0,
    lastEntry: 0,
    logBytes: 0,
    logBytesMax: 0,
    digest: "0".repeat(14),
    sessions: 0,
    waiting: 0,
    memoryBytes: 0,
    uptimeMs: 0,
    halted: undefined,
    nodes: [],
    engine: { hasQuorum: true, members: [], warnings: [] },
    history: undefined,
    files: undefined,
    ...said,
  };
}
