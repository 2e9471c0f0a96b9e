/**
 * A file of sealed history that is being written. It gets its name when all of it is on the disk, so a file that has a
 * whole segment's name is whole, even after a power failure.
 *
 * @module
 */

import { DamageError } from "../database/segments/damage.ts";
import type { SegmentPlace, SegmentRef } from "../history.ts";
import type { Packing } from "../packing.ts";
import { historyErrorOf } from "./history_errors.ts";
import { type FileSteps, synced } from "../file_steps.ts";
import type { HistoryFiles } from "./history_files.ts";
import { SegmentFile } from "./segment_file.ts";
import { partialName, wholeName } from "./segment_names.ts";

/** Bytes that one step writes, at most: well under a millisecond. */
export const writtenPieceBytes: number = 256 * 1024;

/** Bytes after which a file is made lasting on the way: a commit beside it never waits for more than these. */
export const unsyncedBytesMax: number = 1024 * 1024;

/** What a file that is being written is part of. */
export interface Workshop {
  readonly files: HistoryFiles;
  readonly packing: Packing;
  /** Is told once: the file has its name and is on the disk, or nothing of it is left. */
  ended(place: SegmentPlace, made: SegmentRef | undefined): void;
}

/** A file that is being written. After an error, nothing of it is left, and it takes nothing more. */
export class NewSegment {
  readonly #workshop: Workshop;
  readonly #place: SegmentPlace;
  readonly #partial: string;
  /** Its name, once it has one that no other file had. */
  #name: string | undefined;
  #unsynced = 0;
  #isOpen = true;

  /** Begins it. @throws {StorageError} if the disk does not take it. */
  constructor(workshop: Workshop, place: SegmentPlace) {
    this.#workshop = workshop;
    this.#place = place;
    this.#partial = partialName(place);
    try {
      workshop.files.create(this.#partial);
    } catch (error) {
      // Whatever is in the way of it is left.
      this.#isOpen = false;
      workshop.ended(place, undefined);
      throw historyErrorOf(error, "write", workshop.files.pathOf(this.#partial));
    }
  }

  /** Does a step; whatever the disk refuses is the end of the file. */
  #trying<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  *#waiting(name?: string): FileSteps<void> {
    try {
      yield* synced(name);
    } catch (error) {
      // What a failed sync has not written is never written: only a new file is.
      throw this.#failed(error);
    }
    // Somebody may have discarded it meanwhile.
    this.#checkOpen();
  }

  #failed(error: unknown): Error {
    const failure = historyErrorOf(error, "write", this.#workshop.files.pathOf(this.#partial));
    this.discard();
    return failure;
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new Error(`"${this.#partial}" is not being written any more`);
  }

  /** Writes the next bytes. @throws {StorageError} if the disk does not take them. */
  *add(bytes: Uint8Array): FileSteps<void> {
    for (let at = 0; at < bytes.length; at += writtenPieceBytes) {
      this.#checkOpen();
      const piece = bytes.subarray(at, at + writtenPieceBytes);
      this.#trying(() => this.#workshop.files.append(this.#partial, piece));
      this.#unsynced += piece.length;
      if (this.#unsynced < unsyncedBytesMax) yield;
      else {
        this.#unsynced = 0;
        yield* this.#waiting(this.#partial);
      }
    }
  }

  /**
   * Gives it its name, once it has all bytes. Only when this returns, the segment may be named by anybody.
   *
   * @throws {StorageError} if the disk does not take it.
   * @throws {DamageError} if it is not the segment with this digest.
   */
  *end(digest: Uint8Array): FileSteps<SegmentRef> {
    this.#checkOpen();
    const { files, packing } = this.#workshop;
    const ref = { kind: this.#place.kind, number: this.#place.number, digest };
    const name = wholeName(ref);
    yield* this.#waiting(this.#partial);
    try {
      new SegmentFile(files, ref, this.#partial).open(packing);
    } catch (error) {
      this.discard();
      throw error;
    }
    const wasThere = this.#trying(() => files.size(name) !== undefined);
    this.#trying(() => files.rename(this.#partial, name));
    if (!wasThere) this.#name = name;
    yield* this.#waiting();
    this.#isOpen = false;
    this.#workshop.ended(this.#place, ref);
    return ref;
  }

  /** Leaves nothing of it, unless {@link end} has returned. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // If it cannot be removed, it stays as what a crash leaves.
    attempt(() => this.#workshop.files.remove(this.#partial));
    const name = this.#name;
    if (name !== undefined) attempt(() => this.#workshop.files.remove(name));
    this.#workshop.ended(this.#place, undefined);
  }
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof DamageError || error instanceof TypeError) throw error;
  }
}
