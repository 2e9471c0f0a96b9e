/**
 * A segment that comes from another replica, block by block. Each block is compared with what was sealed before it is
 * written.
 *
 * @module
 */

import type { FileRange } from "../database/segments/container.ts";
import type { SegmentRef } from "../history.ts";
import type { Packing } from "../packing.ts";
import { received } from "./history_errors.ts";
import type { FileSteps } from "../file_steps.ts";
import type { NewSegment } from "./new_segment.ts";
import { type OpenSegment, openSegment, partTitle } from "./segment_file.ts";

/** A segment that is being received. */
export class ReceivedSegment {
  readonly #ref: SegmentRef;
  readonly #tail: Uint8Array;
  readonly #segment: OpenSegment;
  readonly #file: NewSegment;
  #block = 0;

  /**
   * Begins with what follows the blocks in the file of the other replica.
   *
   * @param begin makes the file; it is not called if the bytes are refused.
   * @throws {RefusedBytesError} if it is not that of the segment.
   * @throws {StorageError} if the disk does not take the file.
   */
  constructor(ref: SegmentRef, tail: Uint8Array, fileBytes: number, packing: Packing, begin: () => NewSegment) {
    this.#ref = ref;
    this.#tail = tail;
    this.#segment = received(partTitle(ref, "footer"), () => openSegment(ref, tail, fileBytes, packing));
    this.#file = begin();
  }

  /** How many blocks it has. */
  get blocks(): number {
    return this.#segment.blocks;
  }

  /** How many bytes one of them has. */
  bytesOf(block: number): number {
    const { start, end } = this.#segment.rangeOf(block);
    return end - start;
  }

  /** Where in the other replica's file the bytes are that {@link take} must be given next; undefined: it has all. */
  get needs(): FileRange | undefined {
    return this.#block < this.#segment.blocks ? this.#segment.rangeOf(this.#block) : undefined;
  }

  /**
   * Takes the next block.
   *
   * @throws {RefusedBytesError} if it is not what was sealed; the same block may then come from another replica.
   * @throws {StorageError} if the disk does not take it; nothing of the file is left then.
   */
  *take(packed: Uint8Array): FileSteps<void> {
    received(partTitle(this.#ref, this.#block), () => this.#segment.unpack(this.#block, packed));
    yield* this.#file.add(packed);
    this.#block++;
  }

  /** Gives the file its name, once it {@link needs} nothing. @throws {StorageError} if the disk does not take it. */
  *end(): FileSteps<SegmentRef> {
    if (this.needs !== undefined) throw new Error(`${partTitle(this.#ref, this.#block)} has not come yet`);
    yield* this.#file.add(this.#tail);
    return yield* this.#file.end(this.#ref.digest);
  }

  /** Leaves nothing of it. */
  discard(): void {
    this.#file.discard();
  }
}
