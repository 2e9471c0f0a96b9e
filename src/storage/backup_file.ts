/**
 * Backup files on the disk: made whole or not at all, and never over a file that is there.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { BytesRange, type BytesSource } from "../bytes_source.ts";
import { type BackupHeader, type BackupInfo, encodeHeader, headerBytes } from "./backup_format.ts";
import { contentsOf, type CopyContents, CopyLengths } from "./copy_contents.ts";
import { NewFile } from "./new_file.ts";
import { ownFileMode } from "./own_modes.ts";
import { reasonOf } from "../reason.ts";

/** A backup file cannot be written or read. The message says what failed, names the file, and says what to do. */
export class BackupFileError extends Error {
  override name = "BackupFileError";
}

/** The next bytes of a file, all of which must be there. */
export function readAll(file: { readSync(into: Uint8Array): number | null }, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new Error("it ends too early: somebody has changed it");
    at += count;
  }
  return bytes;
}

/** A backup file that is being made. */
export class NewBackupFile {
  readonly #file: NewFile;
  #lengths = new CopyLengths();
  #hash = createHash("sha256");

  /**
   * Begins one; until it is complete, nothing is there under the name of `file`.
   *
   * @throws {BackupFileError} if there is something of that name, or nothing can be written there.
   */
  constructor(file: string) {
    try {
      this.#file = new NewFile(file, false, ownFileMode);
    } catch (error) {
      throw failureOf(file, error);
    }
  }

  /** Whether it is there, whole and lasting. */
  get isComplete(): boolean {
    return this.#file.isComplete;
  }

  /** A copy begins: nothing is left of what was written before. @throws {BackupFileError} as {@link write}. */
  begin(): void {
    this.#try(() => {
      this.#file.restart();
      this.#lengths = new CopyLengths();
      this.#hash = createHash("sha256");
      // When its length is known, the line comes there.
      this.#file.write(new Uint8Array(headerBytes));
    });
  }

  /**
   * Writes the next bytes of the copy.
   *
   * @param part what they are of: one of `copyParts`.
   * @throws {BackupFileError} if the disk does not take them; then nothing is left of the file.
   */
  write(part: number, bytes: Uint8Array): void {
    this.#try(() => {
      this.#file.write(bytes);
      this.#hash.update(bytes);
      this.#lengths.add(part, bytes);
    });
  }

  /** The copy, all of which was written. @throws {DecodeError} if it cannot be one. */
  contents(): CopyContents {
    const { state, segments, bytes: length } = this.#lengths;
    const file: BytesSource = {
      length: headerBytes + length,
      read: (start, count) => this.#try(() => readAll(this.#file.reader(start), count)),
    };
    return contentsOf(new BytesRange(file, headerBytes, length), state, segments);
  }

  /**
   * Writes its first line, and gives it its name; it is on the disk when this returns.
   *
   * @throws {BackupFileError} if that is not possible; then nothing is left of it.
   */
  complete(info: BackupInfo): BackupHeader {
    return this.#try(() => {
      const { state, segments, bytes } = this.#lengths;
      const header = { ...info, bytes, state, segments, sha256: this.#hash.copy().digest("hex") };
      this.#file.overwrite(encodeHeader(header));
      this.#file.complete();
      return header;
    });
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#file.discard();
      throw failureOf(this.#file.name, error);
    }
  }

  /** Leaves nothing of it, unless it is complete. */
  discard(): void {
    this.#file.discard();
  }
}

function failureOf(file: string, error: unknown): BackupFileError {
  const advice = error instanceof Deno.errors.NotCapable
    ? "run the client as deno task does, with --allow-read and --allow-write"
    : "choose another name or directory";
  return new BackupFileError(`Cannot write the backup "${file}": ${reasonOf(error)}; ${advice}`);
}
