/**
 * Brings segments of the sealed history into the files of a newcomer (rule D7): it takes what is there already, and
 * asks for the parts of the others, a few ahead. Each part is compared with what was sealed before it is written.
 *
 * @module
 */

import type { FileSteps } from "../../file_steps.ts";
import type { SegmentPlace, SegmentRef } from "../../history.ts";
import { partBytesUnderWayMax, partsUnderWayMax } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";

/** A segment that comes from elsewhere; see `storage/received_segment.ts`. */
export interface ReceivedFile {
  readonly blocks: number;
  bytesOf(block: number): number;
  take(packed: Uint8Array): FileSteps<void>;
  end(): FileSteps<SegmentRef>;
  discard(): void;
}

/** The files into which segments come. */
export interface ReceivingHistory {
  adopt(ref: SegmentRef): FileSteps<boolean>;
  receive(ref: SegmentRef, tail: Uint8Array, fileBytes: number): ReceivedFile;
}

/** Where the files are. */
export interface ReceivingDisk {
  readonly history: ReceivingHistory;
  /** Whether an error says that bytes are not what was sealed. */
  isRefusal(error: unknown): boolean;
}

/** The newcomer: it asks for what the files lack, is told that they refuse what came, or that they have all. */
export interface FetchingNewcomer {
  lacks(n: number, segment: SegmentRef, part: number): void;
  refused(n: number): void;
  obtained(n: number): void;
}

/** A part that came. */
export type ReceivedPart = Omit<MessageOf<"PART_IS">, "kind">;

/** Segments that are wanted together. */
export class Obtaining {
  readonly #disk: ReceivingDisk;
  readonly #newcomer: FetchingNewcomer;
  readonly #n: number;
  readonly #segments: readonly SegmentRef[];
  /** How many of them are there. */
  #count = 0;
  /** The one that is coming, with what came of it and was not taken; how many of its parts there are. */
  #segment: SegmentPlace | undefined;
  readonly #parts = new Map<number, ReceivedPart>();
  #partsOfAll = 1;
  /** Its file, once its first part says how long the others are. */
  #file: ReceivedFile | undefined;
  /** The part that is taken next, and the one that is asked for next. */
  #next = 0;
  #asked = 0;
  /** Bytes of the parts between these two. */
  #bytesUnderWay = 0;
  #hasEnded = false;

  /** Nothing was looked at yet. @param n the number of this wish. */
  constructor(disk: ReceivingDisk, newcomer: FetchingNewcomer, n: number, segments: readonly SegmentRef[]) {
    this.#disk = disk;
    this.#newcomer = newcomer;
    this.#n = n;
    this.#segments = segments;
  }

  /** Whether nothing more is to be done: all segments are there, or what came was refused. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether the next step needs what has yet to come. */
  get isWaiting(): boolean {
    return this.#segment !== undefined && this.#next < this.#asked && !this.#parts.has(this.#next);
  }

  /** How much of all is there, from 0 to 1. */
  get share(): number {
    const part = this.#segment === undefined ? 0 : this.#next / this.#partsOfAll;
    return (this.#count + part) / Math.max(1, this.#segments.length);
  }

  /** A part came. */
  came(part: ReceivedPart): void {
    const isOfIt = this.#segment?.kind === part.segment.kind && this.#segment.number === part.segment.number;
    if (isOfIt && part.part >= this.#next && part.part < this.#asked) this.#parts.set(part.part, part);
  }

  /** All steps; while it {@link isWaiting}, none is to be done. After an error, it may begin again. */
  *steps(): FileSteps<void> {
    for (this.#count = 0; this.#count < this.#segments.length; this.#count++) {
      const segment = this.#segments[this.#count];
      if (yield* this.#disk.history.adopt(segment)) continue;
      try {
        yield* this.#receive(segment);
      } catch (error) {
        if (!this.#disk.isRefusal(error)) throw error;
        this.#hasEnded = true;
        return this.#newcomer.refused(this.#n);
      } finally {
        this.#segment = undefined;
        this.#parts.clear();
      }
    }
    this.#hasEnded = true;
    this.#newcomer.obtained(this.#n);
  }

  *#receive(segment: SegmentRef): FileSteps<void> {
    this.#segment = segment;
    this.#next = this.#asked = this.#bytesUnderWay = 0;
    this.#partsOfAll = 1;
    this.#file = undefined;
    const { bytes, fileBytes } = yield* this.#part(segment);
    const file = this.#file = this.#disk.history.receive(segment, bytes, fileBytes);
    try {
      this.#partsOfAll = 1 + file.blocks;
      while (this.#next < this.#partsOfAll) yield* file.take((yield* this.#part(segment)).bytes);
      yield* file.end();
    } finally {
      // Nothing is left of what was given up.
      file.discard();
    }
  }

  /** The next part; it asks for those after it, too. */
  *#part(segment: SegmentRef): FileSteps<ReceivedPart> {
    while (this.#asksForMore) {
      this.#bytesUnderWay += this.#bytesOf(this.#asked);
      this.#newcomer.lacks(this.#n, segment, this.#asked++);
    }
    while (this.isWaiting) yield;
    const part = this.#parts.get(this.#next)!;
    this.#bytesUnderWay -= this.#bytesOf(this.#next);
    this.#parts.delete(this.#next++);
    return part;
  }

  get #asksForMore(): boolean {
    if (this.#asked === this.#partsOfAll) return false;
    const count = this.#asked - this.#next;
    return count === 0 || (count < partsUnderWayMax && this.#bytesUnderWay < partBytesUnderWayMax);
  }

  #bytesOf(part: number): number {
    return part === 0 ? 0 : this.#file!.bytesOf(part - 1);
  }
}
