/**
 * When a replica on the network works on its sealed history: in moments in which nobody asks it for anything; and in
 * turns with load only as much as it must (`sealer.ts`).
 *
 * @module
 */

import type { HeldSegments } from "../../copy_layout.ts";
import type { HistoryFigures, SegmentRef } from "../../history.ts";
import type { StateMachine } from "../../state_machine.ts";
import type { ReplicaId } from "../../uid.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import { type AskedPart, Giver, type GivingHistory } from "./giver.ts";
import type { FetchingNewcomer, ReceivedPart } from "./obtaining.ts";
import { type HistoryDisk, type SealedHistory, Sealer } from "./sealer.ts";

/** Milliseconds until it looks again for a moment without load. */
const yieldMs = 2;

/** Milliseconds of a turn in which parts are given to other replicas, or a newcomer takes them: nobody waits for it. */
const turnMs = 2;

/** Milliseconds until it looks again whether a scrub is due. */
const scrubLookMs = 1000;

/** Damaged parts that a status names. */
const toldDamagesMax = 8;

/** How much room a disk has. */
export interface DiskFigures {
  readonly freeBytes: number;
  readonly diskBytes: number;
}

/** The sealed history of a replica on the network; see `storage/replica_history.ts`. */
export interface ServedHistory extends HistoryDisk {
  readonly history: SealedHistory & GivingHistory;
  /** Segments that are named. */
  readonly segments: number;
  /** Bytes of their files. */
  readonly bytes: number;
  /** How much room the disk has; undefined: nobody says. */
  room(): DiskFigures | undefined;
  /**
   * Compares a part of a file with what was sealed, if one is due.
   *
   * @param now the time, in ms.
   * @returns when the next one is due; undefined: there is no scrub.
   */
  scrub(now: number): number | undefined;
}

/** The replica: its machine and files, and where it hears of them. */
export interface HistoryTurnsHost {
  readonly machine: StateMachine;
  readonly history: ServedHistory;
  /** The newcomer that it is; absent: it is none. */
  readonly newcomer?: FetchingNewcomer;
  /** Sends a part to another replica. */
  send(to: ReplicaId, part: MessageOf<"PART_IS">): void;
  /** Asks the other member of a number, from 0, for a part that is damaged here. */
  ask(segment: SegmentRef, part: number, other: number): void;
  readonly hasJournal: boolean;
  sealed(segment: SegmentRef): void;
  say(message: string): void;
  halt(reason: string): void;
}

/** Drives the sealer and the scrub of a replica. */
export class HistoryTurns {
  readonly #host: HistoryTurnsHost;
  readonly #sealer: Sealer;
  readonly #giver: Giver;
  #giveTimer: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Turns of the replica that had something to do. */
  #turns = 0;
  #turnsSeen = 0;
  #isClosed = false;
  #scrubAt = 0;

  /** Begins when the first turn is over. */
  constructor(host: HistoryTurnsHost) {
    this.#host = host;
    const { machine, history } = host;
    this.#sealer = new Sealer({
      machine,
      newcomer: host.newcomer,
      isRefusal: (error) => history.isRefusal(error),
      isDamage: (error) => history.isDamage(error),
      ask: (segment, part, other) => host.ask(segment, part, other),
      hasJournal: host.hasJournal,
      history: history.history,
      // Once the sealer has heard of it.
      perform: (order) => history.perform(order)?.finally(() => setTimeout(() => this.#wake(), 0)),
      isFault: (error) => history.isFault(error),
      sealed: (segment) => host.sealed(segment),
      say: (message) => host.say(message),
      halt: (reason) => host.halt(reason),
    });
    this.#giver = new Giver({
      history: history.history,
      isFault: (error) => history.isFault(error),
      send: (to, part) => host.send(to, part),
    });
  }

  /** What the replica says of it. */
  figures(): HistoryFigures {
    const { machine, history } = this.#host;
    const { segments, bytes, history: { damages } } = history;
    const { freeBytes, diskBytes } = history.room() ?? { freeBytes: 0, diskBytes: 0 };
    return {
      segments,
      bytes,
      unsealedBytes: machine.unsealedBytes ?? 0,
      freeBytes,
      diskBytes,
      damaged: damages.length,
      damages: damages.slice(0, toldDamagesMax).map((damage) => this.#sealer.textOf(damage)),
      failure: this.#sealer.failure,
    };
  }

  /** D9: whether the disk has little room; then only files are deleted. */
  room(isShort: boolean): void {
    this.#sealer.isShort = isShort;
    this.#wake();
  }

  /** A turn of the replica ends, which had something to do or not. */
  turned(isLoaded: boolean): void {
    if (isLoaded) this.#turns++;
    this.#sealer.oblige();
    this.#wake();
  }

  /** Milliseconds have passed. */
  pass(ms: number): void {
    this.#sealer.pass(ms);
    this.#wake();
  }

  /** How much of the segments that a newcomer wants is there, from 0 to 1; undefined: it wants none. */
  get obtained(): number | undefined {
    return this.#sealer.obtained;
  }

  /** Whether a part of it is damaged, and not healed yet. */
  get isDamaged(): boolean {
    return this.#host.history.history.isDamaged;
  }

  /** A newcomer wants these segments, and no others any more. */
  obtain(n: number, segments: readonly SegmentRef[]): void {
    this.#sealer.obtain(n, segments);
    this.#wake();
  }

  /** No replica has what a newcomer wants. */
  lacked(): void {
    this.#sealer.lacked();
  }

  /** A part came that it lacked. */
  came(part: ReceivedPart): void {
    this.#sealer.came(part);
    this.#wake();
  }

  /** There are not as many other members as were to be asked. */
  nobody(): void {
    this.#sealer.nobody();
    this.#wake();
  }

  /** Another replica asks for a part. */
  give(to: ReplicaId, asked: AskedPart): void {
    this.#giver.ask(to, asked);
    this.#giveTimer ??= setTimeout(() => this.#give(), 0);
  }

  #give(): void {
    this.#giveTimer = undefined;
    if (this.#isClosed || !this.#giver.isReady) return;
    // The timer of the next turn is due when this one is over (`storage/slices.ts`).
    this.#giveTimer = setTimeout(() => this.#give(), 0);
    this.#inTurn(() => this.#giver.isReady, () => this.#giver.step());
  }

  /** Does steps until a turn is over. */
  #inTurn(isReady: () => boolean, step: () => void): void {
    const end = performance.now() + turnMs;
    while (isReady() && performance.now() < end) step();
  }

  /** The disk says that the state names a segment. */
  named(segment: SegmentRef): void {
    this.#sealer.named(segment);
  }

  /** Keeps the files of segments, for a copy. */
  hold(segments: readonly SegmentRef[]): HeldSegments {
    return this.#host.history.history.hold(segments);
  }

  /** A copy is not given any more. */
  released(): void {
    this.#sealer.released();
    this.#wake();
  }

  /** A copy waits for what the sealer does: a step, also with load. */
  hurry(): void {
    this.#sealer.step();
  }

  /** Whether an error tells of the disk. */
  isFault(error: unknown): boolean {
    return this.#host.history.isFault(error);
  }

  /** The state of a donor has taken the place of the machine's. */
  restored(): void {
    this.#sealer.restored();
  }

  /** A checkpoint begins, which has the state as it is now. */
  checkpointBegins(): void {
    this.#sealer.checkpointBegins();
  }

  /** It is on the disk. */
  checkpointed(): void {
    this.#sealer.checkpointed();
  }

  /** No other state of this replica comes back. */
  viewInstalled(): void {
    this.#sealer.viewInstalled();
    this.#wake();
  }

  /** Does nothing more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#giveTimer);
  }

  #wake(): void {
    if (this.#isClosed || this.#timer !== undefined || !(this.#sealer.isReady || this.#scrubIsDue())) return;
    this.#turnsSeen = this.#turns;
    this.#timer = setTimeout(() => this.#look(), 0);
  }

  #scrubIsDue(): boolean {
    return performance.now() >= this.#scrubAt;
  }

  /** Nothing has happened since the timer was set, and the sockets were read: others do not wait for this step. */
  #look(): void {
    this.#timer = undefined;
    if (this.#sealer.obtained !== undefined) {
      // What it waits for wakes it.
      if (!this.#sealer.isReady) return;
      this.#timer = setTimeout(() => this.#look(), 0);
      return this.#inTurn(() => this.#sealer.isReady, () => this.#sealer.step());
    }
    if (this.#turns !== this.#turnsSeen) {
      this.#turnsSeen = this.#turns;
      this.#timer = setTimeout(() => this.#look(), yieldMs);
      return;
    }
    if (this.#sealer.isReady) this.#sealer.step();
    else if (this.#scrubIsDue()) this.#scrub();
    this.#wake();
  }

  #scrub(): void {
    const now = performance.now();
    try {
      this.#scrubAt = this.#host.history.scrub(now) ?? Infinity;
    } catch (error) {
      if (!this.#host.history.isFault(error)) throw error;
      // It says nothing of what was to be read: another try comes.
      this.#scrubAt = now + scrubLookMs;
    }
  }
}
