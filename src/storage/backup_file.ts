/**
 * Backup files on the disk: made whole or not at all, and never over a file that is there.
 *
 * A new one is written under a name of its own in the same directory, and gets the name that was asked for when it is
 * complete and on the disk. So whatever is found under that name is a whole backup, even after a power failure.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import {
  type Backup,
  type BackupHeader,
  type BackupInfo,
  decodeBackup,
  encodeHeader,
  headerOf,
} from "./backup_format.ts";
import { removeIfThere, syncFolderOf } from "./file_claim.ts";

/** A backup file cannot be written or read. The message says what failed, names the file, and says what to do. */
export class BackupFileError extends Error {
  override name = "BackupFileError";
}

/**
 * Reads a backup and checks all of it.
 *
 * @throws {BackupFileError} if it cannot be read, or is not a sound one.
 */
export function readBackupFile(file: string): Backup {
  try {
    return decodeBackup(Deno.readFileSync(file));
  } catch (error) {
    throw new BackupFileError(`Cannot restore from "${file}": ${messageOf(error)}; use another backup`);
  }
}

/** A backup file that is being made. */
export class NewBackupFile {
  readonly #file: string;
  readonly #partial: string;
  readonly #handle: Deno.FsFile;
  #state: "open" | "complete" | "discarded" = "open";

  private constructor(file: string, partial: string, handle: Deno.FsFile) {
    this.#file = file;
    this.#partial = partial;
    this.#handle = handle;
  }

  /**
   * Begins one; until it is complete, nothing is there under the name of `file`.
   *
   * @throws {BackupFileError} if there is something of that name, or nothing can be written there.
   */
  static create(file: string): NewBackupFile {
    try {
      if (isThere(file)) throw new Error(alreadyThere);
      const partial = `${file}.partial-${encodeHex(crypto.getRandomValues(new Uint8Array(4)))}`;
      return new NewBackupFile(file, partial, Deno.openSync(partial, { write: true, createNew: true }));
    } catch (error) {
      throw failureOf(file, error);
    }
  }

  /** Whether it is there, whole and lasting. */
  get isComplete(): boolean {
    return this.#state === "complete";
  }

  /**
   * Writes all; it is on the disk when this returns. In one go: nothing comes between that could leave half of it.
   *
   * @throws {BackupFileError} if that is not possible; then nothing is left of it.
   */
  complete(info: BackupInfo, database: Uint8Array): BackupHeader {
    if (this.#state !== "open") throw new Error(`The backup "${this.#file}" is ${this.#state}`);
    try {
      const header = headerOf(info, database);
      this.#write(encodeHeader(header));
      this.#write(database);
      this.#handle.syncSync();
      giveName(this.#partial, this.#file);
      this.#state = "complete";
      this.#handle.close();
      return header;
    } catch (error) {
      this.discard();
      throw failureOf(this.#file, error);
    }
  }

  /** Leaves nothing of it, unless it is complete. */
  discard(): void {
    if (this.#state !== "open") return;
    this.#state = "discarded";
    this.#handle.close();
    removeIfThere(this.#partial);
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#handle.writeSync(bytes.subarray(at));
  }
}

const alreadyThere = "there is something of that name already";

/** Gives a file the name that it is to have, unless that is taken; lasting when it returns. */
function giveName(partial: string, file: string): void {
  try {
    // Unlike a change of its name, a second name never takes the place of a file that has come meanwhile.
    Deno.linkSync(partial, file);
  } catch {
    if (isThere(file)) throw new Error(alreadyThere);
    // Some file systems have no second names.
    Deno.renameSync(partial, file);
  }
  removeIfThere(partial);
  // Windows opens no directories.
  if (Deno.build.os !== "windows") syncFolderOf(file);
}

function isThere(file: string): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function failureOf(file: string, error: unknown): BackupFileError {
  const advice = error instanceof Deno.errors.NotCapable
    ? "run the client as deno task does, with --allow-read and --allow-write"
    : "choose another name or directory";
  return new BackupFileError(`Cannot write the backup "${file}": ${messageOf(error)}; ${advice}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
