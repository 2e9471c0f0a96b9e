/**
 * Faults of database files, in words for the owner of the file.
 *
 * @module
 */

/**
 * The kinds of failure:
 *
 * - `full`: the disk has no room;
 * - `readonly`: the file or its folder cannot be written;
 * - `corrupt`: the file is not what was written, or never was a database of this kind;
 * - `in use`: another process has it open;
 * - `newer`, `older`: another version of this program made it, which wrote it in another way;
 * - `io`: anything else that the operating system refuses.
 */
export type StorageErrorKind = "full" | "readonly" | "corrupt" | "in use" | "newer" | "older" | "io";

/** A database file cannot be used. The message says what failed, names the file, and says what to do. */
export class StorageError extends Error {
  /** What this error is called. */
  override name = "StorageError";

  /** The kind of failure. */
  readonly kind: StorageErrorKind;

  /**
   * An error of this kind.
   *
   * @param kind what is wrong.
   * @param message a sentence for the owner of the file.
   */
  constructor(kind: StorageErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** A file does not hold what was written; {@link storageErrorOf} makes it a {@link StorageError}. */
export class Damage extends Error {
  override name = "Damage";
}

/** SQLite's own words (`node:sqlite` gives no code), and what they mean here. */
const meanings: readonly [words: RegExp, kind: StorageErrorKind][] = [
  [/database or disk is full|No space left|os error 28|quota/i, "full"],
  [/readonly database|Read-only file system|os error 30/i, "readonly"],
  [/database is locked|database table is locked/i, "in use"],
  [/disk I\/O error|unable to open database file|out of memory|large file support|locking protocol/i, "io"],
  [/malformed|not a database|no such (table|column)|corrupt|unsupported file format|constraint failed/i, "corrupt"],
  [/malformed database schema|has no column|datatype mismatch/i, "corrupt"],
];

const advice: Record<StorageErrorKind, string> = {
  "full": "Make room on the disk and start again",
  "readonly": "Make the file and its folder writable and start again",
  "corrupt": "Nothing was changed. Keep it as evidence; docs/operations/durability.md says how to continue",
  "in use": "Stop the other process first",
  "newer": "Use the later version of Vaxlog that made it",
  "older": "Use the earlier version of Vaxlog that made it, or begin again in another directory",
  "io": "See that the path is right and the disk is sound",
};

/** The error of a kind in full: what failed, the file, why, and what to do. */
export function storageError(kind: StorageErrorKind, action: string, file: string, why: string): StorageError {
  return new StorageError(kind, `Cannot ${action} "${file}": ${why}. ${advice[kind]}`);
}

/**
 * What `error` means for a file. Throws errors that are mistakes of the program rather than faults of a file.
 *
 * @param action what failed, as it follows "Cannot", such as `open`.
 */
export function storageErrorOf(error: unknown, action: string, file: string): StorageError {
  if (error instanceof StorageError) return error;
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
  const kind = kindOf(error);
  const { message } = storageError(kind, action, file, error.message);
  return new StorageError(kind, message, { cause: error });
}

function kindOf(error: Error): StorageErrorKind {
  if (error instanceof Damage) return "corrupt";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) return "readonly";
  return meanings.find(([words]) => words.test(error.message))?.[1] ?? "io";
}
