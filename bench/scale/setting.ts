/**
 * What the model is asked for, and what it shows.
 *
 * @module
 */

import type { Figures } from "./constants.ts";
import type { Load } from "./loads.ts";

/** What fails, and when. */
export type Fault =
  | { readonly kind: "leader"; readonly atMs: number; readonly partition: number }
  | { readonly kind: "node"; readonly atMs: number; readonly partition: number; readonly isSilent: boolean }
  | { readonly kind: "cluster"; readonly atMs: number; readonly partition: number; readonly lastsMs: number }
  | { readonly kind: "gateway" | "follower"; readonly atMs: number };

/** A system under a load. */
export interface Setting {
  readonly seed: number;
  readonly load: Load;
  /** For how long reports come. */
  readonly lastsMs: number;
  readonly partitions: number;
  /** Nodes of each partition. */
  readonly nodes: number;
  /** Gateways that take reports, and those that follow. */
  readonly gateways: number;
  readonly followers: number;
  readonly watchers: number;
  readonly fault?: Fault;
  /** When the sites of half of each partition begin to move to a new one; each partition a second after the other. */
  readonly splitAtMs?: number;
  readonly sites: number;
  /** Other figures than those of constants.ts. */
  readonly figures?: Partial<Figures>;
  /** Milliseconds for each one of processor time of nodes; absent: 1. */
  readonly slowdown?: number;
  /** Instead of the load: sessions, the gateways, that send one report after the other. */
  readonly isClosed?: boolean;
  /** Commands of each report: requests in which many travel. Absent: 1. */
  readonly together?: number;
}

/** A report on its way. */
export interface Report {
  readonly atMs: number;
  /** Decides the partition, as a hash of the site does. */
  readonly hash: number;
  readonly bytes: number;
}

/** How busy the busiest of each kind was, as parts of 1. */
export interface Busy {
  readonly gateway: number;
  readonly node: number;
  readonly etcd: number;
  readonly follower: number;
}

/** The outcomes of a run. */
export interface Seen {
  /** Milliseconds until the outcome of each report, as they came. */
  readonly reports: readonly { readonly atMs: number; readonly ms: number; readonly partition: number }[];
  /** Milliseconds until a watcher has it, a sample for each report and follower of the model. */
  readonly visible: readonly number[];
  readonly busy: Busy;
  /** Reports without an outcome at the end. */
  readonly left: number;
  /** Records of all partitions. */
  readonly records: number;
}
