/**
 * What a backup file is made of: one line of JSON, for people and programs, and then a copy of the database.
 *
 * ```json
 * {"vaxlog":"backup","version":6,"cluster":"…","index":1234,"sites":99,"bytes":4096,"state":4096,"segments":0,…}
 * ```
 *
 * What follows the line is the state of `state` bytes, the list of the `segments` that it names (`copy_layout.ts`), and
 * their files. `bytes` is the length of all that, and `sha256` is that of it: `tail -n +2 FILE | sha256sum` gives the
 * same. `check` is the beginning of the SHA-256 of the line up to it, in every version, so that a flipped bit in the
 * line is told from a line of a later version. The line has blanks in front of `check`, so that it is of one length: it
 * is written when all else was.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { DecodeError } from "../bytes.ts";
import { BytesRange, type BytesSource, piecesOf } from "../bytes_source.ts";
import { contentsOf, type CopyContents } from "./copy_contents.ts";

/**
 * The version of the format. The program reads earlier ones too: in version 2 the log keeps no room for large entries,
 * up to version 3 no site was edited or merged, and up to version 4 none had reports of products. Up to version 5 the
 * database is its log, and up to then all of it is in the state.
 */
const version = 6;
const oldestVersion = 2;

/** Bytes of the first line, at most. */
const lineBytesMax = 4096;

/** Bytes of the first line that this program writes. */
export const headerBytes = 512;

/** Hexadecimal digits of `check`. */
const checkDigits = 16;

/** Bytes that are read and hashed in one step: under a millisecond. */
const hashedBytesPerStep = 256 * 1024;

const lineFeed = 0x0a;

/** The database that a backup holds. */
export interface BackupInfo {
  /** The id of the cluster, 32 hexadecimal digits. */
  readonly cluster: string;
  /** The index in the log of its last command. */
  readonly index: number;
  /** How many sites it has. */
  readonly sites: number;
}

/** The content of the first line. */
export interface BackupHeader extends BackupInfo {
  /** Bytes that follow. */
  readonly bytes: number;
  /** Bytes of the state, which comes first. */
  readonly state: number;
  /** Segments whose files follow. */
  readonly segments: number;
  /** The SHA-256 of all that follows, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The header of a backup that was read. */
export interface ReadHeader extends BackupHeader {
  /** The version of its format. */
  readonly version: number;
}

/** A backup whose checksums were compared. */
export interface BackupContents extends CopyContents {
  readonly header: ReadHeader;
}

/**
 * A fault of a file that is to be a backup: it is something else, cut, damaged, or of another version; or its bytes are
 * as they were written, and not a state of a database.
 */
export type BackupFault = "not a backup" | "cut short" | "damaged" | "other version" | "not a database";

/** Bytes that are not a sound backup; the message says why, and follows the name of the file and a colon. */
export class FormatError extends Error {
  override name = "FormatError";
  /** The kind of fault. */
  readonly fault: BackupFault;

  constructor(fault: BackupFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** The first line, with its end: {@link headerBytes}. */
export function encodeHeader(header: BackupHeader): Uint8Array<ArrayBuffer> {
  const { cluster, index, sites, bytes, state, segments, sha256 } = header;
  const json = JSON.stringify({ vaxlog: "backup", version, cluster, index, sites, bytes, state, segments, sha256 });
  const end = (check: string) => `,"check":"${check}"}\n`;
  const checked = json.slice(0, -1).padEnd(headerBytes - end("0".repeat(checkDigits)).length);
  return new TextEncoder().encode(checked + end(checkOf(checked)));
}

/**
 * Compares a backup with its checksums, in steps, none of which takes long.
 *
 * @throws {FormatError} if it is not a backup, is damaged, or has another version.
 */
export function* decodeBackup(content: BytesSource): Generator<void, BackupContents> {
  const beginning = content.read(0, Math.min(lineBytesMax, content.length));
  const end = beginning.indexOf(lineFeed);
  const line = new TextDecoder().decode(beginning.subarray(0, end < 0 ? lineBytesMax : end));
  if (!line.startsWith('{"vaxlog":"backup"')) throw new FormatError("not a backup", "it is not a backup of Vaxlog");
  if (end < 0) throw new FormatError("cut short", "it is cut short, in its first line");
  const header = readHeader(line);
  const body = new BytesRange(content, end + 1, content.length - end - 1);
  if (body.length < header.bytes) {
    throw new FormatError(
      "cut short",
      `it is cut short: of ${header.bytes} bytes after its first line, ${body.length} are there`,
    );
  }
  if (body.length > header.bytes) {
    throw new FormatError("damaged", `it is damaged: ${body.length - header.bytes} bytes follow its end`);
  }
  if ((yield* hashing(body)) !== header.sha256) {
    throw new FormatError("damaged", "it is damaged: the SHA-256 of what follows its first line is another one");
  }
  try {
    return { header, ...contentsOf(body, header.state, header.segments) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new FormatError("not a database", `its checksums are right, but ${error.message}`);
  }
}

function readHeader(line: string): ReadHeader {
  const damaged = () => new FormatError("damaged", "it is damaged, in its first line");
  const [, checked, check] = new RegExp(`^(.*),"check":"([0-9a-f]{${checkDigits}})"\\}$`).exec(line) ?? [];
  if (checked === undefined || check !== checkOf(checked)) throw damaged();
  const read: BackupHeader & { version: unknown } = JSON.parse(line);
  const { version: own, cluster, index, sites, bytes, sha256 } = read;
  if (!(typeof own === "number" && own >= oldestVersion && own <= version)) {
    throw new FormatError("other version", `its format has the version ${own}, and this program knows ${version}`);
  }
  // Earlier ones are their state.
  const { state, segments } = own < version ? { state: bytes, segments: 0 } : read;
  const areCounts = [index, sites, bytes, state, segments].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!areCounts || typeof cluster !== "string" || typeof sha256 !== "string") throw damaged();
  return { version: own, cluster, index, sites, bytes, state, segments, sha256 };
}

function checkOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, checkDigits);
}

function* hashing(bytes: BytesSource): Generator<void, string> {
  const hash = createHash("sha256");
  for (const piece of piecesOf(bytes, hashedBytesPerStep)) {
    hash.update(piece);
    yield;
  }
  return hash.digest("hex");
}
