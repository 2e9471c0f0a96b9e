/**
 * Commands of many connections, gathered: those that come in one round of the event loop go to the cluster in one turn,
 * and so in one request of the protocol. Without that, each HTTP request has a turn of its own, and each of its commands
 * costs a system call for every replica.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import type { Reply, Submitter } from "../client.ts";

/** A command that waits for the end of the round. */
interface Waiting {
  readonly command: Uint8Array;
  readonly outputBytesMax: number;
  readonly resolve: (reply: Promise<Reply>) => void;
  readonly reject: (error: unknown) => void;
}

/** Submits what has come in a round at its end. */
export class Gatherer implements Submitter {
  readonly #submitter: Submitter;
  #waiting: Waiting[] = [];
  #round: ReturnType<typeof setImmediate> | undefined;

  /** @param submitter takes the commands. */
  constructor(submitter: Submitter) {
    this.#submitter = submitter;
  }

  /** How many wait for the end of the round. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Submits a command at the end of the round; its bytes are copied before this returns. */
  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command: command.slice(), outputBytesMax, resolve, reject });
      this.#round ??= setImmediate(() => this.flush());
    });
  }

  /** Submits what waits. */
  flush(): void {
    clearImmediate(this.#round);
    this.#round = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { command, outputBytesMax, resolve, reject } of waiting) {
      try {
        resolve(this.#submitter.submit(command, outputBytesMax));
      } catch (error) {
        // One that cannot be submitted keeps no other from it.
        reject(error);
      }
    }
  }
}
