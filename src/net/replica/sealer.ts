/**
 * Moves the history of a replica from its memory to files, in steps that its driver does when there is time.
 *
 * For each segment: the machine seals it and its file is written; when that is on the disk, the replica notes that the
 * state names it; and only when the note is on the disk, the machine drops what it has in memory (rule D6). Segments
 * with redacted entries are written again in the same order. Files that no state names are deleted at last, and not
 * before the view is installed.
 *
 * Damaged parts are healed by those that other members have (rule D8).
 *
 * It has no timer. It waits for the disk where an order has to be performed, and {@link Sealer.isReady} says so.
 *
 * @module
 */

import type { FileSteps, SyncOrder } from "../../file_steps.ts";
import type { HeldSegments } from "../../copy_layout.ts";
import type { SegmentPlace, SegmentRef } from "../../history.ts";
import { backlogBytesMax, backlogBytesYielding, sealAgainMs } from "../../limits.ts";
import type { StateMachine } from "../../state_machine.ts";
import { Healing, type HealingHistory, type HistoryDamage } from "./healing.ts";
import { type FetchingNewcomer, Obtaining, type ReceivedPart } from "./obtaining.ts";

/** A file of history that is being written; see `storage/new_segment.ts`. */
export interface HistoryFile {
  add(bytes: Uint8Array): FileSteps<void>;
  end(digest: Uint8Array): FileSteps<SegmentRef>;
  discard(): void;
}

/** The files of the sealed history; see `storage/history_store.ts`. */
export interface SealedHistory extends HealingHistory {
  begin(place: SegmentPlace): HistoryFile;
  redact(number: number, isRedacted: (index: number) => boolean): FileSteps<SegmentRef>;
  name(segment: SegmentRef): void;
  restored(named: Iterable<SegmentRef>): FileSteps<void>;
  giveBack(): void;
  viewInstalled(): void;
  hold(segments: readonly SegmentRef[]): HeldSegments;
  checkpointBegins(): void;
  checkpointed(): void;
  deleteUnnamed(): FileSteps<number>;
}

/** Where the files are, and how they fail. */
export interface HistoryDisk {
  readonly history: SealedHistory;
  /** Performs an order: at once, or by another thread. */
  perform(order: SyncOrder): Promise<void> | void;
  /** Whether an error tells of the disk, and not of a mistake of the program. */
  isFault(error: unknown): boolean;
  /** Whether an error says that bytes of the disk are not what was sealed. */
  isDamage(error: unknown): boolean;
  /** Whether an error says that bytes from elsewhere are not what was sealed. */
  isRefusal(error: unknown): boolean;
}

/** What the sealer works with. */
export interface SealerHost extends HistoryDisk {
  readonly machine: StateMachine;
  /** The newcomer that this is: it seals nothing before it is a member, as its state may be replaced. */
  readonly newcomer?: FetchingNewcomer;
  /** Whether a recovery executes again what was executed since a checkpoint, with the files that were named then. */
  readonly hasJournal: boolean;
  /** Asks the other member of a number, from 0, for a part that is damaged here. */
  ask(segment: SegmentRef, part: number, other: number): void;
  /** A segment is on the disk; {@link Sealer.named} must follow. */
  sealed(segment: SegmentRef): void;
  /** Tells the owner of the disk what it refuses, or that it takes everything again. */
  say(message: string): void;
  /** The replica must stop. */
  halt(reason: string): void;
}

/** Entries for which one step is obligatory: a segment takes up to three steps for as many entries. */
const entriesPerStep = 1024 / 3;

/** Bytes of backlog for which one step is obligatory: a block of documents, or those of many entries. */
const bytesPerStep = 64 * 1024;

/** Steps of one turn that has something else to do, at most. */
const stepsPerTurnMax = 4;

/** One kind of work. Others continue while one of them waits after a failure. */
interface Job {
  /** Begins it; undefined: there is nothing to do. */
  begin(): FileSteps<void> | undefined;
  /** What the disk refuses, until it takes it; absent: nothing. */
  failure?: string;
  /** Milliseconds until it is tried again. */
  waitMs: number;
}

/** Seals the history of one replica. */
export class Sealer {
  readonly #host: SealerHost;
  readonly #jobs: readonly Job[];
  /** The job that was begun last. */
  #at = 0;
  #work: FileSteps<void> | undefined;
  #isSyncing = false;
  #syncError: { readonly error: unknown } | undefined;
  /** What the replica has not named yet. */
  #awaited: SegmentRef | undefined;
  readonly #healing: Healing;
  /** What a newcomer has yet to get. */
  #obtaining: Obtaining | undefined;
  #isLacked = false;
  #mayDelete = false;
  #deletionIsDue = false;
  #owed = 0;
  #lastEntry: number;
  #lastBytes = 0;
  /** Bytes that may wait to be sealed. */
  #waitingBytesMax = Infinity;

  /** Whether the disk has so little room that only deletions begin (D9). */
  isShort = false;

  /** Nothing is being sealed. */
  constructor(host: SealerHost) {
    this.#host = host;
    this.#healing = new Healing(host);
    this.#lastEntry = host.machine.lastEntry;
    this.#bound();
    const obtaining = () => this.#obtaining?.steps();
    const begins = [this.#sealing, this.#redacting, this.#deleting, obtaining, this.#mending];
    this.#jobs = begins.map((begin) => ({ begin: () => begin.call(this), waitMs: 0 }));
  }

  // Facts.

  /** Whether the next step can be done now. */
  get isReady(): boolean {
    if (this.#isSyncing || this.#obtaining?.isWaiting || this.#healing.isWaiting) return false;
    return this.#work !== undefined || (this.#awaited === undefined && this.#next() !== undefined);
  }

  /** How much of the segments that a newcomer wants is there, from 0 to 1; undefined: it wants none. */
  get obtained(): number | undefined {
    return this.#obtaining?.hasEnded === false ? this.#obtaining.share : undefined;
  }

  /** Why the history is not sealed; undefined: nothing refuses it. A sentence that says what to do. */
  get failure(): string | undefined {
    return this.#jobs.find(({ failure }) => failure !== undefined)?.failure;
  }

  /** Says of a damaged part what happens to it. */
  textOf(damage: HistoryDamage): string {
    return this.#healing.textOf(damage);
  }

  // Steps.

  /** Does the next step, if it can be done now. */
  step(): void {
    if (!this.isReady) return;
    if (this.#work === undefined) {
      this.#at = this.#next()!;
      this.#try((job) => this.#work = job.begin());
      return;
    }
    const work = this.#work;
    this.#try((job) => {
      const failed = this.#syncError;
      this.#syncError = undefined;
      const { done, value } = failed === undefined ? work.next() : work.throw(failed.error);
      if (done) return this.#done(job);
      if (value !== undefined) this.#sync(value);
    });
  }

  /** The steps that are obligatory in a turn that does something else: none unless much waits to be sealed. */
  oblige(): void {
    const { lastEntry, unsealedBytes = 0 } = this.#host.machine;
    const [entries, bytes] = [lastEntry - this.#lastEntry, unsealedBytes - this.#lastBytes];
    [this.#lastEntry, this.#lastBytes] = [lastEntry, unsealedBytes];
    if (unsealedBytes <= backlogBytesYielding) {
      this.#owed = 0;
      return;
    }
    if (unsealedBytes > this.#waitingBytesMax) return this.#endOver(unsealedBytes);
    this.#bound();
    this.#owed += Math.max(entries / entriesPerStep, bytes / bytesPerStep, 0);
    for (let left = stepsPerTurnMax; left > 0 && this.#owed >= 1 && this.isReady; left--) {
      this.#owed--;
      this.step();
    }
  }

  /** Milliseconds have passed. */
  pass(ms: number): void {
    for (const job of this.#jobs) job.waitMs = Math.max(0, job.waitMs - ms);
    this.#healing.tell();
  }

  // What the replica says.

  /** A newcomer wants these segments, and no others any more. */
  obtain(n: number, segments: readonly SegmentRef[]): void {
    this.#giveUp();
    const { newcomer } = this.#host;
    if (newcomer !== undefined) this.#obtaining = new Obtaining(this.#host, newcomer, n, segments);
  }

  /** No replica has what a newcomer wants: the owner of the disks hears of it, once. */
  lacked(): void {
    if (this.#isLacked) return;
    this.#isLacked = true;
    this.#host.say(
      "No replica has all of the sealed history whole, so this one cannot join yet; it asks again and again",
    );
  }

  /** A part came that was lacking. */
  came(part: ReceivedPart): void {
    this.#obtaining?.came(part);
    this.#healing.came(part);
  }

  /** There are not as many other members as were to be asked. */
  nobody(): void {
    this.#healing.nobody();
  }

  /** The disk says that the state names a segment. */
  named(segment: SegmentRef): void {
    this.#host.history.name(segment);
    this.#host.machine.sealed!(segment);
    this.#awaited = undefined;
    if (this.#host.hasJournal) return;
    this.checkpointBegins();
    this.checkpointed();
  }

  /** The state of a checkpoint is as it is now: files that are replaced from now on are read again after a crash. */
  checkpointBegins(): void {
    this.#host.history.checkpointBegins();
  }

  /** The checkpoint that began last is on the disk. */
  checkpointed(): void {
    this.#host.history.checkpointed();
    // A file that another one has replaced has no name any more.
    this.#deletionIsDue = true;
  }

  /** The view is installed: no other state of this replica comes back. */
  viewInstalled(): void {
    this.#host.history.viewInstalled();
    if (this.#host.newcomer !== undefined && !this.#mayDelete) {
      this.#giveUp();
      // It may have fetched what its own state does not name.
      this.#host.history.giveBack();
    }
    this.#mayDelete = this.#deletionIsDue = true;
  }

  /** Files may have no name and no holder any more. */
  released(): void {
    this.#deletionIsDue = true;
  }

  /** The state of a donor has taken the place of the machine's. */
  restored(): void {
    this.#giveUp();
    this.#lastEntry = this.#host.machine.lastEntry;
    this.#waitingBytesMax = Infinity;
    this.#bound();
    const { named = [] } = this.#host.machine;
    // Reads nothing but the ends of files, as long as the state comes from elsewhere: all at once.
    for (const _ of this.#host.history.restored(named));
    this.#deletionIsDue = true;
  }

  /**
   * A state may begin with more that waits than may wait otherwise: versions before sealed nothing. It is in memory
   * already, so it may stay there while it becomes less.
   */
  #bound(): void {
    const { unsealedBytes = 0 } = this.#host.machine;
    this.#waitingBytesMax = Math.max(
      backlogBytesMax,
      Math.min(this.#waitingBytesMax, unsealedBytes + backlogBytesYielding),
    );
  }

  #giveUp(): void {
    this.#work?.return();
    this.#work =
      this.#awaited =
      this.#syncError =
      this.#obtaining =
        undefined;
  }

  // Work.

  /** The next job that has something to do, and does not wait; the one after the last one first. */
  #next(): number | undefined {
    for (let more = 1; more <= this.#jobs.length; more++) {
      const at = (this.#at + more) % this.#jobs.length;
      if (this.#jobs[at].waitMs === 0 && this.#has(at)) return at;
    }
  }

  #has(at: number): boolean {
    if (this.isShort && at !== 2) return false;
    if (at === 3) return this.#obtaining?.hasEnded === false;
    if (at === 4) return this.#mayDelete && this.#healing.isDue;
    if (this.#host.newcomer !== undefined && !this.#mayDelete) return false;
    const { machine } = this.#host;
    if (at === 0) return machine.unsealed !== undefined;
    if (at === 1) return machine.redactionsDue?.[0] !== undefined;
    return this.#mayDelete && this.#deletionIsDue;
  }

  #try(step: (job: Job) => void): void {
    const job = this.#jobs[this.#at];
    try {
      step(job);
    } catch (error) {
      if (!this.#host.isFault(error)) throw error;
      this.#work = undefined;
      // The disk may have kept what was to be removed.
      this.#deletionIsDue = true;
      job.waitMs = sealAgainMs;
      const message = error instanceof Error ? error.message : String(error);
      // Once, however long the disk refuses it.
      if (job.failure === undefined) this.#host.say(message);
      job.failure = message;
    }
  }

  #done(job: Job): void {
    this.#work = undefined;
    if (job.failure === undefined) return;
    job.failure = undefined;
    this.#host.say("The disk takes the sealed history again");
  }

  #sync(order: SyncOrder): void {
    const work = this.#work;
    let performed: Promise<void> | void = undefined;
    try {
      performed = this.#host.perform(order);
    } catch (error) {
      this.#syncError = { error };
    }
    if (performed === undefined) return;
    this.#isSyncing = true;
    performed.catch((error) => {
      if (this.#work === work) this.#syncError = { error };
    }).then(() => this.#isSyncing = false);
  }

  *#sealing(): FileSteps<void> {
    const { machine, history } = this.#host;
    const sealing = machine.sealing!();
    const file = history.begin(sealing.place);
    try {
      for (let bytes = sealing.step(); bytes !== undefined; bytes = sealing.step()) {
        if (bytes.length > 0) yield* file.add(bytes);
        else yield;
      }
      this.#tell(yield* file.end(sealing.digest));
    } finally {
      // Nothing is left of what was given up.
      file.discard();
    }
  }

  *#redacting(): FileSteps<void> {
    const { machine, history } = this.#host;
    const [{ number }] = machine.redactionsDue!;
    this.#tell(yield* history.redact(number, machine.redacting!(number)));
  }

  #tell(segment: SegmentRef): void {
    this.#awaited = segment;
    this.#host.sealed(segment);
  }

  *#deleting(): FileSteps<void> {
    this.#deletionIsDue = false;
    yield* this.#host.history.deleteUnnamed();
  }

  /** Heals what is damaged. What nobody has is asked for again after a while. */
  *#mending(): FileSteps<void> {
    this.#healing.tell();
    yield* this.#healing.steps();
    if (this.#healing.isDue) this.#jobs[4].waitMs = sealAgainMs;
  }

  #endOver(unsealedBytes: number): void {
    const mebibytes = Math.floor(unsealedBytes / 2 ** 20);
    const why = this.failure ?? "The disk is too slow for what clients write";
    this.#host.halt(`${mebibytes} MiB of history wait to be sealed, and the replica has memory for no more. ${why}`);
  }
}
