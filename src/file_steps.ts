/**
 * Work on files in short steps, of which some wait for the disk.
 *
 * Each step writes or reads a bounded number of bytes at once: that takes microseconds, because the system keeps them.
 * Only making them lasting takes long. So a step that needs it gives a {@link SyncOrder}, and continues when that was
 * performed: by a thread of its own in a replica, at once in a test.
 *
 * @module
 */

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
