/**
 * The directory of an archive, which one process writes at a time.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { ifThere } from "../storage/file_claim.ts";
import { reasonOf } from "../reason.ts";
import { ArchiveError, leftOvers } from "./archive_index.ts";
import { createFile } from "./outputs.ts";
import type { ArchiveFiles, NewOutput } from "./surroundings.ts";

/** The directory of an archive on a disk. */
export class ArchiveFolder implements ArchiveFiles {
  readonly #directory: string;
  readonly #lock: Deno.FsFile | undefined;

  /** Whether it was made for this. */
  readonly #isNew: boolean;

  private constructor(directory: string, lock: Deno.FsFile | undefined, isNew: boolean) {
    this.#directory = directory;
    this.#lock = lock;
    this.#isNew = isNew;
  }

  /**
   * Opens a directory.
   *
   * @param mayWrite whether it is made if it is not there, and kept from other processes that write. Then the partial
   * files of a killed process are removed.
   * @throws {ArchiveError} if it cannot be used.
   */
  static open(directory: string, mayWrite: boolean): ArchiveFolder {
    const action = mayWrite ? "archive into" : "read the archive";
    const advice = mayWrite ? "choose another directory" : "give the directory of an archive";
    let lock: Deno.FsFile | undefined;
    try {
      const there = ifThere(() => Deno.statSync(directory));
      if (there?.isDirectory === false) throw new Error("it is not a directory");
      if (mayWrite) Deno.mkdirSync(directory, { recursive: true });
      else Deno.readDirSync(directory);
      // Windows opens no directories.
      if (mayWrite && Deno.build.os !== "windows") lock = Deno.openSync(directory);
      if (lock !== undefined && !lock.tryLockSync(true)) {
        throw new Error("another process archives into it");
      }
      const folder = new ArchiveFolder(directory, lock, mayWrite && there === undefined);
      if (mayWrite) { for (const name of leftOvers(folder.names())) Deno.removeSync(folder.#path(name)); }
      return folder;
    } catch (error) {
      lock?.close();
      throw new ArchiveError(`Cannot ${action} ${quotedShort(directory)}: ${reasonOf(error)}; ${advice}`);
    }
  }

  names(): readonly string[] {
    return [...Deno.readDirSync(this.#directory)].map(({ name }) => name);
  }

  size(name: string): number | undefined {
    try {
      return Deno.statSync(this.#path(name)).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw this.#unreadable(name, error);
    }
  }

  async read(name: string): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(this.#path(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw this.#unreadable(name, error);
    }
  }

  async *bytes(name: string): AsyncIterable<Uint8Array> {
    try {
      using file = await Deno.open(this.#path(name));
      const buffer = new Uint8Array(readBytes);
      for (;;) {
        const count = await file.read(buffer);
        if (count === null) return;
        yield buffer.slice(0, count);
      }
    } catch (error) {
      throw this.#unreadable(name, error);
    }
  }

  create(name: string): NewOutput {
    return createFile(this.#path(name), true);
  }

  close(): void {
    try {
      // Where nothing came of it, nothing is left.
      if (this.#isNew) Deno.removeSync(this.#directory);
    } catch {
      // It has files.
    }
    this.#lock?.close();
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`;
  }

  #unreadable(name: string, error: unknown): ArchiveError {
    const why = `${reasonOf(error)}; see that the disk is sound`;
    return new ArchiveError(`Cannot read ${quotedShort(this.#path(name))}: ${why}`);
  }
}

/** Bytes that are read at a time. */
const readBytes = 256 * 1024;
