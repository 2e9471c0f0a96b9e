/**
 * A file of sealed history, as it is read from the disk: nothing is kept here.
 *
 * @module
 */

import { endBytes, footerStart } from "../database/segments/container.ts";
import { type DamagedPart, DamageError } from "../database/segments/damage.ts";
import { DocumentSegment } from "../database/segments/document_segments.ts";
import { SealedSegment } from "../database/segments/sealed_segment.ts";
import { segmentKinds, segmentName, type SegmentRef } from "../history.ts";
import type { Packing } from "../packing.ts";
import { readDisk } from "./history_errors.ts";
import type { HistoryFiles } from "./history_files.ts";
import { wholeName } from "./segment_names.ts";

/** An open segment of either kind. */
export type OpenSegment = SealedSegment | DocumentSegment;

/** Opens a segment. @throws {DamageError} as `SealedSegment`. */
export function openSegment(
  { kind, number, digest }: SegmentRef,
  tail: Uint8Array,
  fileBytes: number,
  packing: Packing,
): OpenSegment {
  if (kind === segmentKinds.documents) return new DocumentSegment(tail, fileBytes, number, digest, packing);
  return new SealedSegment(tail, fileBytes, number, digest, packing);
}

/** How a part of a segment is called in the middle of a sentence. */
export function partTitle(ref: SegmentRef, part: DamagedPart): string {
  return `${typeof part === "number" ? `block ${part}` : `the ${part}`} of ${segmentName(ref)}`;
}

/** Whether a part is one that follows the blocks. */
export function isInTail(part: DamagedPart): boolean {
  return part === "end" || part === "directory" || part === "footer";
}

/** What follows the blocks of a file. */
export interface FileTail {
  readonly tail: Uint8Array;
  /** Bytes of the whole file. */
  readonly fileBytes: number;
}

/** Reads a file of a segment. */
export class SegmentFile {
  /** Which segment it is. */
  readonly ref: SegmentRef;
  /** The name of the file. */
  readonly name: string;
  readonly #files: HistoryFiles;
  readonly #path: string;
  readonly #what: string;

  /** A file that may be missing, of the name that the segment has or of another one. */
  constructor(files: HistoryFiles, ref: SegmentRef, name: string = wholeName(ref)) {
    this.#files = files;
    this.ref = ref;
    this.name = name;
    this.#path = files.pathOf(name);
    this.#what = segmentName(ref);
  }

  /** Reads as many bytes as are told. */
  #read(part: DamagedPart, start: number, length: number, into?: Uint8Array): Uint8Array {
    const bytes = readDisk(this.#what, part, this.#path, () => this.#files.read(this.name, start, length, into));
    if (bytes.length === length) return bytes;
    throw new DamageError(this.#what, "file", `it ends after ${start + bytes.length} bytes`);
  }

  /**
   * Bytes of the file, which is there and ends as a segment does.
   *
   * @throws {DamageError} if it does not.
   * @throws {StorageError} if the system does not say.
   */
  size(): number {
    this.#start();
    return this.bytes();
  }

  /** Bytes of the file, however it ends. @throws {DamageError} @throws {StorageError} as {@link size}. */
  bytes(): number {
    const bytes = readDisk(this.#what, "file", this.#path, () => this.#files.size(this.name));
    if (bytes === undefined) throw new DamageError(this.#what, "file", "it is missing");
    return bytes;
  }

  /** Where what follows the blocks begins. */
  #start(): number {
    const fileBytes = this.bytes();
    if (fileBytes < endBytes) throw new DamageError(this.#what, "file", `it ends after ${fileBytes} bytes`);
    return footerStart(this.#read("end", fileBytes - endBytes, endBytes), fileBytes, this.#what);
  }

  /** Reads what follows the blocks. @throws {DamageError} @throws {StorageError} as {@link size}. */
  tail(): FileTail {
    const [start, fileBytes] = [this.#start(), this.bytes()];
    return { tail: this.#read("footer", start, fileBytes - start), fileBytes };
  }

  /** Opens it as it is on the disk. @throws {DamageError} @throws {StorageError} as {@link size}. */
  open(packing: Packing): OpenSegment {
    const { tail, fileBytes } = this.tail();
    return openSegment(this.ref, tail, fileBytes, packing);
  }

  /** Reads bytes of it, as many as are told, and compares them with nothing. @throws as {@link size}. */
  range(start: number, length: number): Uint8Array {
    return this.#read("file", start, length);
  }

  /** Reads the packed bytes of a block, and compares them with nothing. @param into as in `HistoryFiles.read`. */
  packed(segment: OpenSegment, block: number, into?: Uint8Array): Uint8Array {
    const { start, end } = segment.rangeOf(block);
    return this.#read(block, start, end - start, into);
  }
}
