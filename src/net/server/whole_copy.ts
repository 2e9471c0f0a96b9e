/**
 * A copy of the database with its sealed history, as it is given to a program: the state, the list of its segments, and
 * their files.
 *
 * @module
 */

import { bytesOfFiles, copyParts, encodeSegments, type HeldSegments } from "../../copy_layout.ts";
import type { DatabaseCopy } from "../../protocol/replica/executor.ts";
import type { Snapshot } from "../../snapshot.ts";

/** A piece of a copy, of one of its parts. */
export interface CopyPiece {
  /** One of `copyParts`. */
  readonly part: number;
  readonly bytes: Uint8Array;
}

/** One copy. */
export class WholeCopy {
  /** The index of the last command in it. */
  readonly executed: number;
  readonly #snapshot: Snapshot;
  readonly #held: HeldSegments;
  readonly #list: Uint8Array;
  readonly #fileBytes: number;
  /** Bytes that were taken or left out. */
  #next = 0;
  #listed = 0;
  /** Which file comes next, and where it continues. */
  #at = 0;
  #offset = 0;

  /** @param held the files of the segments that the state names. */
  constructor({ executed, snapshot }: DatabaseCopy, held: HeldSegments) {
    this.executed = executed;
    this.#snapshot = snapshot;
    this.#held = held;
    this.#list = encodeSegments(held.segments);
    this.#fileBytes = bytesOfFiles(held.segments);
  }

  /** Where the next piece begins. */
  get next(): number {
    return this.#next;
  }

  /** About how many bytes the whole copy has. */
  get estimate(): number {
    return Math.max(this.#snapshot.estimate + this.#list.length + this.#fileBytes, this.#next);
  }

  /** Whether all was taken. */
  get isDone(): boolean {
    return this.#snapshot.next === "nothing" && this.#listed === this.#list.length &&
      this.#at === this.#held.segments.length;
  }

  /**
   * Leaves out bytes of files.
   *
   * @returns whether that is possible: bytes of files are next, and as many are left.
   */
  skipTo(offset: number): boolean {
    if (this.#snapshot.next !== "nothing" || this.#listed < this.#list.length) return false;
    let left = offset - this.#next;
    const { segments } = this.#held;
    let [at, start] = [this.#at, this.#offset];
    while (at < segments.length && left >= segments[at].bytes - start) {
      left -= segments[at].bytes - start;
      at++;
      start = 0;
    }
    if (at === segments.length && left > 0) return false;
    [this.#at, this.#offset, this.#next] = [at, start + left, offset];
    return true;
  }

  /** The next piece, `bytesMax` at most; empty only at the end. @throws an error of the disk. */
  take(bytesMax: number): CopyPiece {
    const piece = this.#take(bytesMax);
    this.#next += piece.bytes.length;
    return piece;
  }

  #take(bytesMax: number): CopyPiece {
    if (this.#snapshot.next !== "nothing") {
      const bytes = this.#snapshot.take(bytesMax);
      if (bytes.length > 0 || this.#list.length === 0) return { part: copyParts.state, bytes };
    }
    if (this.#listed < this.#list.length) {
      const bytes = this.#list.subarray(this.#listed, this.#listed + bytesMax);
      this.#listed += bytes.length;
      return { part: copyParts.segments, bytes };
    }
    if (this.#at === this.#held.segments.length) return { part: copyParts.files, bytes: new Uint8Array(0) };
    const segment = this.#held.segments[this.#at];
    const bytes = this.#held.read(segment, this.#offset, Math.min(bytesMax, segment.bytes - this.#offset));
    this.#offset += bytes.length;
    if (this.#offset === segment.bytes) [this.#at, this.#offset] = [this.#at + 1, 0];
    return { part: copyParts.files, bytes };
  }

  /** Nobody takes it any more. */
  release(): void {
    this.#held.release();
  }
}
