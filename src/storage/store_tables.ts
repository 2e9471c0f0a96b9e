/**
 * The tables of a replica's database file, and whether what is in them is what was written.
 *
 * - `row`: the journal, with numbers that have no gap;
 * - `piece`: the checkpoint, in pieces, with numbers that have no gap and are never used again;
 * - `checkpoint`: at most one row, which says which pieces are the last complete checkpoint, and up to which row it
 *   covers the journal. It changes in the commit that writes the last piece.
 *
 * Rows and pieces that the one row does not name have no use any more, or not yet: they are deleted in slices, and
 * their content is not checked.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { checksum } from "./checksum.ts";
import type { FileKind } from "./database_file.ts";
import { viewOf } from "./mark.ts";
import { Damage } from "./storage_error.ts";

/** Which pieces are the last complete checkpoint, and what it covers. */
export interface CheckpointRecord {
  /** The number of its first piece. */
  readonly firstPiece: number;
  /** How many pieces it has. */
  readonly pieces: number;
  /** How many bytes they have together. */
  readonly bytes: number;
  /** The number of the last row that it covers. */
  readonly lastRow: number;
}

const recordBytes = 36;

/** The bytes of a record, with their checksum. */
export function encodeRecord(record: CheckpointRecord): Uint8Array {
  const bytes = new Uint8Array(recordBytes);
  const view = new DataView(bytes.buffer);
  [record.firstPiece, record.pieces, record.bytes, record.lastRow].forEach((value, k) => view.setFloat64(8 * k, value));
  view.setUint32(recordBytes - 4, checksum(0, bytes.subarray(0, recordBytes - 4)));
  return bytes;
}

/** The record of the last complete checkpoint; undefined if there is none. */
export function recordOf(database: DatabaseSync): CheckpointRecord | undefined {
  const records = database.prepare("SELECT id, bytes FROM checkpoint").all();
  if (records.length === 0) return undefined;
  const [{ id, bytes }] = records;
  if (records.length > 1 || id !== 1) throw new Damage("it has more than one checkpoint");
  if (!(bytes instanceof Uint8Array && bytes.length === recordBytes)) throw new Damage("its checkpoint is damaged");
  const view = viewOf(bytes);
  const crc = view.getUint32(recordBytes - 4);
  if (crc !== checksum(0, bytes.subarray(0, recordBytes - 4))) throw new Damage("its checkpoint is damaged");
  const [firstPiece, pieces, length, lastRow] = [0, 8, 16, 24].map((at) => view.getFloat64(at));
  return { firstPiece, pieces, bytes: length, lastRow };
}

/** A table of bytes with numbers and checksums. */
export type NumberedTable = "row" | "piece";

/**
 * The bytes in a table, read one by one from a number on.
 *
 * @throws {Damage} if a number is missing, or its bytes are not what was written.
 */
export function* numbered(database: DatabaseSync, table: NumberedTable, first: number): Generator<Uint8Array> {
  const statement = database.prepare(
    `SELECT number, crc, bytes FROM ${table} WHERE number >= ? ORDER BY number LIMIT 1`,
  );
  for (let number = first;; number++) {
    const found = statement.get(number);
    if (!found) return;
    const { number: own, crc, bytes } = found;
    if (own !== number) throw new Damage(`${table} ${number} is missing`);
    if (!(bytes instanceof Uint8Array) || crc !== checksum(number, bytes)) {
      throw new Damage(`${table} ${number} is damaged`);
    }
    yield bytes;
  }
}

/** The pieces of a checkpoint. */
export function* checkpointOf(database: DatabaseSync, record: CheckpointRecord): Generator<Uint8Array> {
  let left = record.bytes;
  for (const piece of numbered(database, "piece", record.firstPiece).take(record.pieces)) {
    left -= piece.length;
    if (left >= 0) yield piece;
  }
  if (left !== 0) throw new Damage("its checkpoint has lost pieces");
}

/** A replica's database file. */
export const replicaFile: FileKind = {
  applicationId: 0x56617852, // "VaxR"
  // 1 was before the database had a log; in 2 the output of a report whose condition did not hold named no entry, so
  // that its journals, executed again, have other digests. From 4 on a checkpoint says whether the log keeps room for
  // the largest entry; without that, it does not, and stays so. From 5 on sites have ids for
  // clients, and can be edited and merged. From 6 on they have reports of several sources and products. From 7 on a
  // checkpoint says what is known of each site, and does not say how long it is; a row may name a sealed segment. From
  // 8 on it says whether the log has the bound of then; without that, it has, and keeps it. From 9 on commands may have
  // keys, and a checkpoint has those that were executed.
  version: 9,
  oldestVersion: 3,
  tables: [
    "CREATE TABLE row(number INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bytes BLOB NOT NULL)",
    "CREATE TABLE piece(number INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bytes BLOB NOT NULL)",
    "CREATE TABLE checkpoint(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
  ],
  *verify(database) {
    const record = recordOf(database);
    if (!record) return;
    yield* checkpointOf(database, record);
    yield* numbered(database, "row", record.lastRow + 1);
  },
};
