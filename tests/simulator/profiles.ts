/**
 * What kinds of schedules there are: each draws its options from the seed, within other bounds.
 *
 * @module
 */

import type { SlowKind } from "./slow_links.ts";

/** Bounds from and to, both included. */
type Range = readonly [from: number, to: number];

/** The bounds of a schedule's options. */
export interface Profile {
  readonly replicas: Range;
  readonly clients: Range;
  readonly steps: Range;
  /** How often something is submitted, against 60 deliveries. */
  readonly submits: readonly number[];
  /** How often something is read, against 60 deliveries. */
  readonly reads: readonly number[];
  /** How probable each kind of trouble is, and how often it occurs then, against what it says itself. */
  readonly trouble: { readonly chance: number; readonly weight: number };
  /** How often a link becomes slow, against 60 deliveries. */
  readonly slowness: readonly number[];
  /** Which links may be slow. */
  readonly slowKinds: readonly SlowKind[];
  /** How often a replica hears of a death, against 60 deliveries. */
  readonly words: number;
  /** How probable it is that the replicas have disks. */
  readonly durable: number;
  /** How probable it is that hours pass, so that sessions expire. */
  readonly hours: number;
  /** How probable it is that two processes use one session. */
  readonly twins: number;
  /** How probable it is that disks are lost, and that somebody uses `--force-from` or `--restore`. */
  readonly operators: number;
  /** How probable it is that a client never reaches one of the replicas. */
  readonly cutOff: number;
  /** How probable it is that some clients lie, and how many. */
  readonly liars: { readonly chance: number; readonly count: Range };
  /**
   * How often a coordinator dies with a decision that only it and clients know, against 60 deliveries; absent: never.
   */
  readonly lone?: number;
  /** How often a disk gets too little room for changes, or room again, against 60 deliveries; absent: never. */
  readonly full?: number;
}

/** All of them. */
export const profiles = {
  /** Few clients, and whatever may go wrong. */
  troubled: {
    replicas: [1, 5],
    clients: [1, 4],
    steps: [50, 700],
    submits: [4, 12, 30],
    reads: [0, 2, 8],
    trouble: { chance: 0.6, weight: 1 },
    slowness: [0, 1, 4, 10],
    slowKinds: ["mesh", "clients", "all"],
    words: 4,
    durable: 0.4,
    hours: 0.01,
    twins: 0.03,
    operators: 0.05,
    cutOff: 0,
    liars: { chance: 0.2, count: [1, 2] },
  },
  /**
   * Many clients and requests, long views, and clients that cannot reach everybody: replicas fall behind each other.
   */
  busy: {
    replicas: [2, 5],
    clients: [3, 9],
    steps: [300, 1_500],
    submits: [12, 30, 60],
    reads: [2, 8, 20],
    trouble: { chance: 0.3, weight: 0.3 },
    slowness: [0, 0, 1, 4],
    slowKinds: ["mesh", "clients", "all"],
    words: 4,
    durable: 0.4,
    hours: 0,
    twins: 0.03,
    operators: 0,
    cutOff: 0.3,
    liars: { chance: 0.2, count: [1, 2] },
  },
  /** Links that are slow all the time, so that what is old meets what is new: proposals of one view compete. */
  slow: {
    replicas: [3, 5],
    clients: [1, 3],
    steps: [200, 700],
    submits: [4, 12, 30],
    reads: [0, 4, 12],
    trouble: { chance: 0.5, weight: 0.5 },
    slowness: [0, 2, 5],
    slowKinds: ["mesh", "mesh", "clients", "all"],
    words: 20,
    durable: 0.3,
    hours: 0,
    twins: 0,
    operators: 0,
    cutOff: 0,
    liars: { chance: 0.2, count: [1, 2] },
  },
  /** Disks, their loss, and what a person does then. */
  disks: {
    replicas: [1, 4],
    clients: [1, 4],
    steps: [100, 700],
    submits: [4, 12, 30],
    reads: [0, 2, 8],
    trouble: { chance: 0.6, weight: 1 },
    slowness: [0, 1, 4],
    slowKinds: ["mesh", "clients", "all"],
    words: 4,
    durable: 0.9,
    hours: 0,
    twins: 0,
    operators: 0.6,
    cutOff: 0,
    liars: { chance: 0.2, count: [1, 2] },
  },
  /** Sessions that expire, end, or are used by two. */
  sessions: {
    replicas: [1, 4],
    clients: [2, 5],
    steps: [50, 400],
    submits: [4, 12],
    reads: [2, 8],
    trouble: { chance: 0.6, weight: 1 },
    slowness: [0, 1, 4],
    slowKinds: ["mesh", "clients", "all"],
    words: 4,
    durable: 0.3,
    hours: 0.7,
    twins: 0.3,
    operators: 0,
    cutOff: 0.1,
    liars: { chance: 0.2, count: [1, 2] },
  },
  /** Decisions that only a dead coordinator and clients know, and requests that only some members have. */
  lone: {
    replicas: [2, 4],
    clients: [2, 4],
    steps: [100, 400],
    submits: [12, 30],
    reads: [0, 8],
    trouble: { chance: 0.5, weight: 0.5 },
    slowness: [2, 6],
    slowKinds: ["clients", "all"],
    words: 10,
    durable: 0.4,
    hours: 0,
    twins: 0,
    operators: 0,
    cutOff: 0,
    lone: 25,
    liars: { chance: 0.2, count: [1, 2] },
  },
  /** Disks that have too little room for changes for a while: some of them, or all. */
  full: {
    replicas: [1, 4],
    clients: [1, 4],
    steps: [100, 500],
    submits: [4, 12, 30],
    reads: [2, 8],
    trouble: { chance: 0.5, weight: 0.6 },
    slowness: [0, 1, 4],
    slowKinds: ["mesh", "clients", "all"],
    words: 6,
    durable: 0.7,
    hours: 0,
    twins: 0.03,
    operators: 0,
    cutOff: 0.1,
    full: 4,
    liars: { chance: 0.2, count: [1, 2] },
  },
  /** Replicas of the database that seal its history (`sealing.ts`), in all other kinds of trouble. */
  sealing: {
    replicas: [1, 4],
    clients: [1, 5],
    steps: [100, 900],
    submits: [12, 30, 60],
    reads: [0, 2, 8],
    trouble: { chance: 0.5, weight: 0.7 },
    slowness: [0, 1, 4],
    slowKinds: ["mesh", "clients", "all"],
    words: 6,
    durable: 0.7,
    hours: 0.01,
    twins: 0.03,
    operators: 0.35,
    cutOff: 0.1,
    liars: { chance: 0.1, count: [1, 2] },
  },
  /** Clients that lie, in all other kinds of trouble. */
  liars: {
    replicas: [2, 5],
    clients: [1, 4],
    steps: [100, 700],
    submits: [4, 12, 30],
    reads: [0, 2, 8],
    trouble: { chance: 0.5, weight: 0.6 },
    slowness: [0, 1, 4],
    slowKinds: ["mesh", "clients", "all"],
    words: 8,
    durable: 0.4,
    hours: 0.05,
    twins: 0.03,
    operators: 0.05,
    cutOff: 0.1,
    liars: { chance: 1, count: [1, 3] },
  },
} as const satisfies Record<string, Profile>;

/** The name of a profile. */
export type ProfileName = keyof typeof profiles;
