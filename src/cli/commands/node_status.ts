/**
 * How the nodes of a cluster are, and the engine that gives them their order, as `status` prints it.
 *
 * @module
 */

import { fullnessOf, largestLog } from "../../database/fullness.ts";
import {
  bestSeen,
  compareAddresses,
  membersMayFail,
  nodesHealthOf,
  nodesMayFailText,
  nodeStateOf,
  quotaOf,
  type SeenMember,
} from "../../front/node_health.ts";
import { warningsOf } from "../../files_words.ts";
import { wrapped } from "../../front/layout.ts";
import { formatSpan } from "../../front/spans.ts";
import { version } from "../../front/version.ts";
import { amountOf } from "../../history_words.ts";
import type { NodeAnswer, StatusAnswer } from "../../net/client/status.ts";
import { printable } from "../../quoted.ts";
import { marking } from "../marking.ts";
import { asClause } from "../failures.ts";
import { jsonLine } from "../render.ts";
import type { Surroundings } from "../surroundings.ts";
import { type TableColumn, tableFor } from "../table.ts";
import { type ProbeResult, sizeFields, sizeOf } from "./probe.ts";

/** A node, or an address at which none answers. */
type AskedNode = NodeAnswer | Extract<StatusAnswer, { readonly reason: string }>;

/** What `status` knows of nodes. */
export type NodeFindings = ReturnType<typeof findNodes>;

/** Brings together what nodes have answered. A replica is of another cluster. */
export function findNodes(probe: ProbeResult, answers: readonly (StatusAnswer | NodeAnswer)[]) {
  const asked = answers.toSorted(compareAddresses).map((answer): AskedNode =>
    "status" in answer ? { address: answer.address, reason: "is a replica, and not a node" } : answer
  );
  const heard = asked.filter((it) => "node" in it);
  const nodes = heard.map(({ node }) => node);
  const log = fullnessOf(largestLog(nodes));
  return { probe, asked, heard, log, engine: bestSeen(nodes), health: nodesHealthOf(probe, log, nodes) };
}

/** Whether nothing is wrong: the exit code depends on it. */
export function areNodesWell({ health, asked }: NodeFindings): boolean {
  return health.isHealthy && asked.every((it) => "node" in it && it.node.halted === undefined);
}

/** The findings as one object of JSON. */
export function nodesJson({ probe, asked, heard, log, engine, health }: NodeFindings): string {
  return `${
    jsonLine({
      healthy: health.isHealthy,
      reason: health.reason,
      ...sizeFields(probe),
      logPercent: log?.percent,
      logFull: log?.isFull,
      cluster: heard.at(0)?.node.cluster,
      version,
      nodes: asked.map((it) => {
        if (!("node" in it)) return it;
        const { kind: _kind, cluster: _cluster, engine: _engine, nodes: _nodes, ...figures } = it.node;
        return { address: it.address, state: nodeStateOf(it.node), ...figures };
      }),
      engine: engine && {
        ...engine,
        mayFail: membersMayFail(engine),
        quotaPercent: quotaOf(engine)?.percent,
      },
    })
  }\n`;
}

const columns: readonly TableColumn<NodeAnswer>[] = [
  { head: "node", rank: 0, widthMin: 15, cell: ({ address }) => address },
  { head: "state", rank: 0, widthMin: 7, cell: ({ node }) => nodeStateOf(node) },
  { head: "record", rank: 2, isFigure: true, cell: ({ node }) => String(node.n) },
  { head: "lag", rank: 1, isFigure: true, cell: ({ node }) => String(node.lag) },
  { head: "executed", rank: 4, isFigure: true, cell: ({ node }) => String(node.executed) },
  { head: "digest", rank: 3, widthMin: 14, cell: ({ node }) => node.digest },
  { head: "waiting", rank: 6, isFigure: true, cell: ({ node }) => String(node.waiting) },
  { head: "memory", rank: 5, isFigure: true, cell: ({ node }) => `${Math.round(node.memoryBytes / 1e6)} MB` },
  { head: "uptime", rank: 7, widthMin: 6, cell: ({ node }) => formatSpan(node.uptimeMs) },
];

const memberColumns: readonly TableColumn<SeenMember>[] = [
  { head: "member of etcd", rank: 0, widthMin: 15, cell: ({ address }) => printable(address) },
  {
    head: "state",
    rank: 0,
    widthMin: 9,
    cell: ({ failure, isLeader }) => failure !== undefined ? "no answer" : isLeader ? "leader" : "follower",
  },
  { head: "version", rank: 2, widthMin: 6, cell: ({ version = "-" }) => printable(version) },
  { head: "data", rank: 1, isFigure: true, cell: ({ bytes }) => bytes === undefined ? "-" : amountOf(bytes) },
];

/** The findings for people. */
export function nodesText(findings: NodeFindings, around: Surroundings): string {
  const { probe, asked, heard, log, engine, health } = findings;
  const mark = marking(around.hasColour);
  const isPerfect = areNodesWell(findings) && (engine?.hasQuorum ?? false);
  const head = probe.size === undefined
    ? mark("bad", `${health.text}: ${asClause(printable(probe.reason))}`)
    : `${mark(!health.isHealthy ? "bad" : isPerfect ? "good" : "notice", health.text)}; ${sizeOf(probe.size)}`;
  const nodes = tableFor(columns, around);
  const members = tableFor(memberColumns, around);
  const tables = [
    heard.length === 0 ? "" : nodes.rows(heard) + nodes.end(),
    engine === undefined || engine.members.length === 0 ? "" : members.rows(engine.members) + members.end(),
  ];
  const bad = (text: string) => mark("bad", printable(text));
  const quota = engine && quotaOf(engine);
  const lines = [
    ...asked.flatMap((it) => "node" in it ? [] : [`The node at ${printable(it.address)} ${printable(it.reason)}`]),
    ...heard.flatMap(({ address, node }) => node.halted === undefined ? [] : [bad(`${address}: ${node.halted}`)]),
    ...heard.flatMap(({ address, node }) => warningsOf(node).map((it) => bad(`${address}: ${it}`))),
    ...health.reason !== undefined && probe.size !== undefined ? [bad(health.reason)] : [],
    ...engine?.warnings.map((it) => mark("notice", printable(it))) ?? [],
    nodesMayFailText(heard.map(({ node }) => node), engine).replace(/^./, (first) => first.toUpperCase()),
    ...quota === undefined ? [] : [`The engine has ${quota.percent} % of its quota: ${amountOf(quota.bytes)}`],
    ...log === undefined ? [] : [log.text],
  ];
  const fit = (text: string) => wrapped(text, around.columns());
  return `${fit(head)}\n${tables.join("")}${fit(lines.join("\n"))}\n`;
}
