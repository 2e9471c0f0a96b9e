/**
 * A database file, claimed: no other process of Vaxlog has it, and it is one.
 *
 * The claim is a lock of the operating system on the file, which ends with the process. SQLite's own lock comes on
 * top of it; but that one is lost as soon as the process closes any descriptor of the file, and it keeps nobody from
 * looking at the files before SQLite opens them. So a claim is made first and given up last.
 *
 * @module
 */

import { dirname } from "node:path";
import { type StorageError, storageError } from "./storage_error.ts";
import { ownFileMode } from "./own_modes.ts";

/** Milliseconds for which an open waits until another process lets the file go. */
export const storageWaitMs = 2_000;

/** Milliseconds between two tries of such an open. */
export const storageRetryMs = 50;

/** Twice the bytes of the index that a check needs. */
const probeBytes = 64 * 1024;

/** The file of what SQLite has not yet moved into `file`. */
export function walOf(file: string): string {
  return `${file}-wal`;
}

/** The file in which SQLite would share its index of the log; here only a check makes it, and removes it. */
export function sharedOf(file: string): string {
  return `${file}-shm`;
}

/** The file that becomes `file` when it is complete. */
function newOf(file: string): string {
  return `${file}-new`;
}

/** What `look` gives; undefined if a file that it needs is not there. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Bytes of a file; undefined if there is none. */
export function sizeOf(file: string): number | undefined {
  return ifThere(() => Deno.statSync(file).size);
}

/** Removes a file if it is there. */
export function removeIfThere(file: string): void {
  ifThere(() => Deno.removeSync(file));
}

/** Makes it lasting which files a file's folder has. */
export function syncFolderOf(file: string): void {
  using folder = Deno.openSync(dirname(file));
  folder.syncSync();
}

/**
 * Claims a file, and makes it if it is not there. The returned descriptor is the claim; close it after everything else
 * that has the file open.
 *
 * A new file is made under another name and gets its own when it is complete and on disk: a file that is there was
 * complete once.
 *
 * @param make writes a new database to the empty file that it is given.
 * @throws {StorageError} of kind `in use`, or `corrupt` if there is a log and no database; or what the operating
 * system says.
 */
export function claim(file: string, make: (file: string) => void): Deno.FsFile {
  using claiming = new DisposableStack();
  const there = ifThere(() => Deno.statSync(file));
  if (there !== undefined) {
    if (there.isDirectory) throw storageError("io", "open", file, "it is a directory");
    const guard = claiming.use(Deno.openSync(file, { read: true, write: true }));
    lock(guard, file);
    tryFolder(file);
    claiming.move();
    return guard;
  }
  if (sizeOf(walOf(file))) {
    throw storageError("corrupt", "open", file, `it is missing, and "${walOf(file)}", which belongs to it, is there`);
  }
  const fresh = newOf(file);
  const guard = claiming.use(Deno.openSync(fresh, { read: true, write: true, create: true, mode: ownFileMode }));
  lock(guard, file);
  // The process that had the lock before may have made the file meanwhile, and then the locked file may be that one.
  if (sizeOf(file) !== undefined) throw inUse(file);
  const removing = claiming.use(new DisposableStack());
  for (const path of [fresh, walOf(fresh)]) removing.defer(() => removeIfThere(path));
  guard.truncateSync(0);
  removeIfThere(walOf(fresh));
  make(fresh);
  guard.syncSync();
  Deno.renameSync(fresh, file);
  syncFolderOf(file);
  removing.move();
  claiming.move();
  return guard;
}

/**
 * Throws what the system says if no file can be made beside `file`, or has no room: SQLite, which needs one for a
 * check, would only say that it cannot open the file, or that the disk has an error.
 */
function tryFolder(file: string): void {
  const probe = newOf(file);
  try {
    Deno.writeFileSync(probe, new Uint8Array(probeBytes), { mode: ownFileMode });
  } finally {
    removeIfThere(probe);
  }
}

/**
 * Locks an open file until it is closed.
 *
 * @throws {StorageError} of kind `in use` if another process has it locked.
 */
export function lock(guard: Deno.FsFile, file: string): void {
  if (!guard.tryLockSync(true)) throw inUse(file);
}

function inUse(file: string): StorageError {
  return storageError("in use", "open", file, "another process has it open");
}
