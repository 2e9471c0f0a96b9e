/**
 * What kinds of schedules there are: each draws its options from the seed, within other bounds.
 *
 * @module
 */

/** Bounds from and to, both included. */
type Range = readonly [from: number, to: number];

/** The bounds of a schedule's options. */
export interface Profile {
  readonly replicas: Range;
  readonly clients: Range;
  readonly steps: Range;
  /** How often something is submitted, against 60 deliveries. */
  readonly submits: readonly number[];
  /** How probable each kind of trouble is, and how often it occurs then, against what it says itself. */
  readonly trouble: { readonly chance: number; readonly weight: number };
  /** How often a link becomes slow, against 60 deliveries. */
  readonly slowness: readonly number[];
  /** How probable it is that a client never reaches one of the replicas. */
  readonly cutOff: number;
}

/** All of them. */
export const profiles = {
  /** Few clients, and whatever may go wrong. */
  troubled: {
    replicas: [1, 5],
    clients: [1, 4],
    steps: [50, 700],
    submits: [4, 12, 30],
    trouble: { chance: 0.6, weight: 1 },
    slowness: [0, 1, 4, 10],
    cutOff: 0,
  },
  /** Many clients and requests, long views, and clients that cannot reach everybody: replicas fall behind each other. */
  busy: {
    replicas: [2, 5],
    clients: [3, 9],
    steps: [300, 1_500],
    submits: [12, 30, 60],
    trouble: { chance: 0.3, weight: 0.3 },
    slowness: [0, 0, 1, 4],
    cutOff: 0.3,
  },
} as const satisfies Record<string, Profile>;

/** The name of a profile. */
export type ProfileName = keyof typeof profiles;
