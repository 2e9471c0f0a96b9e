/**
 * What a backup file is made of: one line of JSON, for people and programs, and then a copy of the database.
 *
 * ```json
 * {"vaxlog":"backup","version":8,"cluster":"…","index":1234,"sites":99,"bytes":4096,"state":4096,"segments":0,…}
 * ```
 *
 * What follows the line is the state of `state` bytes, the list of the `segments` that it names (`copy_layout.ts`), and
 * their files. A head of a directory of backups (`backup_names.ts`) says `backup head`, and the files of its segments
 * lie beside it; `list` is the SHA-256 of its list, so that this can be read alone.
 *
 * `bytes` is the length of all that follows the line, and `sha256` is that of it: `tail -n +2 FILE | sha256sum` gives
 * the same. `check` is the beginning of the SHA-256 of the line up to it, in every version, so that a flipped bit in
 * the line is told from a line of a later version. The line has blanks in front of `check`, so that it is of one
 * length: it is written when all else was.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { DecodeError } from "../bytes.ts";
import { BytesRange, type BytesSource, piecesOf } from "../bytes_source.ts";
import { decodeSegments, listedBytes, type PlacedSegment } from "../copy_layout.ts";
import { contentsOf, type CopyContents, headContentsOf } from "./copy_contents.ts";
import type { HistoryFiles } from "./history_files.ts";

/**
 * The version of the format. The program reads earlier ones too: in version 2 the log keeps no room for large entries,
 * up to version 3 no site was edited or merged, and up to version 4 none had reports of products. Up to version 5 the
 * database is its log, and up to then all of it is in the state. Up to version 6 its log may have had a bound that a
 * database with a disk does not have any more. Up to version 7 there are no keys of commands.
 */
const version = 8;

/** The first version with files of segments beside the state. */
const firstWithSegments = 6;

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

/** What a file with such a line holds: a whole backup, or all but the files of its sealed history. */
export type BackupKind = "backup" | "backup head";

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
  /** In a head, that of the list of its segments. */
  readonly list?: string;
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

/** The first line, with its end: {@link headerBytes}. One with a `list` is that of a head. */
export function encodeHeader(header: BackupHeader): Uint8Array<ArrayBuffer> {
  const { cluster, index, sites, bytes, state, segments, sha256, list } = header;
  const vaxlog: BackupKind = list === undefined ? "backup" : "backup head";
  const json = JSON.stringify({ vaxlog, version, cluster, index, sites, bytes, state, segments, sha256, list });
  const end = (check: string) => `,"check":"${check}"}\n`;
  const checked = json.slice(0, -1).padEnd(headerBytes - end("0".repeat(checkDigits)).length);
  return encoder.encode(checked + end(checkOf(checked)));
}

/**
 * Compares a backup with its checksums, in steps, none of which takes long.
 *
 * @param onShare is told how much of it was compared, from 0 to 1.
 * @throws {FormatError} if it is not a backup, is damaged, or has another version.
 */
export function* decodeBackup(
  content: BytesSource,
  onShare?: (share: number) => void,
): Generator<void, BackupContents> {
  const { header, body } = yield* checkedBody(content, "backup", onShare);
  return { header, ...whole(() => contentsOf(body, header.state, header.segments)) };
}

/**
 * The same for a head.
 *
 * @param files where the files of its segments lie; they are not looked at.
 */
export function* decodeHead(content: BytesSource, files: HistoryFiles): Generator<void, BackupContents> {
  const { header, body } = yield* checkedBody(content, "backup head");
  return { header, ...whole(() => headContentsOf(body, header.state, header.segments, files)) };
}

/**
 * Reads what a head says of itself, and which segments it names, and nothing else of it.
 *
 * @throws {FormatError} if these are damaged.
 */
export function readHeadList(content: BytesSource): { header: ReadHeader; segments: readonly PlacedSegment[] } {
  const { header, body } = readLine(content, "backup head");
  const list = body.read(header.state, listedBytes * header.segments);
  const isSound = list.length === listedBytes * header.segments && sha256Of(list) === header.list;
  if (!isSound) throw new FormatError("damaged", "it is damaged: the SHA-256 of its list of segments is another one");
  return { header, segments: whole(() => decodeSegments(list)) };
}

const encoder = new TextEncoder();

function beginningOf(kind: BackupKind): string {
  return `{"vaxlog":"${kind}"`;
}

/** Reads the first line, and finds what follows it. @throws {FormatError} */
function readLine(content: BytesSource, kind: BackupKind): { header: ReadHeader; body: BytesRange } {
  const beginning = content.read(0, Math.min(lineBytesMax, content.length));
  const end = beginning.indexOf(lineFeed);
  const line = new TextDecoder().decode(beginning.subarray(0, end < 0 ? lineBytesMax : end));
  if (!line.startsWith(beginningOf(kind))) throw new FormatError("not a backup", "it is not a backup of Vaxlog");
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
  return { header, body };
}

function* checkedBody(
  content: BytesSource,
  kind: BackupKind,
  onShare?: (share: number) => void,
): Generator<void, ReturnType<typeof readLine>> {
  const { header, body } = readLine(content, kind);
  if ((yield* hashing(body, onShare)) !== header.sha256) {
    throw new FormatError("damaged", "it is damaged: the SHA-256 of what follows its first line is another one");
  }
  return { header, body };
}

/** Reads from bytes whose checksums are right. @throws {FormatError} if nobody writes such bytes. */
function whole<T>(read: () => T): T {
  try {
    return read();
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
  const { version: own, cluster, index, sites, bytes, sha256, list } = read;
  if (!(typeof own === "number" && own >= oldestVersion && own <= version)) {
    throw new FormatError("other version", `its format has the version ${own}, and this program knows ${version}`);
  }
  // Earlier ones are their state.
  const { state, segments } = own < firstWithSegments ? { state: bytes, segments: 0 } : read;
  const areCounts = [index, sites, bytes, state, segments].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!areCounts || typeof cluster !== "string" || typeof sha256 !== "string") throw damaged();
  const header = { version: own, cluster, index, sites, bytes, state, segments, sha256 };
  return list === undefined ? header : { ...header, list };
}

function checkOf(text: string): string {
  return sha256Of(encoder.encode(text)).slice(0, checkDigits);
}

/** As 64 hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function* hashing(bytes: BytesSource, onShare?: (share: number) => void): Generator<void, string> {
  const hash = createHash("sha256");
  let hashed = 0;
  for (const piece of piecesOf(bytes, hashedBytesPerStep)) {
    hash.update(piece);
    hashed += piece.length;
    onShare?.(hashed / bytes.length);
    yield;
  }
  return hash.digest("hex");
}
