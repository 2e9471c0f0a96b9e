/**
 * The folder of a replica's sealed history, on a disk.
 *
 * Bytes are written and read within the turn: the system keeps them, so a block takes 10 µs, and asking another thread
 * takes ten times as long. Files and the folder are made lasting by another thread, since that waits for the disk.
 *
 * The process needs `--allow-read` for the folder of the data and `--allow-write` for this folder. With
 * `--allow-sys=statfs`, it can also tell how much room there is.
 *
 * @module
 */

import { dirname } from "node:path";
import { ifThere, removeIfThere, syncFolderOf } from "./file_claim.ts";
import { historyErrorOf } from "./history_errors.ts";
import type { FileSteps, SyncOrder } from "../file_steps.ts";
import { type DiskRoom, roomOf } from "./disk_room.ts";
import type { HistoryFiles } from "./history_files.ts";
import { ownDirectoryMode, ownFileMode } from "./own_modes.ts";
import { Slices } from "./slices.ts";

/** Windows opens no directories, and makes names lasting by itself. */
const opensFolders = Deno.build.os !== "windows";

/** Bytes that are gathered before they are written: to write each block alone takes a fifth of what a newcomer does. */
const gatheredBytes = 64 * 1024;

/** A file that is being written. A crash would lose what is still gathered in any case, since it is not synced. */
class WrittenFile {
  readonly file: Deno.FsFile;
  readonly #gathered = new Uint8Array(gatheredBytes);
  #count = 0;
  /** Why bytes were not written: then the file is of no use, whoever asks next. */
  #failure: unknown;

  constructor(file: Deno.FsFile) {
    this.file = file;
  }

  append(bytes: Uint8Array): void {
    if (this.#count + bytes.length > gatheredBytes) this.flush();
    if (bytes.length > gatheredBytes) return this.#write(bytes);
    this.#gathered.set(bytes, this.#count);
    this.#count += bytes.length;
  }

  /** Gives the system all bytes. */
  flush(): void {
    const bytes = this.#gathered.subarray(0, this.#count);
    this.#count = 0;
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      for (let at = 0; at < bytes.length;) at += this.file.writeSync(bytes.subarray(at));
    } catch (error) {
      throw this.#failure = error;
    }
  }
}

/** A folder of files. */
export class HistoryFolder implements HistoryFiles, Disposable {
  readonly #folder: string;
  /** The files that were created and have not been renamed. */
  readonly #open = new Map<string, WrittenFile>();
  /** Files that were read and are open, in the order in which they were read last. */
  readonly #read = new Map<string, Deno.FsFile>();
  readonly #readMax: number;

  /**
   * A folder that is there, or is made in one that is there with its first file.
   *
   * @param readMax files that stay open once something was read of them.
   */
  constructor(folder: string, readMax = 0) {
    this.#folder = folder;
    this.#readMax = readMax;
  }

  names(): string[] {
    const all = ifThere(() => [...Deno.readDirSync(this.#folder)]) ?? [];
    return all.filter(({ isFile }) => isFile).map(({ name }) => name);
  }

  size(name: string): number | undefined {
    this.#flush(name);
    return ifThere(() => Deno.statSync(this.pathOf(name)).size);
  }

  create(name: string): void {
    this.#close(name);
    this.#make();
    const options = { write: true, create: true, truncate: true, mode: ownFileMode };
    this.#open.set(name, new WrittenFile(Deno.openSync(this.pathOf(name), options)));
  }

  #make(): void {
    if (this.#isThere) return;
    try {
      Deno.mkdirSync(this.#folder, { mode: ownDirectoryMode });
      if (opensFolders) syncFolderOf(this.#folder);
    } catch (error) {
      throw historyErrorOf(error, "make the folder", this.#folder);
    }
  }

  get #isThere(): boolean {
    return ifThere(() => Deno.statSync(this.#folder)) !== undefined;
  }

  append(name: string, bytes: Uint8Array): void {
    this.#created(name).append(bytes);
  }

  #created(name: string): WrittenFile {
    const file = this.#open.get(name);
    if (file === undefined) throw new Error(`"${this.pathOf(name)}" is not being written`);
    return file;
  }

  sync(name: string): void {
    this.#flushed(name).syncSync();
  }

  /** A file, all of whose bytes the system has. */
  #flushed(name: string): Deno.FsFile {
    const written = this.#created(name);
    written.flush();
    return written.file;
  }

  /** Gives the system what is gathered of a file. What it refuses was not refused to a reader. */
  #flush(name: string): void {
    try {
      this.#open.get(name)?.flush();
    } catch (error) {
      throw historyErrorOf(error, "write", this.pathOf(name));
    }
  }

  syncFolder(): void {
    if (opensFolders) syncFolderOf(this.pathOf("any"));
  }

  /** Performs an order by another thread. Rejects with what the system says. */
  async perform(order: SyncOrder): Promise<void> {
    if (order.name !== undefined) await this.#flushed(order.name).sync();
    else if (opensFolders) {
      using folder = await Deno.open(this.#folder);
      await folder.sync();
    }
    order.done();
  }

  rename(from: string, to: string): void {
    this.#open.get(from)?.flush();
    this.#close(from);
    this.#close(to);
    Deno.renameSync(this.pathOf(from), this.pathOf(to));
  }

  read(name: string, start: number, length: number, into?: Uint8Array): Uint8Array {
    this.#flush(name);
    const file = this.#openToRead(name);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = into !== undefined && length <= into.length ? into.subarray(0, length) : new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const count = file.readSync(bytes.subarray(at));
      if (count === null) break;
      at += count;
    }
    return bytes.subarray(0, at);
  }

  /** Opens a file. Only as many stay open as may, those that were read last; without any, one does for this turn. */
  #openToRead(name: string): Deno.FsFile {
    const known = this.#read.get(name);
    const file = known ?? Deno.openSync(this.pathOf(name));
    this.#read.delete(name);
    this.#read.set(name, file);
    const [longestAgo] = this.#read.keys();
    if (this.#read.size > Math.max(1, this.#readMax)) this.#closeRead(longestAgo);
    if (known === undefined && this.#readMax === 0) {
      queueMicrotask(() => {
        if (this.#read.get(name) === file) this.#closeRead(name);
      });
    }
    return file;
  }

  #closeRead(name: string): void {
    this.#read.get(name)?.close();
    this.#read.delete(name);
  }

  remove(name: string): void {
    this.#close(name);
    removeIfThere(this.pathOf(name));
  }

  pathOf(name: string): string {
    return name === "" ? this.#folder : `${this.#folder}/${name}`;
  }

  room(): DiskRoom | undefined {
    // Until there is a file, the folder that it is made in says so.
    return roomOf(this.#isThere ? this.#folder : dirname(this.#folder));
  }

  /** Nobody writes a file any more, and none is read as it was before. */
  #close(name: string): void {
    this.#closeRead(name);
    this.#open.get(name)?.file.close();
    this.#open.delete(name);
  }

  /** Closes all files. Those that are not whole stay as a crash would leave them. */
  [Symbol.dispose](): void {
    for (const name of [...this.#open.keys(), ...this.#read.keys()]) this.#close(name);
  }
}

/** Files that are made lasting at once, or by another thread. */
export interface OrderedFiles {
  perform(order: SyncOrder): Promise<void> | void;
}

/**
 * Does steps on files, so that others have their turn meanwhile.
 *
 * @throws whatever the steps throw.
 */
export async function stepping<T>(folder: OrderedFiles, steps: FileSteps<T>): Promise<T> {
  using slices = new Slices();
  let next = steps.next();
  while (!next.done) {
    try {
      if (next.value !== undefined) {
        await folder.perform(next.value);
        slices.begin();
      } else if (slices.isOver) await slices.next();
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next();
  }
  return next.value;
}
