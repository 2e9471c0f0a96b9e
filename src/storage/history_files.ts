/**
 * What the sealed history asks of a folder of files, and how it waits for the disk.
 *
 * Work on files is a generator of short steps. Each step writes or reads a bounded number of bytes at once: that takes
 * microseconds, because the system keeps them. Only making them lasting takes long. So a step that needs it gives a
 * {@link SyncOrder}, and continues when that was performed: by a thread of its own in a replica, at once in a test.
 *
 * @module
 */

/** How much room the disk of a folder has. */
export interface DiskRoom {
  /** Bytes that this process may still write. */
  readonly freeBytes: number;
  /** Bytes of the disk. */
  readonly diskBytes: number;
}

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
  /** Reads bytes of a file: fewer where it ends before. */
  read(name: string, start: number, length: number): Uint8Array;
  /** Removes a file if it is there. That lasts after {@link syncFolder}. */
  remove(name: string): void;
  /** How a file is called in messages. */
  pathOf(name: string): string;
  /** How much room there is; undefined: the process may not ask. */
  room(): DiskRoom | undefined;
}

/** Asks that a file, or the folder, be made lasting before the next step. */
export class SyncOrder {
  /** The name of the file; undefined: the folder. */
  readonly name: string | undefined;
  #isDone = false;

  /** Orders it for a file, or for the folder. */
  constructor(name: string | undefined) {
    this.name = name;
  }

  /** Whether it was performed. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Says that it was performed. */
  done(): void {
    this.#isDone = true;
  }
}

/** Short steps of work on files: others may have a turn after each, and an order must be performed. */
export type FileSteps<T> = Generator<SyncOrder | undefined, T, void>;

/** Waits until a file is on the disk; or until the folder is, if there is no name. */
export function* synced(name?: string): FileSteps<void> {
  const order = new SyncOrder(name);
  yield order;
  // A driver that knows nothing of orders must not pass over one.
  if (!order.isDone) throw new Error(`${name === undefined ? "the folder" : `"${name}"`} was not made lasting`);
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
