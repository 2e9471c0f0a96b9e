/**
 * An SQLite file that is opened safely: by one process, of the right kind and version, sound, or not at all.
 *
 * How it is kept: write-ahead log, synced at every commit, held exclusively (SQLite then needs no `-shm` file). The
 * `-wal` file has all its length from the start, because a write that does not lengthen a file is synced faster, and
 * because a log that has become shorter is then seen to be damaged.
 *
 * The checks, in this order and before anything is written: the constant part of the header; the log and the marks (see
 * `wal_check.ts`); the tables; the pages (see `page_check.ts`); and the rows, by the kind of file. If a check fails,
 * all files stay as they were.
 *
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type FileKind, verifyFile, walBytesMin, walFramesMax } from "./file_check.ts";
import { inSlices, nextTurn } from "./slices.ts";
import { claim, sizeOf, storageRetryMs, storageWaitMs, syncFolderOf, walOf } from "./file_claim.ts";
import { encodeMark, type Mark, markTable } from "./mark.ts";
import { ownFileMode } from "./own_modes.ts";
import { StorageError, storageErrorOf } from "./storage_error.ts";
import { userVersionOf } from "./file_header.ts";

export type { FileKind };

/** An open database file. */
export class DatabaseFile {
  readonly #file: string;
  readonly #guard: Deno.FsFile;
  /** The database, to prepare statements for; only {@link transaction} may write to it. */
  readonly database: DatabaseSync;
  readonly #mark: StatementSync;
  readonly #logLength: StatementSync;
  #count: number;
  #isSealed = true;
  #failure: StorageError | undefined;

  private constructor(file: string, guard: Deno.FsFile, database: DatabaseSync, last: Mark) {
    this.#file = file;
    this.#guard = guard;
    this.database = database;
    this.#mark = database.prepare("UPDATE mark SET bytes = ? WHERE id = 1");
    this.#logLength = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#count = last.count;
  }

  /**
   * Opens a file, or makes it in a folder that is there. Waits up to {@link storageWaitMs} for another process to let
   * go of it.
   *
   * @throws {StorageError} if it cannot be used.
   */
  static async open(file: string, kind: FileKind): Promise<DatabaseFile> {
    for (let waited = 0;; waited += storageRetryMs) {
      try {
        return await DatabaseFile.#tryOpen(file, kind);
      } catch (error) {
        const failure = storageErrorOf(error, "open", file);
        if (failure.kind !== "in use" || waited >= storageWaitMs) throw failure;
      }
      await new Promise((resolve) => setTimeout(resolve, storageRetryMs));
    }
  }

  static async #tryOpen(file: string, kind: FileKind): Promise<DatabaseFile> {
    using opening = new DisposableStack();
    const guard = opening.use(claim(file, (fresh) => make(fresh, kind)));
    const { last, version } = await inSlices(verifyFile(file, guard, kind));
    await lengthenWal(file);
    const database = opening.use(new DatabaseSync(file));
    // SQLite only warns of a file that cannot be written: the first transaction would fail with other words.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    // The commit decides when the log is moved, so that its errors are seen.
    database.exec("PRAGMA wal_autocheckpoint = 0");
    database.exec("PRAGMA cache_spill = OFF");
    // Deleted rows may be about people who are to be forgotten: their bytes are overwritten, and their pages freed.
    database.exec("PRAGMA secure_delete = ON");
    const opened = new DatabaseFile(file, guard, database, last);
    // What SQLite does from here on waits for the disk.
    await nextTurn();
    // An earlier program, which would not understand what is written from now on, must refuse the file: so the header
    // changes first.
    if (version !== kind.version) {
      opened.#write(() => database.exec(`PRAGMA user_version = ${userVersionOf(kind.version)}`));
    }
    // From here on the mark in the file says that a log follows.
    opened.#moveLog();
    await nextTurn();
    opening.move();
    return opened;
  }

  /**
   * Runs `work` in one transaction, which is on disk when this returns. After a failure nothing can be written any
   * more: what a failed sync has left on the disk is known only to the next open.
   *
   * @throws {StorageError} if it cannot be written; the transaction then counts as not made.
   */
  transaction(work: () => void): void {
    this.#commit(work);
  }

  /**
   * Writes a transaction with nothing in it if the last one was none. Behind it, the last transaction that holds
   * something is not the last of the log any more: damage of it is then found and not taken for a torn write.
   *
   * @throws {StorageError} if it cannot be written.
   */
  seal(): void {
    if (!this.#isSealed) this.#commit();
  }

  /** Closes the file: it is complete without a log then, unless writing has failed. */
  close(): void {
    try {
      // What SQLite still has to move when it closes is then only the last mark.
      if (!this.#failure) this.#moveLog();
    } catch {
      // Then the log stays, and the next open takes what is in it.
    } finally {
      this.#failure ??= new StorageError("io", `Cannot write to "${this.#file}": it is closed`);
      if (this.database.isOpen) this.database.close();
      this.#guard.close();
    }
  }

  #commit(work?: () => void): void {
    if (this.#failure) throw this.#failure;
    try {
      this.#write(work);
      this.#isSealed = work === undefined;
      if (Number(this.#logLength.get()?.log) >= walFramesMax) this.#moveLog();
    } catch (error) {
      this.#failure = storageErrorOf(error, "write to", this.#file);
      throw this.#failure;
    }
  }

  #write(work?: () => void, logFollows = false): void {
    this.database.exec("BEGIN IMMEDIATE");
    try {
      work?.();
      this.#mark.run(encodeMark({ count: this.#count + 1, logFollows }));
      this.database.exec("COMMIT");
    } catch (error) {
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
    this.#count++;
  }

  #moveLog(): void {
    this.#write(undefined, true);
    try {
      this.database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } finally {
      // Behind it there must be a mark that is right when SQLite closes the file, and that is there before it could.
      this.#write();
      this.#isSealed = true;
    }
  }
}

function make(file: string, kind: FileKind): void {
  using database = new DatabaseSync(file);
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA page_size = 4096");
  database.exec(`PRAGMA application_id = ${kind.applicationId}`);
  database.exec(`PRAGMA user_version = ${userVersionOf(kind.version)}`);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("BEGIN");
  for (const table of [markTable, ...kind.tables]) database.exec(table);
  database.prepare("INSERT INTO mark VALUES (1, ?)").run(encodeMark({ count: 1, logFollows: false }));
  database.exec("COMMIT");
}

/** Gives the log the length that it is to have while the file is in use. */
async function lengthenWal(file: string): Promise<void> {
  const size = sizeOf(walOf(file)) ?? 0;
  if (size >= walBytesMin) return;
  using wal = Deno.openSync(walOf(file), { write: true, create: true, mode: ownFileMode });
  wal.seekSync(size, Deno.SeekMode.Start);
  const zeros = new Uint8Array(walBytesMin - size);
  for (let at = 0; at < zeros.length;) at += await wal.write(zeros.subarray(at));
  await wal.sync();
  syncFolderOf(file);
}
