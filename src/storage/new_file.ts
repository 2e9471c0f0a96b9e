/**
 * Files that are made whole or not at all, and over no file that is there unless that is wanted.
 *
 * A new one is written under a name of its own in the same directory, and gets the name that was asked for when it is
 * complete and on the disk. So whatever is found under that name is whole, even after a power failure.
 *
 * @module
 */

import { ifThere, removeIfThere, syncFolderOf } from "./file_claim.ts";

/** There is something of that name already, and it is not to be replaced. */
export class FileThereError extends Error {
  override name = "FileThereError";
  override message = "there is something of that name already";
}

/** A file that is being made. */
export class NewFile {
  /** The name that it gets. */
  readonly name: string;
  readonly #partial: string;
  readonly #handle: Deno.FsFile;
  readonly #mayReplace: boolean;
  #state: "open" | "complete" | "discarded" = "open";

  /**
   * Begins one; until it is complete, nothing new is there under its name.
   *
   * @param mayReplace whether a file of that name may be replaced.
   * @param mode who may do what with it; absent: as is usual for the process.
   * @throws {FileThereError} if there is something of that name that may not be replaced.
   * @throws {Error} if nothing can be written there; the system says why.
   */
  constructor(name: string, mayReplace?: boolean, mode?: number) {
    const there = statOf(name);
    if (there !== undefined && !(mayReplace && there.isFile)) throw new FileThereError();
    this.name = name;
    this.#mayReplace = mayReplace ?? false;
    this.#partial = `${name}.partial-${crypto.getRandomValues(new Uint8Array(4)).toHex()}`;
    this.#handle = Deno.openSync(this.#partial, { read: true, write: true, createNew: true, mode });
  }

  /** Whether it is there, whole and lasting. */
  get isComplete(): boolean {
    return this.#state === "complete";
  }

  #checkOpen(): void {
    if (this.#state !== "open") throw new Error(`"${this.name}" is ${this.#state}`);
  }

  /** Writes all of the bytes behind those before. @throws {Error} if the disk does not take them. */
  write(bytes: Uint8Array): void {
    this.#checkOpen();
    for (let at = 0; at < bytes.length;) at += this.#handle.writeSync(bytes.subarray(at));
  }

  /** Leaves nothing of what was written, and begins again. @throws {Error} if the disk does not do it. */
  restart(): void {
    this.#checkOpen();
    this.#handle.truncateSync(0);
    this.#handle.seekSync(0, Deno.SeekMode.Start);
  }

  /** Writes over the first bytes, of which there are as many; nothing is written after that. */
  overwrite(bytes: Uint8Array): void {
    this.#checkOpen();
    this.#handle.seekSync(0, Deno.SeekMode.Start);
    this.write(bytes);
  }

  /** Reads what was written, from a place on; good until something else is read or written. */
  reader(start: number): Pick<Deno.FsFile, "readSync"> {
    this.#checkOpen();
    this.#handle.seekSync(start, Deno.SeekMode.Start);
    return this.#handle;
  }

  /**
   * Gives it its name; it is on the disk when this returns. In one go: nothing comes between.
   *
   * @throws {FileThereError} if something of that name has come meanwhile; it is not discarded yet.
   * @throws {Error} if the disk does not take it; it is not discarded yet.
   */
  complete(): void {
    this.#checkOpen();
    this.#handle.syncSync();
    if (this.#mayReplace) Deno.renameSync(this.#partial, this.name);
    else giveName(this.#partial, this.name);
    // Windows opens no directories.
    if (Deno.build.os !== "windows") syncFolderOf(this.name);
    this.#state = "complete";
    this.#handle.close();
  }

  /** Leaves nothing of it, unless it is complete. */
  discard(): void {
    if (this.#state !== "open") return;
    this.#state = "discarded";
    this.#handle.close();
    removeIfThere(this.#partial);
  }
}

/** Gives a file the name that it is to have, unless that is taken. */
function giveName(partial: string, file: string): void {
  try {
    // Unlike a change of its name, a second name never takes the place of a file that has come meanwhile.
    Deno.linkSync(partial, file);
  } catch {
    if (statOf(file) !== undefined) throw new FileThereError();
    // Some file systems have no second names.
    Deno.renameSync(partial, file);
  }
  removeIfThere(partial);
}

function statOf(file: string): Deno.FileInfo | undefined {
  return ifThere(() => Deno.lstatSync(file));
}
