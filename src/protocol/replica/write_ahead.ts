/**
 * What a replica writes to its disk before it says anything, and when a checkpoint takes the place of the journal
 * (rules D1 and D2).
 *
 * Every turn begins with a row of what the journal has noted. A checkpoint replaces all rows in three cases: at the
 * beginning, when the rows have become long, and when a donor's state has replaced the state.
 *
 * @module
 */

import type { SegmentRef } from "../../history.ts";
import { checkpointAfterBytes } from "../../limits.ts";
import { Parts, type Snapshot } from "../../snapshot.ts";
import { type ReplicaId, slotOf } from "../../uid.ts";
import { Journal } from "./journal.ts";
import { freezeCheckpoint, passingCheckpoint, type Recovered, type Standing } from "./recovery.ts";
import type { DiskWrite } from "./replica_events.ts";

/** The disk of one replica, as the protocol sees it. */
export class WriteAhead {
  /** The notes for the end of the turn. */
  readonly journal: Journal = new Journal();
  readonly #standing: () => Standing;
  #checkpointIsDue: boolean;
  #isCheckpointing = false;
  // The snapshot of a donor on its way to the disk.
  #passing: Parts | undefined;
  #passingIsDue: Snapshot | undefined;
  #checkpointBytes: number;
  #journalBytes: number;
  #isEnding = false;
  // What it has goes by the rules of today, and what is on the disk by earlier ones, which no row says yet.
  #isRenewed = false;
  // How many requests had been executed at the end of the last turn.
  #reached: number;

  /**
   * A disk on which nothing is under way.
   *
   * @param standing what the replica is at this moment.
   * @param recovered what was read from it; undefined: a member begins with a checkpoint, a newcomer with nothing.
   */
  constructor(standing: () => Standing, isMember: boolean, recovered: Recovered | undefined) {
    this.#standing = standing;
    this.#checkpointIsDue = recovered === undefined && isMember;
    this.#checkpointBytes = recovered?.checkpointBytes ?? 0;
    this.#journalBytes = recovered?.journalBytes ?? 0;
    this.#reached = recovered?.order.executor.requests ?? 0;
    this.#isRenewed = recovered?.isRenewed ?? false;
    // What a newcomer finds on the disk is that of a member that may be needed yet.
    if (isMember) this.#renew();
  }

  /** A checkpoint is due. Until it is whole, the rows follow on one of an earlier version. */
  #renew(): void {
    if (!this.#isRenewed) return;
    this.#isRenewed = false;
    this.journal.note({ kind: "renewed" });
    this.#checkpointIsDue = true;
  }

  /**
   * A donor feeds this newcomer from where it is: what is on its disk counts as its own from now on.
   *
   * @returns whether that is there; false: a checkpoint is on its way, or due.
   */
  joins(id: ReplicaId): boolean {
    this.#renew();
    this.journal.note({ kind: "joining", id });
    // The snapshot of an earlier donor may still be on its way to the disk.
    if (this.journal.isHeld && !this.#isCheckpointing) this.#checkpointIsDue = true;
    return !this.journal.isHeld && !this.#checkpointIsDue;
  }

  /** The writes that must be on the disk before anything else of this turn. */
  take(): DiskWrite[] {
    const writes: DiskWrite[] = [];
    const { id, isMember, order } = this.#standing();
    const { requests } = order.executor;
    // Where there is one member, its turns make the order, so each turn that executed something says so. In a larger
    // view the uids do, and a turn that only executes asserts nothing new.
    const ordered = order.members.length === 1 && requests !== this.#reached;
    const bytes = this.journal.take(order.position, ordered || this.#isEnding);
    this.#reached = requests;
    if (bytes !== undefined) {
      writes.push({ kind: "journal", bytes });
      this.#journalBytes += bytes.length;
    }
    // After the row, which it covers, as it covers all that was noted before the snapshot began to come.
    if (this.#passingIsDue !== undefined) writes.push({ kind: "checkpoint", snapshot: this.#passingIsDue });
    this.#passingIsDue = undefined;
    // Each replica at another moment: a checkpoint keeps the disk busy, and not all members should be slow at once.
    const share = 1 + (slotOf(id) % 4) / 4;
    const isLong = this.#journalBytes > share * Math.max(checkpointAfterBytes, 2 * this.#checkpointBytes);
    if (this.#checkpointIsDue || (isLong && !this.#isCheckpointing && isMember)) {
      writes.push({ kind: "checkpoint", snapshot: this.#checkpoint() });
    }
    return writes;
  }

  /**
   * A row that names segments, after all other writes of this turn: a checkpoint that began with it does not cover it,
   * since the state in it does not name them. A newcomer seals nothing, so no other state is on its way to the disk.
   */
  naming(segments: readonly SegmentRef[]): DiskWrite {
    const bytes = this.journal.sealed(this.#standing().order.position, segments);
    this.#journalBytes += bytes.length;
    return { kind: "journal", bytes };
  }

  /** The next turn is the last one: a row says how far it has executed, even if it says nothing else. */
  end(): void {
    this.#isEnding = true;
  }

  #checkpoint(): Snapshot {
    const standing = this.#standing();
    const snapshot = freezeCheckpoint(standing);
    // What a newcomer has followed since it was restored is in it.
    if (!standing.isMember) this.journal.hold();
    this.#checkpointIsDue = false;
    this.#begin(snapshot.estimate);
    return snapshot;
  }

  #begin(bytes: number): void {
    this.#isCheckpointing = true;
    this.#checkpointBytes = bytes;
    this.#journalBytes = 0;
  }

  /** The last checkpoint is whole, and on the disk. */
  checkpointed(): void {
    this.#isCheckpointing = false;
    this.journal.release();
  }

  /**
   * The state begins to come from a donor in view `v`. It goes to the disk piece by piece, too, and replaces what is
   * there once it is whole. A checkpoint that was on its way there before gives way.
   *
   * @param estimate about how many bytes the state has.
   */
  restoring(v: number, estimate: number): void {
    this.#passing = new Parts([], estimate);
    this.#passingIsDue = passingCheckpoint(this.#standing(), v, this.#passing);
    this.#checkpointIsDue = this.#isCheckpointing = false;
  }

  /** A piece of that state has come. */
  piece(bytes: Uint8Array): void {
    this.#passing?.put(bytes);
  }

  /** The state has come whole: it is on the disk before this replica says that it has it. */
  restored(): void {
    this.#isRenewed = false;
    this.journal.hold();
    this.#passing!.end();
    this.#begin(this.#passing!.estimate);
    this.#passing = undefined;
  }
}
