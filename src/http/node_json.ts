/**
 * Nodes, and the engine that gives them their order, in JSON.
 *
 * @module
 */

import {
  bestSeen,
  compareAddresses,
  membersMayFail,
  nodeStateOf,
  quotaOf,
  type SeenNode,
} from "../front/node_health.ts";
import type { NodeAnswer, StatusAnswer } from "../net/client/status.ts";

/** The answer of a replica or of a node to the question how it is, or an address at which neither answers. */
export type Answer = StatusAnswer | NodeAnswer;

/** Whether nodes are asked, as far as the answers tell. */
export function areNodes(answers: readonly Answer[]): boolean {
  return answers.some((answer) => "node" in answer);
}

/** The nodes that have answered. */
export function nodesIn(answers: readonly Answer[]): readonly NodeAnswer["node"][] {
  return answers.flatMap((answer) => "node" in answer ? [answer.node] : []);
}

/** Each node, or why it says nothing; and the engine as the node sees it that sees the most of it. */
export function nodesOf(answers: readonly Answer[]): Readonly<Record<string, unknown>> {
  const nodes: readonly SeenNode[] = nodesIn(answers);
  const engine = bestSeen(nodes);
  const serving = nodes.filter((node) => ["up", "behind"].includes(nodeStateOf(node))).length;
  return {
    nodes: answers.toSorted(compareAddresses).map((answer) => {
      const { address } = answer;
      if (!("node" in answer)) return { address, reason: "reason" in answer ? answer.reason : "is a replica" };
      const { kind: _k, cluster: _c, engine: _e, nodes: _n, ...figures } = answer.node;
      return { address, state: nodeStateOf(answer.node), ...figures };
    }),
    nodesMayFail: Math.max(0, serving - 1),
    engine: engine && { ...engine, mayFail: membersMayFail(engine), quotaPercent: quotaOf(engine)?.percent },
  };
}
