/**
 * Whether a database file is sound, found out without writing to it.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { removeIfThere, sharedOf, sizeOf, walOf } from "./file_claim.ts";
import { checkHeader, headerBytes, versionOfHeader } from "./file_header.ts";
import { decodeMark, type Mark, markOfPage, markPage, markTable, pageBytes } from "./mark.ts";
import { checkPages, type PageSource } from "./page_check.ts";
import { Damage, storageError } from "./storage_error.ts";
import { readWal, type WalContent, walFrameBytes, walHeaderBytes } from "./wal_check.ts";

/** Frames in a database's write-ahead log after which a commit moves them into the database: 4 MB of pages. */
export const walFramesMax = 1000;

/** Bytes that the log of an open file has at least: a commit that makes it longer moves all of it into the file. */
export const walBytesMin = walHeaderBytes + walFramesMax * walFrameBytes;

/** Pages that are read at a time: 64 KiB. */
const pagesPerRead = 16;

/** A kind of database file. */
export interface FileKind {
  /** What SQLite calls the application id: 4 bytes that say whose file it is. */
  readonly applicationId: number;
  /** The version of the tables, from 1 to 32,767. */
  readonly version: number;
  /**
   * The oldest version that is still opened, and made the present one: it has the same tables, and what is in their
   * rows is understood. Absent: only the present one.
   */
  readonly oldestVersion?: number;
  /** The `CREATE TABLE` statements; no index or trigger. */
  readonly tables: readonly string[];
  /**
   * Checks the rows, some in each step.
   *
   * @throws {Damage} if they are not what was written.
   */
  verify(database: DatabaseSync): Iterable<unknown>;
}

/**
 * Checks a claimed file step by step, and returns its last mark, and its version. No step takes long.
 *
 * @throws {Damage} if it is damaged, a `StorageError` of kind `newer` or `older`, or what SQLite throws.
 */
export function* verifyFile(
  file: string,
  guard: Deno.FsFile,
  kind: FileKind,
): Generator<unknown, { readonly last: Mark; readonly version: number }> {
  // The first pages of the file, up to the mark.
  const start = readAt(guard, 0, new Uint8Array(markPage * pageBytes));
  const version = versionOfHeader(start.subarray(0, headerBytes), kind.applicationId);
  if (version > kind.version || version < (kind.oldestVersion ?? kind.version)) {
    const age = version > kind.version ? "newer" : "older";
    throw storageError(age, "open", file, `its version is ${version}, and this program knows ${kind.version}`);
  }
  checkHeader(start);
  const { last, logged } = yield* lastMark(file, markOfPage(start.subarray((markPage - 1) * pageBytes)));
  yield* verifyTables(file, pagesOf(guard, logged), kind, last);
  return { last, version };
}

/** Fills `bytes` with what stands at a place in a file, and returns as many as there are. */
function readAt(guard: Deno.FsFile, at: number, bytes: Uint8Array): Uint8Array {
  guard.seekSync(at, Deno.SeekMode.Start);
  for (let length = 0;;) {
    const count = guard.readSync(bytes.subarray(length));
    if (!count) return bytes.subarray(0, length);
    length += count;
  }
}

/** The bytes of a file, some of which are read in each step. */
function* readFile(path: string, size: number): Generator<void, Uint8Array> {
  const bytes = new Uint8Array(size);
  using file = Deno.openSync(path);
  for (let at = 0; at < size;) {
    const { length } = readAt(file, at, bytes.subarray(at, at + pagesPerRead * pageBytes));
    if (length === 0) return bytes.subarray(0, at);
    at += length;
    yield;
  }
  return bytes;
}

/** The pages of a file, except those that its log has. */
function pagesOf(guard: Deno.FsFile, logged: WalContent["pages"]): PageSource {
  const buffer = new Uint8Array(pagesPerRead * pageBytes);
  let first = -1;
  let read: Uint8Array = buffer;
  return (number) => {
    const page = logged.get(number);
    if (page !== undefined) return page;
    // A chain of pages is mostly one after the other.
    const at = (number - 1) % pagesPerRead;
    if (first !== number - 1 - at) {
      first = number - 1 - at;
      read = readAt(guard, first * pageBytes, buffer);
    }
    const end = (at + 1) * pageBytes;
    return end <= read.length ? read.subarray(end - pageBytes, end) : undefined;
  };
}

/**
 * The mark of the last transaction, from the file (which may be behind its log) and the log; and the pages of the log.
 */
function* lastMark(
  file: string,
  own: Mark | undefined,
): Generator<unknown, { readonly last: Mark; readonly logged: WalContent["pages"] }> {
  const size = sizeOf(walOf(file));
  const wal = yield* readWal(size === undefined ? new Uint8Array() : yield* readFile(walOf(file), size));
  const name = `"${walOf(file)}", which belongs to it,`;
  if (own?.logFollows) {
    if (size === undefined) throw new Damage(`${name} is missing`);
    if (size < walBytesMin) throw new Damage(`${name} was cut short`);
    if (!wal.hasHeader) throw new Damage(`${name} has a damaged header`);
  } else if (own && sizeOf(file)! % pageBytes !== 0) {
    throw new Damage("it was cut short");
  }
  const last = wal.last ?? own;
  if (!last) throw new Damage("its second page is damaged");
  // The log was on disk before any of it was moved into the file: a file that is ahead of its log shows that it lost
  // some.
  if (own && own.count > last.count) throw new Damage(`${name} has lost its end`);
  if (wal.highestCount > last.count + 1) throw new Damage(`${name} is damaged in the middle`);
  return { last, logged: wal.pages };
}

function* verifyTables(file: string, pages: PageSource, kind: FileKind, last: Mark): Generator<unknown, void> {
  const made = [walOf(file), sharedOf(file)].filter((path) => sizeOf(path) === undefined);
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    const tables = database.prepare("SELECT type, sql, rootpage FROM sqlite_schema ORDER BY rootpage").all();
    const expected = [markTable, ...kind.tables];
    const isExpected = tables.length === expected.length &&
      tables.every(({ type, sql }, k) => type === "table" && sql === expected[k]);
    if (!isExpected) throw new Damage("its tables are not as they were made");
    yield* checkPages(pages, tables.map(({ rootpage }) => Number(rootpage)));
    const mark = database.prepare("SELECT bytes FROM mark WHERE id = 1").get()?.bytes;
    if (!(mark instanceof Uint8Array) || decodeMark(mark)?.count !== last.count) {
      throw new Damage("its second page is damaged");
    }
    yield* kind.verify(database);
  } catch (error) {
    // What `node:sqlite` says of values that JavaScript cannot have, such as integers over 2^53: none of ours.
    if (error instanceof TypeError || error instanceof RangeError) throw new Damage(error.message);
    throw error;
  } finally {
    // A reader makes an index of the log that others could share, and an empty log, and removes neither.
    for (const path of made) removeIfThere(path);
  }
}
