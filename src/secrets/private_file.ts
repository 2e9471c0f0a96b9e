/**
 * Small files that only their owner may read.
 *
 * Before one is used, its owner and its mode are checked. A new one is written under another name and then gets its
 * own: whoever reads it reads all of it, and a link that somebody has put there is replaced, not followed.
 *
 * @module
 */

import { reasonOf } from "../reason.ts";

/** A secret cannot be read or kept; the message is a sentence without a period, and never has a secret. */
export class SecretError extends Error {
  /** The name of the class. */
  override name = "SecretError";
}

/** How a file may be. */
export interface PrivateFileOptions {
  /** Bytes; a longer file is refused. */
  readonly bytesMax: number;
  /** Whether its name may be a symbolic link. Absent: no. */
  readonly mayBeLink?: boolean;
}

const hasOwners = Deno.build.os !== "windows";

/** Those of a group, and all others. */
const othersMask = 0o077;

/** The id of the user that this process belongs to; undefined: this system has none. */
export function ownUid(): number | undefined {
  try {
    return Deno.uid() ?? undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new SecretError("Cannot see whose files there are: allow it (--allow-sys=uid)");
  }
}

/**
 * Reads a file.
 *
 * @returns its text; undefined: there is none.
 * @throws {SecretError} if it is not a private file of this user, or cannot be read.
 */
export function readPrivateFile(path: string, { bytesMax, mayBeLink = false }: PrivateFileOptions): string | undefined {
  let file: Deno.FsFile | undefined;
  try {
    const named = mayBeLink ? Deno.statSync(path) : Deno.lstatSync(path);
    if (!named.isFile) throw new SecretError(`Cannot use "${path}": it is not a file`);
    file = Deno.openSync(path, { read: true });
    const opened = file.statSync();
    // Somebody may have put another one there meanwhile.
    if (opened.ino !== named.ino || opened.dev !== named.dev) {
      throw new SecretError(`Cannot use "${path}": it has just been replaced; try again`);
    }
    checkPrivate(path, opened, "600");
    if (opened.size > bytesMax) throw new SecretError(`Cannot use "${path}": it has over ${bytesMax} bytes`);
    return textOf(file, bytesMax, path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error instanceof SecretError ? error : new SecretError(`Cannot read "${path}": ${reasonOf(error)}`);
  } finally {
    file?.close();
  }
}

/**
 * Writes a file in place of one that may be there; it is on the disk when this returns.
 *
 * @throws {SecretError} if it cannot be written.
 */
export function writePrivateFile(path: string, text: string): void {
  const partial = `${path}.partial-${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
  try {
    const file = Deno.openSync(partial, { write: true, createNew: true, mode: 0o600 });
    try {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(partial, path);
  } catch (error) {
    removeIfPossible(partial);
    throw new SecretError(`Cannot write "${path}": ${reasonOf(error)}`);
  }
}

/** Removes a file, if it is there and that is possible. */
export function removeIfPossible(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not there, or stays.
  }
}

/**
 * Makes sure that a folder is there that only its owner may use.
 *
 * @throws {SecretError} if it belongs to somebody else, others may use it, or it cannot be made.
 */
export function makePrivateFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) {
      throw new SecretError(`Cannot make "${path}": ${reasonOf(error)}`);
    }
  }
  const why = whyNotPrivateFolder(path);
  if (why !== undefined) throw new SecretError(`Cannot use "${path}": ${why}`);
}

/** Why a folder is not one that only this user may use; undefined: it is. @throws {SecretError} */
export function whyNotPrivateFolder(path: string): string | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "there is none" : reasonOf(error);
  }
  if (!info.isDirectory) return "it is not a folder";
  return whyNotPrivate(info, "700");
}

function checkPrivate(path: string, info: Deno.FileInfo, wanted: string): void {
  const why = whyNotPrivate(info, wanted);
  if (why !== undefined) throw new SecretError(`Cannot use "${path}": ${why}`);
}

function whyNotPrivate({ uid, mode }: Deno.FileInfo, wanted: string): string | undefined {
  if (!hasOwners) return undefined;
  if (uid !== ownUid()) return "it belongs to another user";
  if (((mode ?? 0) & othersMask) === 0) return undefined;
  return `others may use it (mode ${((mode ?? 0) & 0o777).toString(8)}); allow only yourself: chmod ${wanted}`;
}

function textOf(file: Deno.FsFile, bytesMax: number, path: string): string {
  // It may grow meanwhile.
  const bytes = new Uint8Array(bytesMax + 1);
  let count = 0;
  while (count < bytes.length) {
    const read = file.readSync(bytes.subarray(count));
    if (read === null) break;
    count += read;
  }
  if (count > bytesMax) throw new SecretError(`Cannot use "${path}": it has over ${bytesMax} bytes`);
  return new TextDecoder().decode(bytes.subarray(0, count));
}
