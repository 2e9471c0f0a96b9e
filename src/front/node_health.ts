/**
 * How nodes and their engine are, in the words of every place that says so: the command `status`, the API and the page.
 *
 * This module imports nothing but what `health.ts` has, so that the page can use it in a browser.
 *
 * @module
 */

import { type Health, healthOf, type ProbeOutcome } from "../health.ts";

/**
 * What a node is. One that is `behind` knows of records that it has not applied yet; one that is `cut off` sees no
 * majority of the engine; one that is `halted` has stopped for good, and says why.
 */
export type NodeState = "up" | "behind" | "cut off" | "halted";

/** A member of the engine, as a node sees it. */
export interface SeenMember {
  readonly address: string;
  /** Why it gives no status; absent: it has given one. */
  readonly failure?: string;
  readonly version?: string;
  readonly isLeader: boolean;
  /** Bytes of its data, and the most that it may have; absent: nobody knows. */
  readonly bytes?: number;
  readonly bytesMax?: number;
}

/** The engine, as a node sees it. */
export interface SeenEngine {
  readonly hasQuorum: boolean;
  readonly members: readonly SeenMember[];
  /** A sentence without a full stop for each thing that a person should do. */
  readonly warnings: readonly string[];
}

/** How a node describes itself. */
export interface SeenNode {
  readonly name: string;
  /** The last record that it has applied. */
  readonly n: number;
  /** Records that it knows of and has not applied. */
  readonly lag: number;
  /** The digest of all that it has executed. */
  readonly digest: string;
  /** Why it has stopped; absent: it runs. */
  readonly halted?: string;
  readonly engine: SeenEngine;
}

/** What a node is. */
export function nodeStateOf({ halted, lag, engine }: Pick<SeenNode, "halted" | "lag" | "engine">): NodeState {
  if (halted !== undefined) return "halted";
  if (!engine.hasQuorum) return "cut off";
  return lag > 0 ? "behind" : "up";
}

const numeric = new Intl.Collator("en", { numeric: true });

/** The order in which nodes are shown: by their addresses, with ports as numbers. */
export function compareAddresses(one: { readonly address: string }, other: { readonly address: string }): number {
  return numeric.compare(one.address, other.address);
}

/** The engine as the node sees it that sees the most of it; undefined: no node says. */
export function bestSeen(nodes: readonly Pick<SeenNode, "engine">[]): SeenEngine | undefined {
  const answering = ({ members }: SeenEngine) => members.filter(({ failure }) => failure === undefined).length;
  const [best] = nodes.map(({ engine }) => engine).toSorted((one, other) =>
    Number(other.hasQuorum) - Number(one.hasQuorum) || answering(other) - answering(one)
  );
  return best;
}

/** How many more members of the engine may fail before a majority is missing. */
export function membersMayFail({ members }: Pick<SeenEngine, "members">): number {
  const answering = members.filter(({ failure }) => failure === undefined).length;
  const majority = Math.floor(members.length / 2) + 1;
  return Math.max(0, answering - majority);
}

/** How large the engine's data are, at the member that has most of its quota; undefined: nobody says. */
export function quotaOf(
  { members }: Pick<SeenEngine, "members">,
): { readonly bytes: number; readonly bytesMax: number; readonly percent: number } | undefined {
  const shares = members.flatMap(({ bytes, bytesMax }) =>
    bytes === undefined || bytesMax === undefined || bytesMax === 0 ? [] : [{ bytes, bytesMax }]
  );
  const [fullest] = shares.toSorted((one, other) => other.bytes / other.bytesMax - one.bytes / one.bytesMax);
  return fullest && { ...fullest, percent: Math.floor(100 * fullest.bytes / fullest.bytesMax) };
}

/** Two nodes that have come to different states after the same record, as a sentence; undefined: none have. */
export function differenceText(nodes: readonly Pick<SeenNode, "name" | "n" | "digest">[]): string | undefined {
  const seen = new Map<number, Pick<SeenNode, "name" | "digest">>();
  for (const { name, n, digest } of nodes) {
    const other = seen.get(n);
    if (other !== undefined && other.digest !== digest) {
      return `After record ${n}, the nodes ${other.name} and ${name} have different states: stop both, and look`;
    }
    seen.set(n, { name, digest });
  }
}

/**
 * How a cluster of nodes is. As with replicas, what counts is a request that was answered.
 *
 * @param log how full the log is; undefined: it has no bound, or nobody says.
 */
export function nodesHealthOf(
  probe: ProbeOutcome,
  log: { readonly isFull: boolean; readonly text: string } | undefined,
  nodes: readonly SeenNode[],
): Health {
  const difference = differenceText(nodes);
  if (difference !== undefined) return { isHealthy: false, reason: difference, text: "Not healthy: nodes differ" };
  return healthOf(probe, log);
}

/** How many more may fail, as a sentence without a full stop. */
export function nodesMayFailText(nodes: readonly SeenNode[], engine: SeenEngine | undefined): string {
  const serving = nodes.filter((node) => nodeStateOf(node) === "up" || nodeStateOf(node) === "behind").length;
  const spare = Math.max(0, serving - 1);
  const ofNodes = `${spare === 0 ? "no" : spare} more ${spare === 1 ? "node" : "nodes"} may fail`;
  if (engine === undefined) return ofNodes;
  const count = membersMayFail(engine);
  return `${ofNodes}, and ${count === 0 ? "no" : count} more ${count === 1 ? "member" : "members"} of the engine`;
}
