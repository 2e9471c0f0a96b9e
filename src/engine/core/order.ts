/**
 * The words that an order and its nodes share: what a record of it is, and where it stands.
 *
 * @module
 */

/** Where a node stands in the order: it has everything up to here. */
export interface OrderPlace {
  /** The number of the last record, 0 before the first: records are numbered 1, 2, 3 without a gap. */
  readonly n: number;
  /** The engine's own mark of that record, which grows with n; 0 before the first. */
  readonly revision: number;
}

/** The place before the first record. */
export const beforeAll: OrderPlace = { n: 0, revision: 0 };

/** One record of the order, as the engine keeps it. Its bytes are hostile until they are decoded. */
export interface LogRecord extends OrderPlace {
  /** The epoch that it was appended in; those of the order never go back. */
  readonly epoch: number;
  /** See `record.ts`. */
  readonly bytes: Uint8Array;
}

/** What a snapshot is of: the state after record n, the last one before those of an epoch. */
export interface Cut extends OrderPlace {
  /** The epoch whose records follow. */
  readonly epoch: number;
  /** How many commands were executed. */
  readonly index: number;
  /** The digest of everything executed; nodes with the same n have the same one. */
  readonly digest: number;
}

/** What a node says of itself: for people, and so that nodes find out if their states differ. */
export interface NodeSaying {
  /** Its name: unique for each start of each node. */
  readonly node: string;
  /** `host:port`, where clients reach it; "": it serves none. */
  readonly address: string;
  /** The number of a record that it has applied. */
  readonly n: number;
  /** The digest of everything executed up to that record. */
  readonly digest: number;
  /** Its clock, in milliseconds since 1970. */
  readonly clockMs: number;
}

/** Why a node refuses something: nothing was or will be executed by this submission of it. */
export const nodeRefusals = [
  /** The session was forgotten. If the command was sent before, nobody knows whether it was executed. */
  "expired",
  /** The session has ended. */
  "ended",
  /** A command of the session before this one was not executed. */
  "gap",
  /** It was executed, and the client has said that it has the output. */
  "confirmed",
  /** As many sessions as there may be are open. */
  "sessions",
  /** Too much waits at this node. */
  "busy",
  /** It says that it was recorded later than this node's clock allows. */
  "clock",
  /** Its deadline has passed before it was sent to the engine. */
  "late",
  /** The engine has refused it. */
  "engine",
  /** A read that could change something. */
  "changes",
  /** Nobody has said in time how far the order has come, so a read could be stale. */
  "noQuorum",
  /** The node has stopped for good. */
  "halted",
] as const;

/** One of {@link nodeRefusals}. */
export type NodeRefusal = typeof nodeRefusals[number];
