/**
 * The identifiers that the whole protocol is built from.
 *
 * Lamport (1978) orders events by a logical timestamp and breaks ties by process; here a request is
 * ordered by its {@link Uid}: the timestamp first, then the client that stamped it.
 *
 * @module
 */

/** A Lamport timestamp: a safe integer, 0 before the first event. */
export type Timestamp = number;

/**
 * A replica, unique per incarnation: a restarted replica has another id. The slot (what a person types, 0-based)
 * and the incarnation (0 for a replica that was there at the start) are both in it, see {@link replicaId}.
 */
export type ReplicaId = number;

/**
 * A client session: 32 lower-case hexadecimal digits, the first 128 bits of the SHA-256 of the session's secret.
 * Being ASCII, ids are compared with `<`.
 */
export type ClientId = string;

/** The id that no other one comes after. */
export const lastClientId: ClientId = "f".repeat(32);

/** How many slots a cluster can ever have; a ReplicaId is `incarnation * slotsMax + slot`. */
export const slotsMax = 64;

/** The id of the replica in `slot` that was started `incarnation` times before; the oldest sort first. */
export function replicaId(slot: number, incarnation: number): ReplicaId {
  return incarnation * slotsMax + slot;
}

/** The slot of a replica: the 0-based number that a person knows it by. */
export function slotOf(id: ReplicaId): number {
  return id % slotsMax;
}

/** How many replicas ran in the slot before this one. */
export function incarnationOf(id: ReplicaId): number {
  return Math.floor(id / slotsMax);
}

/** A replica as clients and other replicas know it: who it is and where it listens. */
export interface Member {
  /** Which replica it is. */
  readonly id: ReplicaId;
  /** `host:port`. */
  readonly address: string;
}

/** What orders requests: a timestamp, and the client that breaks ties (Lamport 1978, the relation "=>"). */
export interface Uid {
  /** The time, by the clock of the client. */
  readonly ts: Timestamp;
  /** The client. */
  readonly client: ClientId;
}

/** Negative if the uid (`ts`, `client`) comes before `b`, positive if after, 0 if they are the same. */
export function compareUid(a: Uid, b: Uid): number {
  if (a.ts !== b.ts) return a.ts - b.ts;
  return a.client < b.client ? -1 : a.client > b.client ? 1 : 0;
}

/** The later of two uids. */
export function laterUid(a: Uid, b: Uid): Uid {
  return compareUid(a, b) < 0 ? b : a;
}

/** The uid before all others. */
export const firstUid: Uid = { ts: 0, client: "0".repeat(32) };
