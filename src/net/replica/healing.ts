/**
 * Heals what is damaged in the files of a member (rule D8): it asks the other members for the part, one after the
 * other, compares what comes with what was sealed, and has the file written again.
 *
 * @module
 */

import type { FileSteps } from "../../file_steps.ts";
import { type FilePart, segmentName, type SegmentPlace, type SegmentRef } from "../../history.ts";
import { lackedPartsMax } from "../../limits.ts";
import type { ReceivedPart, ReceivingDisk, ReceivingHistory } from "./obtaining.ts";

/** A damaged part of a segment. */
export interface HistoryDamage extends SegmentPlace {
  /** A block, or the name of another part; see `DamagedPart` in `database/segments/damage.ts`. */
  readonly part: number | string;
  /** A sentence that names the part and says what is wrong. */
  readonly message: string;
}

/** The files that are healed. */
export interface HealingHistory extends ReceivingHistory {
  readonly damages: readonly HistoryDamage[];
  readonly isDamaged: boolean;
  find(place: SegmentPlace): SegmentRef | undefined;
  heal(place: SegmentPlace, part: number, bytes: Uint8Array): FileSteps<void>;
}

/** Where the files are, and who is asked. */
export interface HealingHost extends ReceivingDisk {
  readonly history: HealingHistory;
  isDamage(error: unknown): boolean;
  /** Asks another member for a part: the one of this number, from 0, in any order. The answer is told. */
  ask(segment: SegmentRef, part: number, other: number): void;
  say(message: string): void;
}

/** Parts that are asked for ahead: nobody waits for them, and each may have 512 KiB. */
const partsAheadMax = 8;

/** Damaged blocks of a file that are healed one by one. */
const blocksAtOnceMax = 4;

/** Nobody has the part whole. */
class LackedError extends Error {}

/** Heals the damaged parts of one replica. */
export class Healing {
  readonly #host: HealingHost;
  /** The damaged parts that no other member had when they were asked, and those that the owner has heard of. */
  readonly #lacked = new Set<string>();
  readonly #told = new Set<string>();
  /** The segment whose parts are asked for, of which member; what came of it; and the part that is needed next. */
  #segment: SegmentRef | undefined;
  #other = 0;
  readonly #came = new Map<number, ReceivedPart>();
  #next = 0;
  #asked = 0;
  /** No other member is left to be asked. */
  #isLacked = false;
  /** The damage with which the next round begins. */
  #at = 0;

  /** Nothing was asked for yet. */
  constructor(host: HealingHost) {
    this.#host = host;
  }

  /** Whether there is anything to heal. */
  get isDue(): boolean {
    return this.#host.history.isDamaged;
  }

  /** Whether the next step needs what has yet to come. */
  get isWaiting(): boolean {
    if (this.#segment === undefined || this.#isLacked) return false;
    return this.#next < this.#asked && !this.#came.has(this.#next);
  }

  /** Says of a damaged part what happens to it, in sentences. */
  textOf(damage: HistoryDamage): string {
    const what = this.#lacked.has(keyOf(damage))
      ? "No other replica has it whole; they are asked again and again"
      : "It is fetched from another replica";
    return `${damage.message.replace(/\.$/, "")}. ${what}`;
  }

  /** Tells the owner of the disk of damage that was found since. */
  tell(): void {
    if (!this.#host.history.isDamaged) return this.#told.clear();
    for (const damage of this.#host.history.damages) {
      const key = keyOf(damage);
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      this.#host.say(this.textOf(damage));
    }
  }

  /** A part came, or the word of a member that it does not have it: without bytes. */
  came(part: ReceivedPart): void {
    const segment = this.#segment;
    const isOfIt = segment?.kind === part.segment.kind && segment.number === part.segment.number;
    if (isOfIt && part.part >= this.#next && part.part < this.#next + partsAheadMax) this.#came.set(part.part, part);
  }

  /** There are not as many other members as were to be asked. */
  nobody(): void {
    this.#isLacked = true;
  }

  /**
   * All steps of a round, which comes to each damaged part once; while it {@link isWaiting}, none is to be done. It
   * ends earlier if many parts are lacking everywhere, so that the cost of asking for them is bounded.
   */
  *steps(): FileSteps<void> {
    const { damages } = this.#host.history;
    let lacked = 0;
    for (let left = damages.length; left > 0 && lacked < lackedPartsMax; left--) {
      const damage = damages[this.#at++ % damages.length];
      if (!(yield* this.#heal(damage))) lacked++;
    }
  }

  /** Returns whether it is healed. */
  *#heal(damage: HistoryDamage): FileSteps<boolean> {
    const { history } = this.#host;
    const segment = history.find(damage);
    // The file was written again meanwhile.
    if (segment === undefined || !history.damages.some((it) => keyOf(it) === keyOf(damage))) return true;
    try {
      for (let other = 0;; other++) {
        this.#begin(segment, other, 0);
        if (yield* this.#healFrom(segment, damage)) break;
      }
    } catch (error) {
      if (!(error instanceof LackedError)) throw error;
      if (!this.#lacked.has(keyOf(damage))) {
        this.#lacked.add(keyOf(damage));
        this.#host.say(this.textOf(damage));
      }
      return false;
    } finally {
      this.#segment = undefined;
      this.#came.clear();
    }
    this.#lacked.delete(keyOf(damage));
    this.#told.delete(keyOf(damage));
    this.#host.say(
      `${segmentName(segment).replace(/^./, (first) => first.toUpperCase())} was healed: another replica had ` +
        "what was damaged",
    );
    return true;
  }

  #begin(segment: SegmentRef, other: number, part: number): void {
    this.#segment = segment;
    this.#other = other;
    this.#came.clear();
    this.#next = this.#asked = part;
    this.#isLacked = false;
  }

  /** Heals with the parts of one member. Returns false if it does not have them, or gives others. */
  *#healFrom(segment: SegmentRef, { part }: HistoryDamage): FileSteps<boolean> {
    const { history } = this.#host;
    try {
      // Each block that is healed writes the file again: many are healed by all of it.
      const inFile = history.damages.filter((other) => isOf(other, segment)).length;
      if (typeof part === "number" && inFile <= blocksAtOnceMax) {
        this.#begin(segment, this.#other, part + 1);
        const came = yield* this.#part(segment, part + 2);
        if (came === undefined) return false;
        try {
          yield* history.heal(segment, part, came.bytes);
          return true;
        } catch (error) {
          // More is damaged than this part, so all of the file is needed.
          if (!this.#host.isDamage(error)) throw error;
          this.#begin(segment, this.#other, 0);
        }
      }
      return yield* this.#receive(segment);
    } catch (error) {
      if (this.#host.isRefusal(error)) return false;
      throw error;
    }
  }

  /** Gets all of the file. */
  *#receive(segment: SegmentRef): FileSteps<boolean> {
    const tail = yield* this.#part(segment, 1);
    if (tail === undefined) return false;
    const file = this.#host.history.receive(segment, tail.bytes, tail.fileBytes);
    try {
      const parts = 1 + file.blocks;
      while (this.#next < parts) {
        const came = yield* this.#part(segment, parts);
        if (came === undefined) return false;
        yield* file.take(came.bytes);
      }
      yield* file.end();
      return true;
    } finally {
      // Nothing is left of what was given up.
      file.discard();
    }
  }

  /** The next part, undefined if that member does not have it; asks for those after it, too, up to `end`. */
  *#part(segment: SegmentRef, end: number): FileSteps<FilePart | undefined> {
    while (this.#asked < Math.min(end, this.#next + partsAheadMax)) {
      this.#host.ask(segment, this.#asked++, this.#other);
    }
    while (this.isWaiting) yield;
    if (this.#isLacked) throw new LackedError("no other member has it");
    const part = this.#came.get(this.#next)!;
    this.#came.delete(this.#next++);
    return part.bytes.length === 0 ? undefined : part;
  }
}

function isOf(one: SegmentPlace, other: SegmentPlace): boolean {
  return one.kind === other.kind && one.number === other.number;
}

function keyOf({ kind, number, part }: HistoryDamage): string {
  return `${kind} ${number} ${part}`;
}
