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

import { checkpointPieceBytes, deletedBytesPerCommit, deletedRowsPerCommit } from "../limits.ts";
import { checksum } from "./checksum.ts";
import { DatabaseFile } from "./database_file.ts";
import {
  checkpointOf,
  type CheckpointRecord,
  encodeRecord,
  numbered,
  recordOf,
  replicaFile,
  selectRow,
} from "./store_tables.ts";
import { partsOf } from "./slices.ts";
import type { Snapshot } from "../snapshot.ts";
import { storageErrorOf } from "./storage_error.ts";

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

/** A replica's database file. */
export class Store {
  readonly #file: string;
  readonly #database: DatabaseFile;
  readonly #statements: ReturnType<typeof statementsOf>;
  #record: CheckpointRecord | undefined;
  #queued: Uint8Array[] = [];
  #nextRow: number;
  #nextPiece: number;
  #replacement: Replacement | undefined;
  /** Whether there may be rows or pieces of no use. */
  #hasLeftovers: boolean;

  private constructor(file: string, database: DatabaseFile) {
    this.#file = file;
    this.#database = database;
    this.#statements = statementsOf(database);
    this.#record = recordOf(database.database);
    const lastRow = Number(this.#statements.lastRow.get()?.last ?? 0);
    const lastPiece = Number(this.#statements.lastPiece.get()?.last ?? 0);
    this.#nextRow = Math.max(lastRow, this.#record?.lastRow ?? 0) + 1;
    this.#nextPiece = Math.max(lastPiece, this.#record ? this.#record.firstPiece + this.#record.pieces - 1 : 0) + 1;
    this.#hasLeftovers = this.#leftovers().some(({ list, from, to }) => list.get(from, to, 1) !== undefined);
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

  /** Bytes of the last complete checkpoint. */
  get checkpointBytes(): number {
    return this.#record?.bytes ?? 0;
  }

  /** Whether a checkpoint is being written: {@link replace} was called, and no commit has returned true since. */
  get isReplacing(): boolean {
    return this.#replacement !== undefined;
  }

  /** Whether pieces of a checkpoint or deletions wait for a commit. */
  get isBusy(): boolean {
    if (this.#replacement === undefined) return this.#hasLeftovers;
    const { written, checkpoint: { available, length } } = this.#replacement;
    return this.#hasLeftovers || available > 0 || written === length;
  }

  /**
   * The last complete checkpoint, in parts of {@link partBytes} at most that are read one by one; none if there is
   * none.
   *
   * @throws {StorageError} if they cannot be read.
   */
  *checkpoint(): Generator<Uint8Array> {
    if (!this.#record) return;
    try {
      for (const piece of checkpointOf(this.#database.database, this.#record)) yield* partsOf(piece);
    } catch (error) {
      throw storageErrorOf(error, "read", this.#file);
    }
  }

  /**
   * The committed rows after the last complete checkpoint, oldest first, read one by one; none if there is no
   * checkpoint.
   *
   * @throws {StorageError} if they cannot be read.
   */
  *rows(): Generator<Uint8Array> {
    if (!this.#record) return;
    try {
      yield* numbered(this.#statements.row, this.#record.lastRow + 1, "row");
    } catch (error) {
      throw storageErrorOf(error, "read", this.#file);
    }
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
      firstPiece: this.#nextPiece,
      lastRow: this.#nextRow + this.#queued.length - 1,
      written: 0,
    };
  }

  /**
   * Writes all queued rows, the next piece of a checkpoint, and a slice of the deletions, in one transaction, which is
   * on disk when this returns. Does nothing if there is nothing to write.
   *
   * A commit that has more rows than usual also writes and deletes more, so that neither falls behind.
   *
   * @returns whether with it a checkpoint became complete.
   * @throws {StorageError} if it cannot be written; nothing of it may be relied on, and the store can only be closed.
   */
  commit(): boolean {
    if (this.#queued.length === 0 && !this.isBusy) return false;
    const rows = this.#queued;
    this.#queued = [];
    let isComplete = false;
    this.#database.transaction(() => {
      const bytes = this.#writeRows(rows);
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

  #writeRows(rows: readonly Uint8Array[]): number {
    let bytes = 0;
    for (const row of rows) {
      this.#statements.insertRow.run(this.#nextRow, checksum(this.#nextRow, row), row);
      this.#nextRow++;
      bytes += row.length;
    }
    return bytes;
  }

  #writePieces(replacement: Replacement, rowBytes: number): boolean {
    const { checkpoint, firstPiece, lastRow } = replacement;
    const end = replacement.written + Math.max(checkpointPieceBytes, rowBytes);
    while (replacement.written < end && checkpoint.available > 0) {
      const piece = checkpoint.take(checkpointPieceBytes);
      this.#statements.insertPiece.run(this.#nextPiece, checksum(this.#nextPiece, piece), piece);
      this.#nextPiece++;
      replacement.written += piece.length;
    }
    if (replacement.written < checkpoint.length) return false;
    const record = { firstPiece, pieces: this.#nextPiece - firstPiece, bytes: checkpoint.length, lastRow };
    this.#statements.putRecord.run(encodeRecord(record));
    this.#record = record;
    this.#replacement = undefined;
    this.#hasLeftovers = true;
    return true;
  }

  /** The rows and pieces that neither the last complete checkpoint nor the one that is being written needs. */
  #leftovers() {
    const { oldRows, removeRow, oldPieces, removePiece } = this.#statements;
    const { lastRow, firstPiece, pieces } = this.#record ?? { lastRow: 0, firstPiece: 1, pieces: 0 };
    const end = this.#replacement?.firstPiece ?? this.#nextPiece;
    return [
      { list: oldRows, remove: removeRow, from: 0, to: lastRow },
      { list: oldPieces, remove: removePiece, from: 0, to: firstPiece - 1 },
      { list: oldPieces, remove: removePiece, from: firstPiece + pieces, to: end - 1 },
    ];
  }

  /** Deletes some of them. */
  #deleteSlice(rows: number, rowBytes: number): void {
    let bytes = Math.max(deletedBytesPerCommit, 2 * rowBytes);
    let count = Math.max(deletedRowsPerCommit, 2 * rows);
    for (const { list, remove, from, to } of this.#leftovers()) {
      // Long rows are few in one commit: no more of them are listed than that, or little more.
      for (let listed = listedRows; listed === listedRows;) {
        const some = list.all(from, to, Math.min(count, listedRows));
        for (const { number, length } of some) {
          remove.run(number);
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

function statementsOf({ database }: DatabaseFile) {
  return {
    row: database.prepare(selectRow),
    lastRow: database.prepare("SELECT max(number) AS last FROM row"),
    lastPiece: database.prepare("SELECT max(number) AS last FROM piece"),
    insertRow: database.prepare("INSERT INTO row VALUES (?, ?, ?)"),
    insertPiece: database.prepare("INSERT INTO piece VALUES (?, ?, ?)"),
    putRecord: database.prepare("INSERT OR REPLACE INTO checkpoint VALUES (1, ?)"),
    oldRows: database.prepare(old("row")),
    oldPieces: database.prepare(old("piece")),
    removeRow: database.prepare("DELETE FROM row WHERE number = ?"),
    removePiece: database.prepare("DELETE FROM piece WHERE number = ?"),
  };
}

function old(table: string): string {
  return `SELECT number, length(bytes) AS length FROM ${table} WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?`;
}
