/**
 * The seam between a node and what gives the order: a consensus store that somebody else keeps.
 *
 * An engine keeps one order of records, 1, 2, 3 without a gap, and a snapshot of the state before some record. It
 * knows nothing of what the records say. Many nodes use one order at once; each opens it with a name of its own.
 *
 * Outcomes are sorted into three, and nothing else counts: what happened; {@link EngineRefusedError}, a definite no;
 * and {@link EngineUnknownError}. An engine never reports a failure that may be a success, and never waits beyond the
 * deadline that it is given.
 *
 * @module
 */

import type { Cut, LogRecord, NodeSaying, OrderPlace } from "./core/order.ts";

/** It was not done, and never will be: a definite outcome. The message says why, and what to do. */
export class EngineRefusedError extends Error {
  override name = "EngineRefusedError";
  /** Whether trying again is of no use: the wrong version, no rights, keys that are not those of this format. */
  readonly isFinal: boolean;

  constructor(message: string, options: ErrorOptions & { isFinal?: boolean } = {}) {
    super(message, options);
    this.isFinal = options.isFinal ?? false;
  }
}

/** Nobody knows whether it was done, or will be. Doing it again is safe, because everything here may be done twice. */
export class EngineUnknownError extends Error {
  override name = "EngineUnknownError";
}

/** Records after a place were deleted, because there is a snapshot of a later state: open the order again. */
export class CompactedError extends Error {
  override name = "CompactedError";
}

/** A snapshot in the engine. */
export interface StoredSnapshot {
  readonly cut: Cut;
  /** How many bytes it has. */
  readonly bytes: number;
  /**
   * Its bytes, in pieces.
   *
   * @throws {EngineRefusedError} if they are not what was written.
   */
  pieces(): AsyncIterable<Uint8Array>;
}

/** An order that was opened. */
export interface OpenedOrder {
  /** The id of the cluster, made with the order: 32 lower-case hexadecimal digits. */
  readonly cluster: string;
  /** The present epoch. */
  readonly epoch: number;
  /** The latest snapshot; undefined: none yet, all records are there. */
  readonly snapshot: StoredSnapshot | undefined;
}

/** How an engine is, for people. */
export interface EngineHealth {
  /** Whether a majority of its members has answered in time. */
  readonly hasQuorum: boolean;
  readonly members: readonly EngineMember[];
  /** A sentence for each thing that a person should do. */
  readonly warnings: readonly string[];
}

/** One member of an engine. */
export interface EngineMember {
  readonly address: string;
  /** Why it gives no status; undefined: it has given one. */
  readonly failure?: string;
  readonly version?: string;
  readonly isLeader?: boolean;
  /** Bytes of its data, and the most that it may have; undefined: nobody knows. */
  readonly bytes?: number;
  readonly bytesMax?: number;
}

/** An order of records that somebody else keeps. Deadlines are milliseconds from the call on. */
export interface Engine {
  /**
   * Opens the order, or makes it where there is none. May be called again at any time.
   *
   * @throws {EngineRefusedError} if it cannot be used: see `isFinal`.
   * @throws {EngineUnknownError} if the engine does not answer.
   */
  open(deadlineMs: number): Promise<OpenedOrder>;

  /**
   * Gives the records after a place, and then those that come. It may give one twice, or leave one out: the numbers
   * tell. It ends when the engine does not answer, or its connection does: follow it again.
   *
   * @param reread whether to read what is there record by record, since events were lost.
   * @param signal ends it.
   * @param onComing is called when something has come and no record is whole or in its place yet.
   * @throws {CompactedError} if records after the place were deleted: open the order again.
   * @throws {EngineRefusedError} if it cannot be used.
   */
  follow(
    after: OrderPlace,
    reread: boolean,
    signal: AbortSignal,
    onComing?: () => void,
  ): AsyncIterable<readonly LogRecord[]>;

  /**
   * Appends a record to the order, in the present epoch. The same lane and k are the same record, for ever: if it is
   * in the order already, it is not appended again. (If a snapshot has taken its place meanwhile, it may be.)
   *
   * @param lane a number below 256; two appends of different lanes may be ordered in any way.
   * @param k counts the records of the lane from 1.
   * @returns the number of the record in the order, or 0 if it was appended before and nobody knows that any more.
   * @throws {EngineRefusedError} it is not in the order, and this attempt will not put it there.
   * @throws {EngineUnknownError} nobody knows; append it again.
   */
  append(lane: number, k: number, bytes: Uint8Array, deadlineMs: number): Promise<number>;

  /**
   * The number of the last record that anybody can have had an answer to when this was called, or of a later one.
   *
   * @throws {EngineUnknownError} if no majority has answered in time.
   */
  barrier(deadlineMs: number): Promise<number>;

  /**
   * Begins the epoch after `after`, unless somebody has.
   *
   * @returns whether this call has.
   * @throws {EngineRefusedError} it has not.
   * @throws {EngineUnknownError} nobody knows.
   */
  beginEpoch(after: number, deadlineMs: number): Promise<boolean>;

  /**
   * Keeps a snapshot. It counts when all of it is there.
   *
   * @throws {EngineRefusedError} it was not kept.
   * @throws {EngineUnknownError} nobody knows; later records stay in any case.
   */
  putSnapshot(cut: Cut, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;

  /**
   * Deletes the records before those of an epoch, if there is a snapshot for it, and snapshots older than the one
   * before that.
   *
   * @throws {EngineRefusedError} nothing was deleted.
   * @throws {EngineUnknownError} nobody knows; doing it again is safe.
   */
  trim(epoch: number, deadlineMs: number): Promise<void>;

  /** How the engine is; never throws. */
  health(deadlineMs: number): Promise<EngineHealth>;

  /**
   * Says something of this node to all others. It is forgotten some seconds later.
   *
   * @returns what the others have said.
   * @throws {EngineRefusedError} or {EngineUnknownError}: it does not matter, say the next thing later.
   */
  announce(saying: NodeSaying, deadlineMs: number): Promise<readonly NodeSaying[]>;

  /** Ends everything that is under way. */
  close(): Promise<void>;
}
