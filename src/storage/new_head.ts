/**
 * A backup that comes into a directory of backups: what is not there yet of its sealed history, and then its head.
 *
 * A segment gets its name when all of it was compared with its digest and is on the disk. The head gets its name when
 * all segments that it names have theirs, on the disk, too. So each head that is there can be restored, whenever the
 * process was killed, and what was begun is of use to the next backup.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { DecodeError } from "../bytes.ts";
import { type BytesSource, piecesOf } from "../bytes_source.ts";
import { copyParts, decodeSegments, encodeSegments, type PlacedSegment } from "../copy_layout.ts";
import type { FileSteps } from "../file_steps.ts";
import { synced } from "../file_steps.ts";
import { segmentName, type SegmentRef } from "../history.ts";
import type { Packing } from "../packing.ts";
import { joined } from "../snapshot.ts";
import { type BackupHeader, type BackupInfo, encodeHeader, sha256Of } from "./backup_format.ts";
import { partialHead, partialState } from "./backup_names.ts";
import type { CopyContents } from "./copy_contents.ts";
import type { HistoryFiles } from "./history_files.ts";
import { writtenPieceBytes } from "./new_segment.ts";
import { checkingSegment } from "./segment_check.ts";
import { SegmentFile } from "./segment_file.ts";
import { partialName, wholeName } from "./segment_names.ts";

/** How much has come of a backup. */
export interface Arrived {
  /** Bytes that were written, with those of the head. */
  readonly newBytes: number;
  /** Segments whose files have come. */
  readonly newSegments: number;
}

/** A backup that comes. */
export class NewHead {
  readonly #files: HistoryFiles;
  readonly #packing: Packing;
  /** Names of files that are there and whole. */
  readonly #there: Set<string>;
  #stateBytes = 0;
  #hash = createHash("sha256");
  #listed: Uint8Array[] = [];
  /** The segments, once all of the list has come. */
  #segments: readonly PlacedSegment[] | undefined;
  /** Which segment comes next, and where it continues. */
  #at = 0;
  #offset = 0;
  /** Why what has come cannot be used. */
  #fault: string | undefined;
  #newBytes = 0;
  #newSegments = 0;

  /** @param there the segments whose files need not come; those that come are added. */
  constructor(files: HistoryFiles, packing: Packing, there: Set<string>) {
    this.#files = files;
    this.#packing = packing;
    this.#there = there;
  }

  /** Whether a segment is there and whole, by the name of its file. */
  has(name: string): boolean {
    return this.#there.has(name);
  }

  /** How much has come. */
  get arrived(): Arrived {
    return { newBytes: this.#newBytes, newSegments: this.#newSegments };
  }

  /** A copy begins: what came of another one is left out, except for whole segments. */
  begin(): void {
    this.#files.create(partialState);
    this.#stateBytes = 0;
    this.#hash = createHash("sha256");
    this.#listed = [];
    this.#segments = undefined;
    this.#at = this.#offset = 0;
    this.#fault = undefined;
  }

  /**
   * Takes the next bytes of the copy. Those of the caller are read in the first step.
   *
   * @param part what they are of: one of `copyParts`.
   * @throws {DecodeError} if they cannot be those of a copy.
   * @throws what the system says if the disk does not take them.
   */
  *write(part: number, bytes: Uint8Array): FileSteps<void> {
    if (part === copyParts.state) {
      this.#files.append(partialState, bytes);
      this.#hash.update(bytes);
      this.#stateBytes += bytes.length;
      this.#newBytes += bytes.length;
    } else if (part === copyParts.segments) this.#listed.push(bytes.slice());
    else yield* this.#writeFile(bytes);
  }

  /** Takes bytes of files. */
  *#writeFile(all: Uint8Array): FileSteps<void> {
    const bytes = all.slice();
    const segments = this.#list();
    for (let at = 0; at < bytes.length;) {
      const segment = segments[this.#at];
      if (segment === undefined) throw new DecodeError("more bytes have come than its list of segments says");
      const some = bytes.subarray(at, at + segment.bytes - this.#offset);
      at += some.length;
      yield* this.#take(segment, some);
    }
  }

  *#take(segment: PlacedSegment, bytes: Uint8Array): FileSteps<void> {
    const isWanted = !this.#there.has(wholeName(segment));
    const name = partialName(segment);
    if (isWanted) {
      if (this.#offset === 0) this.#files.create(name);
      this.#files.append(name, bytes);
      this.#newBytes += bytes.length;
    }
    this.#offset += bytes.length;
    if (this.#offset < segment.bytes) return;
    this.#at++;
    this.#offset = 0;
    if (isWanted) yield* this.#complete(segment, name);
  }

  /** All of a segment has come. */
  *#complete(ref: SegmentRef, partial: string): FileSteps<void> {
    const [damage] = yield* unordered(
      checkingSegment(new SegmentFile(this.#files, ref, partial), this.#packing, { unpacks: true }),
    );
    if (damage !== undefined) {
      this.#files.remove(partial);
      this.#fault ??= damage.message;
      return;
    }
    yield* synced(partial);
    this.#files.rename(partial, wholeName(ref));
    this.#there.add(wholeName(ref));
    this.#newSegments++;
  }

  /** The segments of the copy: all of the list has come. */
  #list(): readonly PlacedSegment[] {
    return this.#segments ??= decodeSegments(joined(this.#listed));
  }

  /**
   * Leaves out files that are there. It is asked after {@link write}, and leaves out nothing before files come: then
   * the list is whole.
   *
   * @returns the bytes that need not come.
   */
  leaveOut(): number {
    if (this.#segments === undefined) return 0;
    let bytes = 0;
    for (let next = this.#segments[this.#at]; next !== undefined; next = this.#segments[this.#at]) {
      if (!this.#there.has(wholeName(next))) break;
      bytes += next.bytes - this.#offset;
      this.#at++;
      this.#offset = 0;
    }
    return bytes;
  }

  /** Why the copy that has come cannot be used; undefined: nothing is known against it. @throws {DecodeError} */
  whyNot(): string | undefined {
    if (this.#fault !== undefined) return this.#fault;
    const missing = this.#list().find((segment) => !this.#there.has(wholeName(segment)));
    return missing && `${segmentName(missing)} has not come`;
  }

  /** The copy. @throws {DecodeError} if it cannot be one. */
  contents(): CopyContents {
    const files = this.#files;
    const database: BytesSource = {
      length: this.#stateBytes,
      read: (start, length) => files.read(partialState, start, length),
    };
    return { database, segments: this.#list(), files };
  }

  /**
   * Gives the backup its name: when this returns, it is on the disk with all that it names.
   *
   * @throws what the system says if the disk does not take it.
   */
  *complete(info: BackupInfo, name: string): FileSteps<BackupHeader> {
    const files = this.#files;
    const list = encodeSegments(this.#list());
    const sha256 = this.#hash.copy().update(list).digest("hex");
    const [state, segments] = [this.#stateBytes, this.#list().length];
    const header: BackupHeader = {
      ...info,
      bytes: state + list.length,
      state,
      segments,
      sha256,
      list: sha256Of(list),
    };
    // The first line is known only now, and is in front.
    files.create(partialHead);
    const line = encodeHeader(header);
    files.append(partialHead, line);
    for (const piece of piecesOf(this.contents().database, writtenPieceBytes)) {
      files.append(partialHead, piece);
      yield;
    }
    files.append(partialHead, list);
    this.#newBytes += line.length + list.length;
    yield* synced(partialHead);
    // The names of the segments last before that of the head does.
    yield* synced();
    files.rename(partialHead, name);
    yield* synced();
    files.remove(partialState);
    return header;
  }

  /** Leaves nothing that is not whole. */
  discard(): void {
    const segment = this.#segments?.[this.#at];
    const names = [partialState, partialHead, ...segment === undefined ? [] : [partialName(segment)]];
    for (const name of names) {
      try {
        this.#files.remove(name);
      } catch {
        // The next backup removes it.
      }
    }
  }
}

/** Steps that order nothing. */
function* unordered<T>(steps: Generator<void, T>): FileSteps<T> {
  for (let step = steps.next();; step = steps.next()) {
    if (step.done) return step.value;
    yield;
  }
}
