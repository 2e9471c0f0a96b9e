/**
 * The commands that a program has submitted, and that are under way nowhere. All that come while others are under way
 * travel together in the next request.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { batchBytesMax, commandsPerRequestMax, waitingRequestsMax } from "../../limits.ts";

// The length in front of an item takes at most this many bytes.
const itemHeaderBytes = 4;

// What an item costs beside its command, about.
const overheadBytes = 256;

/** Bytes that may wait. */
const backlogBytesMax = waitingRequestsMax * batchBytesMax;

/** Too many commands wait: this one was not taken, and will never be executed. */
export class BacklogFullError extends Error {
  override name = "BacklogFullError";
}

/** A command that somebody waits for. */
export interface Item<T> {
  /** Comes back with the outcome. */
  readonly ticket: T;
  readonly command: Uint8Array;
  /** The most bytes that its output can have. */
  readonly outputBytesMax: number;
  /** When somebody waits for it no longer; Infinity: the caller decides. */
  readonly deadlineMs: number;
  /** When a request with it is sent no more. */
  readonly lastMs: number;
  /** Counts the commands of a caller that may change something; of a read, those before it. */
  readonly ordinal: number;
  /** Somebody was told what has become of it. */
  isTold: boolean;
}

/** Commands in the order in which they were submitted. */
export class Backlog<T> {
  #items: Item<T>[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** All that wait. */
  get items(): readonly Item<T>[] {
    return this.#items;
  }

  /**
   * Takes a command in.
   *
   * @throws {RangeError} if it or its output would not fit a request.
   * @throws {BacklogFullError} if too many wait.
   */
  push(item: Item<T>): void {
    const { command, outputBytesMax } = item;
    if (Math.max(command.length, outputBytesMax) + itemHeaderBytes > batchBytesMax) {
      throw new RangeError(`Cannot submit a command of ${command.length} bytes: its request would pass a frame`);
    }
    if (this.#bytes + command.length > backlogBytesMax) {
      throw new BacklogFullError(`Cannot submit a command: ${this.#items.length} wait to be sent; wait for some first`);
    }
    this.#items.push(item);
    this.#bytes += command.length + overheadBytes;
  }

  /** Puts items back in front, those that nobody waits for left out. */
  putBack(items: readonly Item<T>[]): void {
    const waiting = items.filter(({ isTold }) => !isTold);
    this.#items = [...waiting, ...this.#items];
    for (const { command } of waiting) this.#bytes += command.length + overheadBytes;
  }

  /** Takes out the first items that fit into one request, and that `mayGo` is true of. */
  take(mayGo: (item: Item<T>) => boolean = () => true): Item<T>[] {
    let [count, bytes, outputBytes] = [0, 0, 0];
    for (const item of this.#items) {
      bytes += item.command.length + itemHeaderBytes;
      outputBytes += item.outputBytesMax + itemHeaderBytes;
      if (count === commandsPerRequestMax || bytes > batchBytesMax || outputBytes > batchBytesMax || !mayGo(item)) {
        break;
      }
      count++;
    }
    return this.#taken(this.#items.splice(0, count));
  }

  /** Takes out all that `isMeant` is true of. */
  remove(isMeant: (item: Item<T>) => boolean): Item<T>[] {
    const removed = this.#items.filter(isMeant);
    if (removed.length > 0) this.#items = this.#items.filter((item) => !isMeant(item));
    return this.#taken(removed);
  }

  #taken(items: Item<T>[]): Item<T>[] {
    for (const { command } of items) this.#bytes -= command.length + overheadBytes;
    return items;
  }
}

/** The commands of a request. */
export function batchOf(items: readonly Item<unknown>[]): Uint8Array {
  const writer = new ByteWriter(64);
  for (const { command } of items) writer.blob(command);
  return writer.copy();
}

/** The most bytes that the outputs of a request can have. */
export function outputBytesOf(items: readonly Item<unknown>[]): number {
  return items.reduce((sum, { outputBytesMax }) => sum + outputBytesMax + itemHeaderBytes, 0);
}
