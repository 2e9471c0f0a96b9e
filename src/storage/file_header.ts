/**
 * The first 100 bytes of an SQLite file: what never changes in them says whose file it is.
 *
 * The format is that of https://sqlite.org/fileformat2.html#the_database_header.
 *
 * @module
 */

import { pageBytes, viewOf } from "./mark.ts";
import { Damage } from "./storage_error.ts";

/** Bytes of the header. */
export const headerBytes = 100;

const userVersionAt = 60;
const applicationIdAt = 68;

const magic = new TextEncoder().encode("SQLite format 3\0");

/** What else is the same in every file of ours: where it stands, and the bytes. */
const constants: readonly [at: number, bytes: readonly number[]][] = [
  [16, [pageBytes >> 8, pageBytes & 0xff]],
  [18, [2, 2, 0, 64, 32, 32]], // a write-ahead log; no reserved bytes; fixed fractions
  [44, [0, 0, 0, 4, 0, 0, 0, 0]], // the format of the schema; the default size of the cache
  [52, [0, 0, 0, 0, 0, 0, 0, 1]], // no automatic vacuum; UTF-8
  [64, [0, 0, 0, 0]],
  [72, new Array(20).fill(0)],
];

/** A version as it is kept in the header: with its complement, so that a flipped byte makes no other version. */
export function userVersionOf(version: number): number {
  return version * 0x10000 + (~version & 0xffff);
}

/**
 * Checks a header and returns the version in it.
 *
 * @throws {Damage} if it is none, or that of another kind of file.
 */
export function versionOfHeader(bytes: Uint8Array, applicationId: number): number {
  const view = viewOf(bytes);
  if (bytes.length < headerBytes) throw new Damage("it is too short to be a database");
  if (magic.some((byte, at) => bytes[at] !== byte)) throw new Damage("it is not an SQLite database");
  if (view.getUint32(applicationIdAt) !== applicationId) {
    throw new Damage("it is a database of another program, or of another kind, or its header is damaged");
  }
  const userVersion = view.getUint32(userVersionAt);
  const version = userVersion >>> 16;
  if (userVersionOf(version) !== userVersion || version === 0) throw new Damage("the version in its header is damaged");
  return version;
}

/**
 * Checks what else never changes in a header.
 *
 * @throws {Damage} if it has changed.
 */
export function checkHeader(bytes: Uint8Array): void {
  for (const [at, expected] of constants) {
    if (expected.some((byte, k) => bytes[at + k] !== byte)) throw new Damage("its header is damaged");
  }
}
