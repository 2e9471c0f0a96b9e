/**
 * What the protocol asks of the database: a deterministic state machine (Schneider, State Machine Approach, section 2).
 *
 * @module
 */

import type { ComparedSegment, Sealing, SegmentPlace, SegmentRef } from "./history.ts";
import type { AccessRole } from "./roles.ts";
import type { Restoring, Snapshot } from "./snapshot.ts";

export type { Restoring, Snapshot } from "./snapshot.ts";

/** Entries of a log, one after the other without gaps. */
export interface Entries {
  /** As in the output of a page of changes. */
  readonly bytes: Uint8Array;
  /** The index of the last one. */
  readonly last: number;
}

/** How much of the room for its log is taken. */
export interface LogSize {
  /** Bytes that are taken. */
  readonly bytes: number;
  /** Once more are taken, every change is refused. */
  readonly bytesMax: number;
}

/**
 * A deterministic state machine: its outputs are completely determined by the sequence of requests that it processes,
 * independent of time and of any other activity. No clock, no randomness, no input but the commands.
 */
export interface StateMachine {
  /**
   * Applies the commands of one request in their order.
   *
   * Never throws: a command that makes no sense has an output that says so.
   *
   * @param commands a well-formed batch, see `batch.ts`; good only during the call.
   * @returns a batch with one output per command, at most `batchBytesMax` bytes; the caller keeps it.
   */
  apply(commands: Uint8Array): Uint8Array;

  /**
   * Answers commands that change nothing, in their order, from the present state.
   *
   * @param commands a well-formed batch; good only during the call.
   * @returns a batch with one output per command, as of {@link apply}; undefined if one of the commands may change
   * something: then nothing was done.
   * @throws {UnreadableError} if they need sealed history that cannot be read here; nothing was done.
   */
  read(commands: Uint8Array): Uint8Array | undefined;

  /**
   * The role that commands need: that of the one that needs the most; `read` where none changes anything. It depends on
   * the commands alone, so all replicas say the same. Absent: a command needs `report`.
   *
   * @param commands a well-formed batch; good only during the call.
   */
  neededRole?(commands: Uint8Array): AccessRole;

  /**
   * The name of a token, other than this one, that a command says was used; undefined: none does. Absent: no command
   * says whose token was used.
   *
   * @param commands a well-formed batch; good only during the call.
   */
  otherBy?(commands: Uint8Array, name: string): string | undefined;

  /** The whole state, as bytes that later commands do not change. Takes a few milliseconds, however large the state. */
  freeze(): Snapshot;

  /** Begins to read a state that {@link freeze} gave, which takes the place of the present one when it is whole. */
  restoring(): Restoring;

  /**
   * Whether it has read a state of an earlier version, whose rules it keeps until {@link renewing}. So a journal of
   * then has the outputs of then; absent: it never has.
   */
  readonly isEarlier?: boolean;

  /** Takes such a state over, in short steps. Nothing else may be done before all are done. */
  renewing?(): Generator<void, void>;

  /**
   * Takes the bound away that a log of an earlier version keeps, for a start from a backup: all replicas do it there,
   * and before anything else is executed. Absent: no log keeps one.
   */
  liftBound?(): void;

  /**
   * Goes back, in short steps, to the state after an entry; absent: it cannot. Redactions that came later are kept.
   * Each step gives the index, of all entries up to {@link lastEntry}, that it has come to.
   *
   * @param last the index of the entry, from 1 to {@link lastEntry}.
   * @returns how many redactions were added behind it.
   */
  rewinding?(last: number): Generator<number, number>;

  /** The index of the last entry of the log. */
  readonly lastEntry: number;

  /** How full the log is; absent: it has no bound. */
  readonly logSize?: LogSize;

  /**
   * The entries after `after`, encoded as in the output of changes-page: as many as fit `bytesMax`, at least one if one
   * exists. Undefined if none exists; "notYet" if they are in the sealed history and not read yet.
   *
   * @returns the entries, good also after later commands, and the index of the last one of them.
   * @throws {UnreadableError} if they are in the sealed history, and that cannot be read here.
   */
  entriesAfter(after: number, bytesMax: number): Entries | "notYet" | undefined;

  /**
   * Reads a part of the sealed history, for those whom {@link entriesAfter} has told that it is not read yet: in less
   * than a millisecond. Those who read different parts take turns. Absent: the machine has no sealed history.
   *
   * @param nowMs what time it is, in milliseconds of a clock that only goes forward.
   * @returns whether it has; if not, there is nothing to read before somebody asks again, or time passes.
   */
  readHistory?(nowMs: number): boolean;

  // Sealing: a machine that cannot seal its history has none of the following, one that can has all.

  /**
   * The next segment to seal: an old one whose log is still in memory. Undefined: there is none yet. Which segments are
   * old follows from the commands alone. Segments of a kind are sealed in their order.
   */
  readonly unsealed?: SegmentPlace;

  /** Bytes of memory that sealing all old segments would free, about. */
  readonly unsealedBytes?: number;

  /**
   * Begins to seal the segment {@link unsealed}. What it makes follows from the commands alone, however the steps and
   * later commands alternate; only entries that are redacted meanwhile may be in it as they were
   * ({@link redactionsDue}). Nothing has to be said of a sealing that is given up.
   *
   * @throws {Error} if there is none.
   */
  sealing?(): Sealing;

  /**
   * Says that a segment is durable and named: either {@link unsealed}, whose log is dropped, or one that was sealed
   * before and has another digest, because entries of it were redacted. From then on the machine reads it through its
   * reader. No output depends on it.
   *
   * @throws {Error} if it is neither.
   */
  sealed?(ref: SegmentRef): void;

  /** The segments that were sealed, in the order of their numbers, those of entries first. */
  readonly named?: readonly SegmentRef[];

  /**
   * How a segment was sealed, at once: machines that have applied the same commands, and have both sealed it, have
   * the same then. "due": it may have what was redacted since ({@link redactionsDue}). Undefined: it was not sealed.
   */
  sealedAs?(place: SegmentPlace): ComparedSegment | "due" | undefined;

  /**
   * The sealed segments that may have what entries say of people which were redacted since: each is to be written
   * again, and then told to {@link sealed}, also if its digest has stayed the same.
   */
  readonly redactionsDue?: readonly SegmentPlace[];

  /**
   * Begins to write a segment of entries again: says which entries were redacted. What it gives stays as it is; if
   * others of the segment are redacted before {@link sealed} is called, that leaves the segment due.
   */
  redacting?(number: number): (index: number) => boolean;
}

/** The log of a state machine, for parts that may only read it. */
export type EntryLog = Pick<StateMachine, "lastEntry" | "entriesAfter" | "readHistory">;
