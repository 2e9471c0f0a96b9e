/**
 * Reads backups, wherever they are.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { DecodeError } from "../bytes.ts";
import { type BytesSource, piecesOf } from "../bytes_source.ts";
import { reasonOf } from "../reason.ts";
import type { Restoring } from "../snapshot.ts";
import { openedToRead } from "./backup_directory.ts";
import { BackupFileError, readAll } from "./backup_file.ts";
import { type BackupContents, decodeBackup, FormatError } from "./backup_format.ts";
import { headOf } from "./backup_names.ts";
import { inSlices, partBytes } from "./slices.ts";

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

/**
 * Reads a backup and compares it with its checksums, so that others have their turn meanwhile. Its bytes are read again
 * where they are needed, and not kept in memory.
 *
 * @param place a file, a directory of backups, of which the newest is read, or a head in one.
 * @param onShare is told how much of a file was compared, from 0 to 1.
 * @throws {FormatError} if it is not a sound one.
 * @throws {Error} if it cannot be read; the system says why.
 */
export async function readBackup(place: string, onShare?: (share: number) => void): Promise<BackupContents> {
  using directory = openedToRead(place);
  if (directory === undefined) return await inSlices(decodeBackup(new FileBytes(place), onShare));
  const { folder, newest } = directory;
  if (newest === undefined) throw new FormatError("not a backup", "it is a directory without a backup of Vaxlog");
  return await inSlices(folder.reading(newest));
}

/**
 * The one backup that a place means: of a directory the newest, by its own name.
 *
 * @throws {BackupFileError} if it cannot be looked for, or a directory has none.
 */
export function backupAt(place: string): string {
  try {
    using directory = openedToRead(place);
    if (directory === undefined || !directory.isWhole) return place;
    if (directory.newest === undefined) throw new Error("it is a directory without a backup of Vaxlog");
    return join(place, directory.newest);
  } catch (error) {
    throw cannotRestore(place, reasonOf(error));
  }
}

/** What a process must be allowed to read for a backup: the file, or the directory of a head. */
export function neededFor(backup: string): string {
  return headOf(basename(backup)) === undefined ? backup : dirname(backup);
}

/** Keeps a backup from being removed while it is read; one in a file is kept by nobody. */
export function keeping(backup: string): Disposable {
  return openedToRead(backup) ?? { [Symbol.dispose]: () => {} };
}

/**
 * The same, for a restore.
 *
 * @throws {BackupFileError} if it cannot be read, or is not a sound one.
 */
export async function readBackupFile(
  file: string,
  onShare?: (share: number) => void,
): Promise<BackupContents> {
  try {
    return await readBackup(file, onShare);
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
