/**
 * Work that takes long: one piece after the other, and between two of them everybody else has a turn.
 *
 * Whatever has come in one turn of the event loop is handled in it; were all of it long work, nothing else would be done,
 * and the session of the gateway would say nothing for so long that the replicas take it for lost.
 *
 * @module
 */

import { Problem } from "./problems.ts";

/** Turns of the event loop, given to one caller each. */
export class Turns {
  readonly #waitingMax: number;
  readonly #pause: () => Promise<void>;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /**
   * @param waitingMax how many may wait.
   * @param pause lets a turn end; absent: that of the event loop.
   */
  constructor(waitingMax: number, pause: () => Promise<void> = turnIsOver) {
    this.#waitingMax = waitingMax;
    this.#pause = pause;
  }

  /**
   * Resolves in a turn that is the caller's.
   *
   * @throws {Problem} if too many wait.
   */
  async next(): Promise<void> {
    if (this.#waiting >= this.#waitingMax) {
      const detail = `${this.#waitingMax} requests of this kind wait already: try again`;
      throw new Problem("busy", detail, {}, [["retry-after", "1"]]);
    }
    this.#waiting++;
    this.#last = this.#last.then(this.#pause);
    await this.#last;
    this.#waiting--;
  }
}

function turnIsOver(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
