/**
 * What a backup file is made of: one line of JSON, for people and programs, and then the database.
 *
 * ```json
 * {"vaxlog":"backup","version":6,"cluster":"…","index":1234,"sites":99,"bytes":4096,"sha256":"…","check":"…"}
 * ```
 *
 * `bytes` is the length of what follows the line, and `sha256` is that of it: `tail -n +2 FILE | sha256sum` gives the
 * same. `check` is the beginning of the SHA-256 of the line up to it, in every version, so that a flipped bit in the
 * line is told from a line of a later version.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { atOnce } from "../steps.ts";

/**
 * The version of the format. The program reads earlier ones too: in version 2 the log keeps no room for large entries,
 * up to version 3 no site was edited or merged, and up to version 4 none had reports of products. Up to version 5 the
 * database is its log.
 */
const version = 6;
const oldestVersion = 2;

/** Bytes of the first line, at most. */
const lineBytesMax = 4096;

/** Hexadecimal digits of `check`. */
const checkDigits = 16;

/** Bytes that are hashed in one step. */
const hashedBytesPerStep = 1024 * 1024;

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
  /** Bytes of the database that follows. */
  readonly bytes: number;
  /** The SHA-256 of the database that follows, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The header of a backup that was read. */
export interface ReadHeader extends BackupHeader {
  /** The version of its format. */
  readonly version: number;
}

/** A backup that was read. */
export interface BackupContents {
  readonly header: ReadHeader;
  /** The database, as the state machine wrote it. */
  readonly database: Uint8Array;
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

/** The header of a backup of this database. */
export function headerOf({ cluster, index, sites }: BackupInfo, database: Uint8Array): BackupHeader {
  return { cluster, index, sites, bytes: database.length, sha256: atOnce(hashing(database)) };
}

/** The first line, with its end. */
export function encodeHeader({ cluster, index, sites, bytes, sha256 }: BackupHeader): Uint8Array<ArrayBuffer> {
  const json = JSON.stringify({ vaxlog: "backup", version, cluster, index, sites, bytes, sha256 });
  const checked = json.slice(0, -1);
  return new TextEncoder().encode(`${checked},"check":"${checkOf(checked)}"}\n`);
}

/**
 * Reads a whole backup in steps, none of which takes long; the database in it is a view of the bytes that were given.
 *
 * @throws {FormatError} if it is not a backup, is damaged, or has another version.
 */
export function* decodeBackup(content: Uint8Array): Generator<void, BackupContents> {
  const end = content.subarray(0, lineBytesMax).indexOf(lineFeed);
  const line = new TextDecoder().decode(content.subarray(0, end < 0 ? lineBytesMax : end));
  if (!line.startsWith('{"vaxlog":"backup"')) throw new FormatError("not a backup", "it is not a backup of Vaxlog");
  if (end < 0) throw new FormatError("cut short", "it is cut short, in its first line");
  const header = readHeader(line);
  const database = content.subarray(end + 1);
  if (database.length < header.bytes) {
    throw new FormatError(
      "cut short",
      `it is cut short: of ${header.bytes} bytes after its first line, ${database.length} are there`,
    );
  }
  if (database.length > header.bytes) {
    throw new FormatError("damaged", `it is damaged: ${database.length - header.bytes} bytes follow its end`);
  }
  if ((yield* hashing(database)) !== header.sha256) {
    throw new FormatError("damaged", "it is damaged: the SHA-256 of what follows its first line is another one");
  }
  return { header, database };
}

function readHeader(line: string): ReadHeader {
  const damaged = () => new FormatError("damaged", "it is damaged, in its first line");
  const [, checked, check] = new RegExp(`^(.*),"check":"([0-9a-f]{${checkDigits}})"\\}$`).exec(line) ?? [];
  if (checked === undefined || check !== checkOf(checked)) throw damaged();
  const { version: own, cluster, index, sites, bytes, sha256 }: BackupHeader & { version: unknown } = JSON.parse(line);
  if (!(typeof own === "number" && own >= oldestVersion && own <= version)) {
    throw new FormatError("other version", `its format has the version ${own}, and this program knows ${version}`);
  }
  const areCounts = [index, sites, bytes].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!areCounts || typeof cluster !== "string" || typeof sha256 !== "string") throw damaged();
  return { version: own, cluster, index, sites, bytes, sha256 };
}

function checkOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, checkDigits);
}

function* hashing(bytes: Uint8Array): Generator<void, string> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += hashedBytesPerStep) {
    hash.update(bytes.subarray(at, at + hashedBytesPerStep));
    yield;
  }
  return hash.digest("hex");
}
