/**
 * A directory of backups on a disk: how it is opened, and by whom.
 *
 * One process writes into it at a time. Others may read it meanwhile: only a backup that removes earlier ones takes
 * something from them, so those that read for long keep it from being written.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { quotedShort } from "../quoted.ts";
import { reasonOf } from "../reason.ts";
import { BackupFileError } from "./backup_file.ts";
import type { BackupHeader, BackupInfo } from "./backup_format.ts";
import { BackupFolder, type DamagedFile, type Pruned } from "./backup_folder.ts";
import { headName, headOf, isUnfinished } from "./backup_names.ts";
import type { CopyContents } from "./copy_contents.ts";
import { ifThere } from "./file_claim.ts";
import { HistoryFolder, stepping } from "./history_folder.ts";
import type { Arrived, NewHead } from "./new_head.ts";
import { ownDirectoryMode } from "./own_modes.ts";
import { isHistoryFolder } from "./segment_names.ts";
import { inSlices } from "./slices.ts";
import { zstdPacking } from "./zstd_packing.ts";
import { StorageError } from "./storage_error.ts";

/** What the system itself puts into each disk. */
const ofTheSystem = new Set(["lost+found"]);

/** A backup in a directory. */
export interface WrittenHead extends BackupHeader, Arrived {
  /** The name of its head. */
  readonly name: string;
  /** How many backups there are now. */
  readonly heads: number;
}

/** A directory that one backup is being written into. */
export class BackupsInto {
  /** The files that were found to be damaged. */
  readonly damaged: readonly DamagedFile[];
  /** The id of the cluster whose backups are there; undefined: there are none yet. */
  readonly cluster: string | undefined;
  readonly #directory: string;
  readonly #files: HistoryFolder;
  readonly #folder: BackupFolder;
  readonly #head: NewHead;
  readonly #lock: Deno.FsFile | undefined;
  /** Whether the directory was made for this. */
  readonly #isNew: boolean;
  /** The name of the backup, once it is there, whole and lasting. */
  #made: string | undefined;
  #isClosed = false;

  private constructor(
    directory: string,
    opened: Opened,
    begun: { readonly head: NewHead; readonly damaged: DamagedFile[] },
  ) {
    this.#directory = directory;
    this.#files = opened.files;
    this.#folder = opened.folder;
    this.#lock = opened.lock;
    this.#isNew = opened.isNew;
    this.#head = begun.head;
    this.damaged = begun.damaged;
    this.cluster = opened.cluster;
  }

  /**
   * Opens a directory, and makes it where there is none. What an interrupted backup has not finished is removed.
   *
   * @param chance from 0, and below 1, another one each time: with which file the reading of what is there begins.
   * @throws {BackupFileError} if it is not to be used.
   */
  static async open(directory: string, chance: number): Promise<BackupsInto> {
    let opened: Opened | undefined;
    try {
      opened = openedToWrite(directory);
      return new BackupsInto(directory, opened, await inSlices(opened.folder.beginning(chance)));
    } catch (error) {
      opened?.lock?.close();
      throw failureOf(directory, error);
    }
  }

  /** Whether the backup is there, whole and lasting. */
  get isComplete(): boolean {
    return this.#made !== undefined;
  }

  /** A copy begins. @throws {BackupFileError} if the disk does not take it; the same for all others. */
  begin(): void {
    try {
      this.#head.begin();
    } catch (error) {
      throw failureOf(this.#directory, error);
    }
  }

  /** Takes the next bytes of it. @throws {DecodeError} if they cannot be those of a copy. */
  async write(part: number, bytes: Uint8Array): Promise<void> {
    await this.#try(() => stepping(this.#files, this.#head.write(part, bytes)));
  }

  /** How many of the bytes that follow need not come. */
  leaveOut(): number {
    return this.#head.leaveOut();
  }

  /** Why what has come cannot be used; undefined: nothing is known against it. @throws {DecodeError} */
  whyNot(): string | undefined {
    return this.#head.whyNot();
  }

  /** The copy, all of which has come. @throws {DecodeError} if it cannot be one. */
  contents(): CopyContents {
    return this.#head.contents();
  }

  /**
   * Makes it a backup.
   *
   * @param now milliseconds since 1970.
   */
  async complete(info: BackupInfo, now: number): Promise<WrittenHead> {
    return await this.#try(async () => {
      const name = headName(info.index, now);
      const header = await stepping(this.#files, this.#head.complete(info, name));
      this.#made = name;
      return { ...header, ...this.#head.arrived, name, heads: this.#folder.heads.length };
    });
  }

  /** Removes all but the newest `keep` backups, and the one that was made. */
  async prune(keep: number): Promise<Pruned> {
    try {
      return await stepping(this.#files, this.#folder.pruning(keep, this.#made));
    } catch (error) {
      throw new BackupFileError(
        `Cannot delete earlier backups in ${quotedShort(this.#directory)}: ${reasonOf(error)}; ` +
          "the new backup is complete, and the next one with --keep tries again",
      );
    }
  }

  /** A backup with more commands than the one that was made: the cluster has lost some. */
  get ahead(): string | undefined {
    const newest = this.#folder.heads[0]?.name;
    return this.#made === undefined || newest === this.#made ? undefined : newest;
  }

  /** Whether a file of sealed history is there and whole. */
  has(name: string): boolean {
    return this.#head.has(name);
  }

  /** The backups that need one of these files. */
  needing(names: ReadonlySet<string>): string[] {
    return this.#folder.heads.filter(({ name }) => this.#folder.namesOf(name)?.some((needed) => names.has(needed)))
      .map(({ name }) => name);
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw failureOf(this.#directory, error);
    }
  }

  /** Leaves nothing that is not whole, and lets others write. */
  discard(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#head.discard();
    this.#files[Symbol.dispose]();
    try {
      // Where nothing came of it, nothing is left.
      if (this.#isNew) Deno.removeSync(this.#directory);
    } catch {
      // It has files.
    }
    this.#lock?.close();
  }
}

/** A directory that is open, and belongs to this process. */
interface Opened {
  readonly files: HistoryFolder;
  readonly folder: BackupFolder;
  readonly lock: Deno.FsFile | undefined;
  readonly isNew: boolean;
  readonly cluster: string | undefined;
}

function openedToWrite(directory: string): Opened {
  const there = ifThere(() => Deno.statSync(directory));
  if (there?.isDirectory === false) throw new NotToBeUsed("it is not a directory", "choose another directory");
  if (there === undefined) Deno.mkdirSync(directory, { recursive: true, mode: ownDirectoryMode });
  const lock = locked(directory, true);
  if (lock === "taken") {
    throw new NotToBeUsed(
      "another process writes a backup into it, or reads it to check or to restore",
      "try again later",
    );
  }
  try {
    const files = new HistoryFolder(directory);
    const folder = new BackupFolder(files, zstdPacking);
    checkOwn(directory, folder);
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      if (isUnfinished(name) && !isDirectory) Deno.removeSync(`${directory}/${name}`);
    }
    return { files, folder, lock, isNew: there === undefined, cluster: clusterOf(folder) };
  } catch (error) {
    lock?.close();
    throw error;
  }
}

/** @throws {NotToBeUsed} if a directory has something, and nothing of it is a backup; or a backup elsewhere. */
function checkOwn(directory: string, folder: BackupFolder): void {
  // A replica's files have the names of those of a backup.
  if (isHistoryFolder(Deno.realPathSync(directory))) {
    throw new NotToBeUsed("it is the folder of a replica's sealed history", "choose another directory");
  }
  // Nobody knows what the backup behind a link needs.
  const link = [...Deno.readDirSync(directory)].find(({ name, isSymlink }) => isSymlink && headOf(name) !== undefined);
  if (link !== undefined) {
    throw new NotToBeUsed(`${quotedShort(link.name)} is a link`, "replace it by the file that it leads to");
  }
  if (folder.heads.length > 0 || folder.segments.length > 0) return;
  const other = [...Deno.readDirSync(directory)].find(({ name }) => !isUnfinished(name) && !ofTheSystem.has(name));
  if (other === undefined) return;
  throw new NotToBeUsed(
    `it has other things, such as ${quotedShort(other.name)}`,
    "choose an empty or a new directory",
  );
}

function clusterOf(folder: BackupFolder): string | undefined {
  const { heads } = folder;
  for (const { name } of heads) {
    const header = folder.headerOf(name);
    if (header !== undefined) return header.cluster;
  }
  if (heads.length === 0) return undefined;
  throw new NotToBeUsed(
    "none of its backups can be read",
    "choose another directory, and keep this one for a look at it",
  );
}

/** Locks a directory; "taken": another process has. Where a system has no such locks, nothing is locked. */
function locked(directory: string, toWrite: boolean): Deno.FsFile | "taken" | undefined {
  // Windows opens no directories.
  if (Deno.build.os === "windows") return undefined;
  const lock = Deno.openSync(directory);
  if (lock.tryLockSync(toWrite)) return lock;
  lock.close();
  return "taken";
}

/** A directory of backups that is read. */
export interface ReadDirectory extends Disposable {
  readonly folder: BackupFolder;
  /** Whether the directory was named, and not one backup in it. */
  readonly isWhole: boolean;
  /** The name of that backup, or of the newest backup; undefined: there is none. */
  readonly newest: string | undefined;
}

/**
 * Opens a directory, or the one that a head lies in, so that nobody removes backups from it meanwhile.
 *
 * @returns undefined if the place is neither.
 * @throws what the system says if it cannot be read.
 */
export function openedToRead(place: string): ReadDirectory | undefined {
  const isDirectory = Deno.statSync(place).isDirectory;
  if (!isDirectory && headOf(basename(place)) === undefined) return undefined;
  const directory = isDirectory ? place : dirname(place);
  const lock = locked(directory, false);
  const folder = new BackupFolder(new HistoryFolder(directory), zstdPacking);
  return {
    folder,
    isWhole: isDirectory,
    newest: isDirectory ? folder.heads[0]?.name : basename(place),
    [Symbol.dispose]: () => {
      if (lock !== "taken") lock?.close();
    },
  };
}

/** A directory is not to be used; the message says why. */
class NotToBeUsed extends Error {
  override name = "NotToBeUsed";
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

function failureOf(directory: string, error: unknown): Error {
  if (error instanceof BackupFileError || (error instanceof Error && error.name === "DecodeError")) return error;
  const advice = error instanceof NotToBeUsed
    ? error.advice
    : error instanceof Deno.errors.NotCapable
    ? "run the client as deno task does, with --allow-read and --allow-write"
    : "make room there or let it be written, or choose another directory";
  // It has advice of its own, for a replica.
  const reason = reasonOf(error instanceof StorageError && error.kind === "full" ? error.cause : error);
  return new BackupFileError(`Cannot back up into ${quotedShort(directory)}: ${reason}; ${advice}`);
}
