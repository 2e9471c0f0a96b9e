/**
 * Backup files on the disk: made whole or not at all, and never over a file that is there.
 *
 * @module
 */

import {
  type BackupContents,
  type BackupHeader,
  type BackupInfo,
  decodeBackup,
  encodeHeader,
  FormatError,
  headerOf,
} from "./backup_format.ts";
import { DecodeError } from "../bytes.ts";
import type { Restoring } from "../snapshot.ts";
import { inSlices, partsOf } from "./slices.ts";
import { NewFile } from "./new_file.ts";
import { reasonOf } from "../reason.ts";

/** A backup file cannot be written or read. The message says what failed, names the file, and says what to do. */
export class BackupFileError extends Error {
  override name = "BackupFileError";
}

/**
 * Reads a backup and compares it with its checksums, so that others have their turn meanwhile.
 *
 * @throws {FormatError} if it is not a sound one.
 * @throws {Error} if it cannot be read; the system says why.
 */
export async function readBackup(file: string): Promise<BackupContents> {
  return await inSlices(decodeBackup(await Deno.readFile(file)));
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
  database: Uint8Array,
  onPart?: (part: Uint8Array) => void,
): Promise<void> {
  try {
    await inSlices(replaying(state, database, onPart));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const why = `its checksums are right, but no database has these bytes: ${error.message}`;
    throw new FormatError("not a database", why);
  }
}

function* replaying(state: Restoring, database: Uint8Array, onPart?: (part: Uint8Array) => void): Generator<void> {
  for (const part of partsOf(database)) {
    state.push(part);
    onPart?.(part);
    yield;
  }
  state.finish();
}

/** A backup file that is being made. */
export class NewBackupFile {
  readonly #file: NewFile;

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

  /**
   * Writes all; it is on the disk when this returns. In one go: nothing comes between that could leave half of it.
   *
   * @throws {BackupFileError} if that is not possible; then nothing is left of it.
   */
  complete(info: BackupInfo, database: Uint8Array): BackupHeader {
    try {
      const header = headerOf(info, database);
      this.#file.write(encodeHeader(header));
      this.#file.write(database);
      this.#file.complete();
      return header;
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
