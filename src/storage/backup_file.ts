/**
 * Backup files on the disk: made whole or not at all, and never over a file that is there.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { DecodeError } from "../bytes.ts";
import { BytesRange, type BytesSource, piecesOf } from "../bytes_source.ts";
import type { Restoring } from "../snapshot.ts";
import {
  type BackupContents,
  type BackupHeader,
  type BackupInfo,
  decodeBackup,
  encodeHeader,
  FormatError,
  headerBytes,
} from "./backup_format.ts";
import { contentsOf, type CopyContents, CopyLengths } from "./copy_contents.ts";
import { inSlices, partBytes } from "./slices.ts";
import { NewFile } from "./new_file.ts";
import { reasonOf } from "../reason.ts";

/** A backup file cannot be written or read. The message says what failed, names the file, and says what to do. */
export class BackupFileError extends Error {
  override name = "BackupFileError";
}

/** A file, opened for each read: nobody has to close it. */
class FileBytes implements BytesSource {
  readonly length: number;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    this.length = Deno.statSync(file).size;
  }

  read(start: number, length: number): Uint8Array {
    using file = Deno.openSync(this.#file);
    file.seekSync(start, Deno.SeekMode.Start);
    return readAll(file, length);
  }
}

/** The next bytes of a file, all of which must be there. */
function readAll(file: { readSync(into: Uint8Array): number | null }, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new Error("it ends too early: somebody has changed it");
    at += count;
  }
  return bytes;
}

/**
 * Reads a backup and compares it with its checksums, so that others have their turn meanwhile. Its bytes are read again
 * where they are needed, and not kept in memory.
 *
 * @throws {FormatError} if it is not a sound one.
 * @throws {Error} if it cannot be read; the system says why.
 */
export async function readBackup(file: string): Promise<BackupContents> {
  return await inSlices(decodeBackup(new FileBytes(file)));
}

/**
 * The same, for a restore.
 *
 * @throws {BackupFileError} if it cannot be read, or is not a sound one.
 */
export async function readBackupFile(file: string): Promise<BackupContents> {
  try {
    return await readBackup(file);
  } catch (error) {
    throw cannotRestore(file, reasonOf(error));
  }
}

/** The error of a backup that cannot be restored. */
export function cannotRestore(file: string, why: string): BackupFileError {
  return new BackupFileError(`Cannot restore from "${file}": ${why}; use another backup`);
}

/**
 * Brings a state to what a backup says, so that others have their turn meanwhile.
 *
 * @param database that of the backup.
 * @param onPart is given each part, when it was taken.
 * @throws {FormatError} if these bytes are not a state; it then stays as it was.
 */
export async function replayBackup(
  state: Restoring,
  database: BytesSource,
  onPart?: (part: Uint8Array) => void,
): Promise<void> {
  try {
    await inSlices(readingState(state, database, onPart));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const why = `its checksums are right, but no database has these bytes: ${error.message}`;
    throw new FormatError("not a database", why);
  }
}

/** Brings a state to what these bytes say, in short steps. @throws {DecodeError} if they are not a state. */
export function* readingState(
  state: Restoring,
  database: BytesSource,
  onPart?: (part: Uint8Array) => void,
): Generator<void> {
  for (const part of piecesOf(database, partBytes)) {
    state.push(part);
    onPart?.(part);
    yield;
  }
  state.finish();
}

/** A backup file that is being made. */
export class NewBackupFile {
  readonly #file: NewFile;
  #lengths = new CopyLengths();
  #hash = createHash("sha256");

  /**
   * Begins one; until it is complete, nothing is there under the name of `file`.
   *
   * @throws {BackupFileError} if there is something of that name, or nothing can be written there.
   */
  constructor(file: string) {
    try {
      this.#file = new NewFile(file);
    } catch (error) {
      throw failureOf(file, error);
    }
  }

  /** Whether it is there, whole and lasting. */
  get isComplete(): boolean {
    return this.#file.isComplete;
  }

  /** A copy begins: nothing is left of what was written before. @throws {BackupFileError} as {@link write}. */
  begin(): void {
    this.#try(() => {
      this.#file.restart();
      this.#lengths = new CopyLengths();
      this.#hash = createHash("sha256");
      // When its length is known, the line comes there.
      this.#file.write(new Uint8Array(headerBytes));
    });
  }

  /**
   * Writes the next bytes of the copy.
   *
   * @param part what they are of: one of `copyParts`.
   * @throws {BackupFileError} if the disk does not take them; then nothing is left of the file.
   */
  write(part: number, bytes: Uint8Array): void {
    this.#try(() => {
      this.#file.write(bytes);
      this.#hash.update(bytes);
      this.#lengths.add(part, bytes);
    });
  }

  /** The copy, all of which was written. @throws {DecodeError} if it cannot be one. */
  contents(): CopyContents {
    const { state, segments, bytes: length } = this.#lengths;
    const file: BytesSource = {
      length: headerBytes + length,
      read: (start, count) => this.#try(() => readAll(this.#file.reader(start), count)),
    };
    return contentsOf(new BytesRange(file, headerBytes, length), state, segments);
  }

  /**
   * Writes its first line, and gives it its name; it is on the disk when this returns.
   *
   * @throws {BackupFileError} if that is not possible; then nothing is left of it.
   */
  complete(info: BackupInfo): BackupHeader {
    return this.#try(() => {
      const { state, segments, bytes } = this.#lengths;
      const header = { ...info, bytes, state, segments, sha256: this.#hash.copy().digest("hex") };
      this.#file.overwrite(encodeHeader(header));
      this.#file.complete();
      return header;
    });
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#file.discard();
      throw failureOf(this.#file.name, error);
    }
  }

  /** Leaves nothing of it, unless it is complete. */
  discard(): void {
    this.#file.discard();
  }
}

function failureOf(file: string, error: unknown): BackupFileError {
  const advice = error instanceof Deno.errors.NotCapable
    ? "run the client as deno task does, with --allow-read and --allow-write"
    : "choose another name or directory";
  return new BackupFileError(`Cannot write the backup "${file}": ${reasonOf(error)}; ${advice}`);
}
