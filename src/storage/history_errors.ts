/**
 * Faults of the files of the sealed history, in words for the owner of the disk.
 *
 * @module
 */

import { type DamagedPart, DamageError } from "../database/segments/damage.ts";
import { reasonOf } from "../reason.ts";
import { StorageError, type StorageErrorKind, storageErrorOf } from "./storage_error.ts";

/** Bytes for a segment came from elsewhere and are not those that were sealed; nothing has changed. */
export class RefusedBytesError extends Error {
  override name = "RefusedBytesError";

  /** @param what such as `block 2 of segment 3`. */
  constructor(what: string, why: string, options?: ErrorOptions) {
    super(`The bytes that came for ${what} are not those that were sealed: ${why}`, options);
  }
}

/** Runs `check` on bytes from elsewhere, whose faults are not damage of this disk. */
export function received<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof DamageError) throw new RefusedBytesError(what, error.message, { cause: error });
    throw error;
  }
}

/** What a replica does without the file, and what the owner does. */
const advice: Partial<Record<StorageErrorKind, string>> = {
  full: "Make room on the disk: until then, what would be sealed stays in memory",
  readonly: "Make the folder and its files writable: until then, what would be sealed stays in memory",
};
const otherAdvice = "See that the disk is sound";

/** The error for what the system refuses. Throws errors that are mistakes of the program. */
export function historyErrorOf(error: unknown, action: string, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const { kind } = storageErrorOf(error, action, path);
  const message = `Cannot ${action} "${path}": ${reasonOf(error)}. ${advice[kind] ?? otherAdvice}`;
  return new StorageError(kind, message, { cause: error });
}

/** What a disk says of bytes that it has lost. All other refusals say nothing of the bytes. */
const lostPattern = /Input\/output error|Structure needs cleaning|Bad message|os error 1117/;

/**
 * Reads from a file: what is lost is damage of the part, or of the file.
 *
 * @param what such as `segment 3`.
 * @throws {DamageError} if the file is missing, or the disk has lost the bytes.
 * @throws {StorageError} if they cannot be read for another reason.
 */
export function readDisk<T>(what: string, part: DamagedPart, path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new DamageError(what, "file", "it is missing");
    // To read a file may write it first.
    if (error instanceof StorageError) throw error;
    if (error instanceof Error && lostPattern.test(error.message)) throw new DamageError(what, part, reasonOf(error));
    throw historyErrorOf(error, "read", path);
  }
}
