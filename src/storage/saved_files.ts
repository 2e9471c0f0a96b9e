/**
 * Files of a directory as they were before something is tried with them, so that nothing of it is left if it fails.
 *
 * The copies lie in a folder of the directory, which gets its name when they are complete and on the disk, and loses it
 * when the trial has succeeded. A folder of that name in a directory that nobody uses tells of a trial that was killed.
 *
 * Files are put back by changes of their names alone, in an order that a second attempt can follow: the main file of a
 * database comes first, once the files beside it are gone, and then its log.
 *
 * @module
 */

import { ifThere, lock, storageRetryMs, storageWaitMs, syncFolderOf } from "./file_claim.ts";
import { StorageError } from "./storage_error.ts";
import { ownDirectoryMode } from "./own_modes.ts";

/** What the name of a folder ends with whose copies are not complete, or of no use any more. */
const unfinished = "-unfinished";

/** What the name of a folder ends with whose copies are being put back. */
const returning = "-returning";

/** Copies of files. */
export class SavedFiles {
  readonly #directory: string;
  readonly #folder: string;

  private constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#folder = `${directory}/${name}`;
  }

  /**
   * Copies files of a directory into a folder of this name in it, which is not there yet.
   *
   * @throws {Error} if that is not possible; then nothing is left of it.
   */
  static save(directory: string, name: string, files: readonly string[]): SavedFiles {
    const saved = new SavedFiles(directory, name);
    const made = saved.#folder + unfinished;
    try {
      removeFolder(made);
      Deno.mkdirSync(made, { mode: ownDirectoryMode });
      for (const file of files) {
        Deno.copyFileSync(`${directory}/${file}`, `${made}/${file}`);
        using copy = Deno.openSync(`${made}/${file}`, { read: true, write: true });
        copy.syncSync();
      }
      syncFolderOf(`${made}/any`);
      saved.#rename(unfinished, "");
    } catch (error) {
      removeFolder(made);
      throw error;
    }
    return saved;
  }

  /**
   * The copies in a folder of this name; undefined if there is none whose copies are complete. Nobody uses the files.
   * Removes copies of no use, and puts back what an earlier call of {@link putBack} has left.
   */
  static find(directory: string, name: string): SavedFiles | undefined {
    const saved = new SavedFiles(directory, name);
    removeFolder(saved.#folder + unfinished);
    if (isThere(saved.#folder + returning)) saved.#return();
    return isThere(saved.#folder) ? saved : undefined;
  }

  /** The trial has succeeded: the copies have no use any more when this returns, even after a power failure. */
  discard(): void {
    this.#rename("", unfinished);
    removeFolder(this.#folder + unfinished);
  }

  /**
   * The trial has failed: puts the copies back, which nobody uses then, and removes what has come beside them.
   *
   * @param isWanted which of them; all others stay as they are now.
   */
  putBack(isWanted: (file: string) => boolean = () => true): void {
    for (const file of namesIn(this.#folder)) if (!isWanted(file)) Deno.removeSync(`${this.#folder}/${file}`);
    this.#rename("", returning);
    this.#return();
  }

  #return(): void {
    const from = this.#folder + returning;
    // The name of a database is the beginning of the names of the files beside it.
    for (const file of namesIn(from).sort()) {
      if (file.endsWith(".db")) {
        for (const name of namesIn(this.#directory)) {
          if (name.startsWith(`${file}-`)) Deno.removeSync(`${this.#directory}/${name}`);
        }
      }
      Deno.renameSync(`${from}/${file}`, `${this.#directory}/${file}`);
    }
    syncFolderOf(`${this.#directory}/any`);
    removeFolder(from);
  }

  #rename(before: string, after: string): void {
    Deno.renameSync(this.#folder + before, this.#folder + after);
    syncFolderOf(this.#folder);
  }
}

/**
 * Resolves when no other process has any of these files open; waits up to {@link storageWaitMs} for that.
 *
 * @throws {StorageError} of kind `in use` if one has, or what the system says.
 */
export async function awaitUnused(files: readonly string[]): Promise<void> {
  for (let waited = 0;; waited += storageRetryMs) {
    try {
      for (const file of files) {
        using guard = Deno.openSync(file, { read: true, write: true });
        lock(guard, file);
      }
      return;
    } catch (error) {
      if (!(error instanceof StorageError) || waited >= storageWaitMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, storageRetryMs));
  }
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

function isThere(folder: string): boolean {
  return ifThere(() => Deno.statSync(folder)) !== undefined;
}

function removeFolder(folder: string): void {
  ifThere(() => Deno.removeSync(folder, { recursive: true }));
}
