/**
 * The sealed history of one replica, with all that drives it: the files, in a folder or in memory, the store, and the
 * scrub.
 *
 * @module
 */

import { DamageError } from "../database/segments/damage.ts";
import type { SyncOrder } from "../file_steps.ts";
import { RefusedBytesError } from "./history_errors.ts";
import type { DiskRoom } from "./disk_room.ts";
import { finished, type HistoryFiles } from "./history_files.ts";
import { HistoryFolder } from "./history_folder.ts";
import { Scrub } from "./history_scrub.ts";
import { HistoryStore } from "./history_store.ts";
import { MemoryFiles } from "./memory_files.ts";
import { historyFolderOf } from "./segment_names.ts";
import { StorageError } from "./storage_error.ts";
import { zstdPacking } from "./zstd_packing.ts";

/** Files, and what makes them lasting. */
type Files = HistoryFiles & { perform(order: SyncOrder): Promise<void> | void };

/** Files that stay open once something was read of them: to open one takes as long as to read a block of it. */
const readFilesMax = 256;

/** The history of one replica. */
export class ReplicaHistory implements Disposable {
  /** Its segments; nothing is named yet. */
  readonly history: HistoryStore;
  readonly #files: Files;
  readonly #scrubs: boolean;
  #scrub: Scrub | undefined;

  private constructor(files: Files, scrubs: boolean) {
    this.#files = files;
    this.#scrubs = scrubs;
    // Nothing is named, so this looks only which files there are.
    this.history = finished(files, HistoryStore.open(files, zstdPacking, []));
  }

  /**
   * The history that belongs to a database file, in a folder beside it.
   *
   * @throws {StorageError} if the folder cannot be read.
   */
  static beside(databaseFile: string): ReplicaHistory {
    return new ReplicaHistory(new HistoryFolder(historyFolderOf(databaseFile), readFilesMax), true);
  }

  /** One that is gone with the process. */
  static inMemory(): ReplicaHistory {
    return new ReplicaHistory(new MemoryFiles(), false);
  }

  /** Segments that are named. */
  get segments(): number {
    return this.history.named.length;
  }

  /** Bytes of their files. */
  get bytes(): number {
    return this.history.bytes;
  }

  /** How much room the disk has; undefined: nobody says. */
  room(): DiskRoom | undefined {
    try {
      return this.history.room();
    } catch (error) {
      if (error instanceof StorageError) return undefined;
      throw error;
    }
  }

  /** Performs an order: by another thread, or at once. */
  perform(order: SyncOrder): Promise<void> | void {
    return this.#files.perform(order);
  }

  /** Whether an error tells of the disk, and not of a mistake of the program. */
  isFault(error: unknown): boolean {
    return error instanceof StorageError || error instanceof DamageError;
  }

  /** Whether an error says that bytes of the disk are not what was sealed. */
  isDamage(error: unknown): boolean {
    return error instanceof DamageError;
  }

  /** Whether an error says that bytes from elsewhere are not what was sealed. */
  isRefusal(error: unknown): boolean {
    return error instanceof RefusedBytesError;
  }

  /**
   * Does the next step of the scrub, if it is due; as {@link Scrub.step}.
   *
   * @returns when the next step is due; undefined: there is no scrub.
   */
  scrub(now: number): number | undefined {
    if (!this.#scrubs) return undefined;
    // Processes begin anywhere: one that is started every day would otherwise never come to the last segments.
    this.#scrub ??= new Scrub(this.history, now, Math.random());
    return this.#scrub.step(now);
  }

  /** Closes its files. */
  [Symbol.dispose](): void {
    if (this.#files instanceof HistoryFolder) this.#files[Symbol.dispose]();
  }
}
