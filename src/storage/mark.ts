/**
 * The mark: what every transaction of a database file writes beside its own rows.
 *
 * It counts the transactions, so that it can be told whether some were lost. And it says whether the log (the `-wal`
 * file) continues after it: when the log is moved into the database file, the mark that comes there with it says so,
 * while the marks of all other transactions do not. SQLite moves the log and removes it when the file is closed, even
 * where nobody calls `close()` (a process ends, an object is collected as garbage); then the last mark of all comes
 * into the file. So a file alone tells whether its log is missing.
 *
 * The mark is the only row of the first table, and is always as long, so that it always ends the second page of the
 * file: it can be read there, and in the frames of the log, without SQLite.
 *
 * @module
 */

import { checksum } from "./checksum.ts";

/** Bytes of a page of the database file. */
export const pageBytes = 4096;

/** The page whose last bytes are the mark. */
export const markPage = 2;

/** Bytes of a mark: its name, the count, whether the log continues, the checksum. */
export const markBytes = 24;

/** The table of the mark; it must be the first of its database. */
export const markTable = "CREATE TABLE mark(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";

const name = new TextEncoder().encode("vaxlog\r\n");

/** A mark. */
export interface Mark {
  /** How many transactions the database has seen, with this one. */
  readonly count: number;
  /** Whether transactions follow in the log, so that a file with this mark is complete only together with its log. */
  readonly logFollows: boolean;
}

/** The bytes of a mark. */
export function encodeMark(mark: Mark): Uint8Array {
  const bytes = new Uint8Array(markBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(name);
  view.setFloat64(8, mark.count);
  view.setUint32(16, mark.logFollows ? 1 : 0);
  view.setUint32(20, checksum(0, bytes.subarray(0, 20)));
  return bytes;
}

/** The mark of these bytes; undefined if they are none. */
export function decodeMark(bytes: Uint8Array): Mark | undefined {
  if (bytes.length !== markBytes || name.some((byte, at) => bytes[at] !== byte)) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(20) !== checksum(0, bytes.subarray(0, 20))) return undefined;
  return { count: view.getFloat64(8), logFollows: view.getUint32(16) === 1 };
}

/** The mark at the end of a page; undefined if there is none. */
export function markOfPage(page: Uint8Array): Mark | undefined {
  return page.length < pageBytes ? undefined : decodeMark(page.subarray(pageBytes - markBytes, pageBytes));
}

/** The numbers in bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
