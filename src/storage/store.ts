/**
 * One replica's database file: a checkpoint, and the journal rows since.
 *
 * It stores bytes and knows nothing of what they mean. A driver appends rows and commits them, and from time to time
 * replaces the checkpoint, so that the journal does not grow for ever. A new checkpoint goes out in pieces, one per
 * commit, and what it makes superfluous is deleted in slices, so that no commit takes long. A crash at any point
 * leaves the last complete checkpoint and all rows after it.
 *
 * Disk use: while the driver calls `commit()` as long as `isBusy`, the file has room for the two largest checkpoints
 * that follow one another, the rows since the older one, and some 15 % more; room that is free is used again, and the
 * file does not become smaller. The log beside it has 4 MB and the largest commit.
 *
 * `open()` finds a flipped byte anywhere, a file that was cut short anywhere, and a log that is missing or older than
 * its file. Two faults look like a write that a crash tore, and are dropped: damage of the last commit in a log without
 * a `seal()` after it, and a log that is all zeros from some place to its old end, if none of that was moved into the
 * file. `open()` cannot see that all files are old copies of the same age.
 *
 * @module
 */

import { dirname } from "node:path";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { checksum } from "./checksum.ts";
import { DatabaseFile } from "./database_file.ts";
import {
  checkpointOf,
  type CheckpointRecord,
  encodeRecord,
  numbered,
  type NumberedTable,
  recordOf,
  replicaFile,
} from "./store_tables.ts";
import { type DiskRoom, roomOf } from "./disk_room.ts";
import { partsOf } from "./slices.ts";
import type { Snapshot } from "../snapshot.ts";
import { storageErrorOf } from "./storage_error.ts";

/** Bytes of a checkpoint that one commit writes, at least. So no commit takes long. */
export const checkpointPieceBytes = 256 * 1024;

/** Bytes of old rows and pieces that one commit deletes, at least. */
const deletedBytesPerCommit = 1024 * 1024;

/** Old rows and pieces that one commit deletes, at least. */
export const deletedRowsPerCommit = 1024;

export { StorageError, type StorageErrorKind } from "./storage_error.ts";

/** Rows or pieces of no use that are listed at a time, to be deleted. */
const listedRows = 64;

/** A checkpoint that is being written. */
interface Replacement {
  readonly checkpoint: Snapshot;
  readonly firstPiece: number;
  readonly lastRow: number;
  written: number;
}

/** The record before there is a checkpoint: it covers nothing. */
const nothing: CheckpointRecord = { firstPiece: 1, pieces: 0, bytes: 0, lastRow: 0 };

/** A replica's database file. */
export class Store {
  readonly #file: string;
  readonly #database: DatabaseFile;
  readonly #rows: RowTable;
  readonly #pieces: RowTable;
  #record: CheckpointRecord | undefined;
  #queued: Uint8Array[] = [];
  #replacement: Replacement | undefined;
  /** Whether there may be rows or pieces of no use. */
  #hasLeftovers: boolean;

  private constructor(file: string, database: DatabaseFile) {
    this.#file = file;
    this.#database = database;
    this.#record = recordOf(database.database);
    const { firstPiece, pieces, lastRow } = this.#record ?? nothing;
    this.#rows = new RowTable(database.database, "row", lastRow);
    this.#pieces = new RowTable(database.database, "piece", firstPiece + pieces - 1);
    this.#hasLeftovers = this.#leftovers().some(({ table, from, to }) => table.list(from, to, 1).length > 0);
  }

  /**
   * Opens a file, or makes it in a folder that is there, and checks all that it holds. Waits about two seconds if
   * another process has it open.
   *
   * @throws {StorageError} if it cannot be used; then nothing in it was changed.
   */
  static async open(file: string): Promise<Store> {
    const database = await DatabaseFile.open(file, replicaFile);
    try {
      return new Store(file, database);
    } catch (error) {
      database.close();
      throw storageErrorOf(error, "open", file);
    }
  }

  /** Whether there is no complete checkpoint: nothing was ever kept here. */
  get isEmpty(): boolean {
    return this.#record === undefined;
  }

  /** Whether a checkpoint is being written: {@link replace} was called, and no commit has returned true since. */
  get isReplacing(): boolean {
    return this.#replacement !== undefined;
  }

  /** Whether pieces of a checkpoint or deletions wait for a commit. */
  get isBusy(): boolean {
    if (this.#replacement === undefined) return this.#hasLeftovers;
    return this.#hasLeftovers || this.#replacement.checkpoint.next !== "awaited";
  }

  /**
   * The last complete checkpoint, in parts of {@link partBytes} at most that are read one by one; none if there is
   * none.
   *
   * @throws {StorageError} if they cannot be read.
   */
  *checkpoint(): Generator<Uint8Array> {
    for (const piece of this.#reading((record) => checkpointOf(this.#database.database, record))) yield* partsOf(piece);
  }

  /**
   * The committed rows after the last complete checkpoint, oldest first, read one by one; none if there is no
   * checkpoint.
   *
   * @throws {StorageError} if they cannot be read.
   */
  rows(): Generator<Uint8Array> {
    return this.#reading(({ lastRow }) => numbered(this.#database.database, "row", lastRow + 1));
  }

  *#reading(read: (record: CheckpointRecord) => Iterable<Uint8Array>): Generator<Uint8Array> {
    if (!this.#record) return;
    try {
      yield* read(this.#record);
    } catch (error) {
      throw storageErrorOf(error, "read", this.#file);
    }
  }

  /** How much room its disk has; undefined: nobody says. */
  room(): DiskRoom | undefined {
    return roomOf(dirname(this.#file));
  }

  /** Queues a row for the next commit. Its bytes must stay as they are until then. */
  append(row: Uint8Array): void {
    this.#queued.push(row);
  }

  /**
   * Begins to replace the checkpoint by one that covers all appended rows, queued ones too. Its bytes
   * are taken as they are written, and may still have to come. It replaces one that is being written.
   */
  replace(checkpoint: Snapshot): void {
    if (this.#replacement?.written) this.#hasLeftovers = true;
    this.#replacement = {
      checkpoint,
      firstPiece: this.#pieces.next,
      lastRow: this.#rows.next + this.#queued.length - 1,
      written: 0,
    };
  }

  /**
   * Writes all queued rows, the next piece of a checkpoint, and a slice of the deletions, in one transaction, which is
   * on disk when this returns. Does nothing if there is nothing to write.
   *
   * A commit that has more rows than usual also writes and deletes more, so that neither falls behind.
   *
   * @param isShort whether there is little room: then only rows are written.
   * @returns whether with it a checkpoint became complete.
   * @throws {StorageError} if it cannot be written; nothing of it may be relied on, and the store can only be closed.
   */
  commit(isShort = false): boolean {
    if (this.#queued.length === 0 && (isShort || !this.isBusy)) return false;
    const rows = this.#queued;
    this.#queued = [];
    let isComplete = false;
    this.#database.transaction(() => {
      for (const row of rows) this.#rows.put(row);
      const bytes = rows.reduce((sum, { length }) => sum + length, 0);
      if (isShort) return;
      if (this.#hasLeftovers) this.#deleteSlice(rows.length, bytes);
      if (this.#replacement) isComplete = this.#writePieces(this.#replacement, bytes);
    });
    return isComplete;
  }

  /**
   * Protects the last commit: behind a seal, damage of it is found and not taken for a torn write. To be called when
   * no commit is likely soon; does nothing if nothing was committed since the last one.
   *
   * @throws {StorageError} if it cannot be written.
   */
  seal(): void {
    this.#database.seal();
  }

  /** Closes the file, and drops queued rows. */
  close(): void {
    this.#database.close();
  }

  #writePieces(replacement: Replacement, rowBytes: number): boolean {
    const { checkpoint, firstPiece, lastRow } = replacement;
    const end = replacement.written + Math.max(checkpointPieceBytes, rowBytes);
    while (replacement.written < end && checkpoint.next === "ready") {
      const piece = checkpoint.take(checkpointPieceBytes);
      if (piece.length > 0) this.#pieces.put(piece);
      replacement.written += piece.length;
    }
    if (checkpoint.next !== "nothing") return false;
    this.#record = { firstPiece, pieces: this.#pieces.next - firstPiece, bytes: replacement.written, lastRow };
    this.#database.database.prepare("INSERT OR REPLACE INTO checkpoint VALUES (1, ?)").run(encodeRecord(this.#record));
    this.#replacement = undefined;
    this.#hasLeftovers = true;
    return true;
  }

  /** The rows and pieces that neither the last complete checkpoint nor the one that is being written needs. */
  #leftovers() {
    const { lastRow, firstPiece, pieces } = this.#record ?? nothing;
    const end = this.#replacement?.firstPiece ?? this.#pieces.next;
    return [
      { table: this.#rows, from: 0, to: lastRow },
      { table: this.#pieces, from: 0, to: firstPiece - 1 },
      { table: this.#pieces, from: firstPiece + pieces, to: end - 1 },
    ];
  }

  /** Deletes some of them. */
  #deleteSlice(rows: number, rowBytes: number): void {
    let bytes = Math.max(deletedBytesPerCommit, 2 * rowBytes);
    let count = Math.max(deletedRowsPerCommit, 2 * rows);
    for (const { table, from, to } of this.#leftovers()) {
      // Long rows are few in one commit: no more of them are listed than that, or little more.
      for (let listed = listedRows; listed === listedRows;) {
        const some = table.list(from, to, Math.min(count, listedRows));
        for (const { number, length } of some) {
          table.remove(number);
          count--;
          bytes -= Number(length);
          if (bytes <= 0 || count === 0) return;
        }
        listed = some.length;
      }
    }
    this.#hasLeftovers = false;
  }
}

/** A table of rows or pieces, to write. */
class RowTable {
  /** The number of what is put next. */
  next: number;
  readonly #insert: StatementSync;
  readonly #list: StatementSync;
  readonly #remove: StatementSync;

  /** @param last a number that was used. */
  constructor(database: DatabaseSync, name: NumberedTable, last: number) {
    const found = database.prepare(`SELECT max(number) AS last FROM ${name}`).get();
    this.next = Math.max(last, Number(found?.last ?? 0)) + 1;
    this.#insert = database.prepare(`INSERT INTO ${name} VALUES (?, ?, ?)`);
    this.#list = database.prepare(
      `SELECT number, length(bytes) AS length FROM ${name} WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?`,
    );
    this.#remove = database.prepare(`DELETE FROM ${name} WHERE number = ?`);
  }

  put(bytes: Uint8Array): void {
    this.#insert.run(this.next, checksum(this.next, bytes), bytes);
    this.next++;
  }

  list(from: number, to: number, limit: number) {
    return this.#list.all(from, to, limit);
  }

  remove(number: SQLOutputValue): void {
    this.#remove.run(number);
  }
}
