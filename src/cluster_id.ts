/**
 * The id of a cluster with data, and how often a part of its past was given up.
 *
 * Clients know a cluster by its id. A cluster that `--force-from` has started may be in an earlier view than clients
 * have seen, and they would wait for ever for a later view (rule C2). So it is another cluster for clients. For the
 * files of its replicas, it is the same cluster.
 *
 * @module
 */

import type { ReplicaId } from "./uid.ts";

/**
 * A use of `--force-from`: among the replicas that started before it, with incarnations below `below`, only `kept`
 * counts. All others were given up, whatever their files say.
 */
export interface GivenUp {
  readonly kept: ReplicaId;
  readonly below: number;
}

/** Hexadecimal digits that say who it is; the rest of the 32 say what was given up. */
const identityDigits = 24;

/** The id of the cluster now. */
export function clusterIdOf(cluster: string, givenUp: GivenUp | undefined): string {
  const generation = (givenUp?.below ?? 0) % 2 ** 32;
  return cluster.slice(0, identityDigits) + generation.toString(16).padStart(32 - identityDigits, "0");
}

/** Whether the ids are those of one cluster, whatever was given up in between. */
export function isSameCluster(a: string, b: string): boolean {
  return a.slice(0, identityDigits) === b.slice(0, identityDigits);
}
