/**
 * Gathers the commands of many connections: those of one round of the event loop go to the cluster in one turn, and so
 * in one request of the protocol. Else each HTTP request would have a turn of its own, and each of its commands would
 * cost a system call for every replica.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import type { Reply, Submitter } from "../library/client.ts";

/** Submits the commands of a round at its end. */
export class Gatherer implements Submitter {
  readonly #submitter: Submitter;
  #waiting: (() => void)[] = [];
  #round: ReturnType<typeof setImmediate> | undefined;

  /** @param submitter takes the commands. */
  constructor(submitter: Submitter) {
    this.#submitter = submitter;
  }

  /** How many commands wait for the end of the round. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Submits a command at the end of the round; its bytes are copied before this returns. */
  async submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const copy = command.slice();
    await this.#endOfRound();
    return await this.#submitter.submit(copy, outputBytesMax);
  }

  /** The same for a command that changes nothing. */
  async read(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    const copy = command.slice();
    await this.#endOfRound();
    return await (this.#submitter.read ?? this.#submitter.submit).call(this.#submitter, copy, outputBytesMax);
  }

  #endOfRound(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#round ??= setImmediate(() => this.flush());
    });
  }

  /** Ends the round. */
  flush(): void {
    clearImmediate(this.#round);
    this.#round = undefined;
    for (const submit of this.#waiting.splice(0)) submit();
  }
}
