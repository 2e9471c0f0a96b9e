/**
 * What the sealed history asks of a folder of files. Work on them is in short steps, see `file_steps.ts`.
 *
 * @module
 */

import type { DiskRoom } from "./disk_room.ts";
import type { FileSteps, SyncOrder } from "../file_steps.ts";

/** A folder of files without folders in it. Each name is a plain one; each call throws what the system says. */
export interface HistoryFiles {
  /** The names of all files, in any order. */
  names(): string[];
  /** Bytes of a file; undefined: there is none. */
  size(name: string): number | undefined;
  /** Makes an empty file, in place of one of that name. */
  create(name: string): void;
  /** Writes all of the bytes behind those before. The file was created, and has not been renamed since. */
  append(name: string, bytes: Uint8Array): void;
  /** Makes it lasting what a file has that was created. */
  sync(name: string): void;
  /** Gives a file another name, in place of a file that has it. That lasts after {@link syncFolder}. */
  rename(from: string, to: string): void;
  /** Makes it lasting which files there are. */
  syncFolder(): void;
  /** Reads bytes of a file: fewer where it ends before. @param into where they may be put, if it has room for all. */
  read(name: string, start: number, length: number, into?: Uint8Array): Uint8Array;
  /** Removes a file if it is there. That lasts after {@link syncFolder}. */
  remove(name: string): void;
  /** How a file is called in messages. */
  pathOf(name: string): string;
  /** How much room there is; undefined: the process may not ask. */
  room(): DiskRoom | undefined;
}

/** Performs an order at once. */
export function perform(files: HistoryFiles, order: SyncOrder): void {
  if (order.name === undefined) files.syncFolder();
  else files.sync(order.name);
  order.done();
}

/** Does all steps at once: for tests, and where nothing else has to be done. */
export function finished<T>(files: HistoryFiles, steps: FileSteps<T>): T {
  let next = steps.next();
  while (!next.done) {
    try {
      if (next.value !== undefined) perform(files, next.value);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next();
  }
  return next.value;
}
