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
  headerOf,
} from "./backup_format.ts";
import { inSlices } from "./slices.ts";
import { NewFile } from "./new_file.ts";
import { reasonOf } from "../reason.ts";

/** A backup file cannot be written or read. The message says what failed, names the file, and says what to do. */
export class BackupFileError extends Error {
  override name = "BackupFileError";
}

/**
 * Reads a backup and checks all of it, so that others have their turn meanwhile.
 *
 * @throws {BackupFileError} if it cannot be read, or is not a sound one.
 */
export async function readBackupFile(file: string): Promise<BackupContents> {
  try {
    return await inSlices(decodeBackup(await Deno.readFile(file)));
  } catch (error) {
    throw new BackupFileError(`Cannot restore from "${file}": ${reasonOf(error)}; use another backup`);
  }
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
