/**
 * What a copy of the database holds.
 *
 * @module
 */

import { DecodeError } from "../bytes.ts";
import { BytesRange, type BytesSource } from "../bytes_source.ts";
import { bytesOfFiles, copyParts, decodeSegments, listedBytes, type PlacedSegment } from "../copy_layout.ts";
import { CopiedFiles } from "./copied_files.ts";
import type { HistoryFiles } from "./history_files.ts";

/** A copy of the database. */
export interface CopyContents {
  /** The state, as the state machine wrote it. */
  readonly database: BytesSource;
  /** The sealed segments that it names. */
  readonly segments: readonly PlacedSegment[];
  /** Their files, wherever they are. */
  readonly files: HistoryFiles;
}

/**
 * Finds the parts of a copy.
 *
 * @param body the state, the list of segments, and their files.
 * @param stateBytes, segments how long the state is, and how many segments there are.
 * @throws {DecodeError} if these bytes cannot be a copy.
 */
export function contentsOf(body: BytesSource, stateBytes: number, segments: number): CopyContents {
  const listBytes = listedBytes * segments;
  const filesAt = stateBytes + listBytes;
  if (filesAt > body.length) throw new DecodeError(`a copy of ${body.length} bytes cannot have ${segments} segments`);
  const list = decodeSegments(body.read(stateBytes, listBytes));
  const files = new BytesRange(body, filesAt, body.length - filesAt);
  if (bytesOfFiles(list) !== files.length) {
    throw new DecodeError(`the files of ${segments} segments have ${files.length} bytes, not ${bytesOfFiles(list)}`);
  }
  return { database: new BytesRange(body, 0, stateBytes), segments: list, files: new CopiedFiles(list, files) };
}

/**
 * The same of a copy whose files lie apart.
 *
 * @param body the state and the list.
 * @param files where they lie; they are not looked at.
 */
export function headContentsOf(
  body: BytesSource,
  stateBytes: number,
  segments: number,
  files: HistoryFiles,
): CopyContents {
  const listBytes = listedBytes * segments;
  if (stateBytes + listBytes !== body.length) {
    throw new DecodeError(`a copy of ${body.length} bytes without files cannot have ${segments} segments`);
  }
  const list = decodeSegments(body.read(stateBytes, listBytes));
  return { database: new BytesRange(body, 0, stateBytes), segments: list, files };
}

/** How long the parts are of a copy that comes piece by piece. */
export class CopyLengths {
  #state = 0;
  #list = 0;
  #files = 0;

  /** A piece comes of one of `copyParts`. */
  add(part: number, { length }: Uint8Array): void {
    if (part === copyParts.state) this.#state += length;
    else if (part === copyParts.segments) this.#list += length;
    else this.#files += length;
  }

  /** Bytes of the state. */
  get state(): number {
    return this.#state;
  }

  /** How many segments the list has. */
  get segments(): number {
    return Math.floor(this.#list / listedBytes);
  }

  /** Bytes of all. */
  get bytes(): number {
    return this.#state + this.#list + this.#files;
  }
}
