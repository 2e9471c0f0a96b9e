/**
 * Long work in pieces, with a turn of the event loop for everything else between two of them.
 *
 * Else the gateway would handle all requests that came in one turn before it does anything else. Its session would be
 * silent for so long that the replicas take it for lost.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { HttpProblem } from "./problems.ts";

/** Turns of the event loop, each for one caller. */
export class Turns {
  readonly #waitingMax: number;
  readonly #pause: () => Promise<void>;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /**
   * @param waitingMax how many callers may wait.
   * @param pause lets a turn end; absent: the turn of the event loop.
   */
  constructor(waitingMax: number, pause: () => Promise<void> = setImmediate) {
    this.#waitingMax = waitingMax;
    this.#pause = pause;
  }

  /**
   * Resolves in a turn of the caller's own.
   *
   * @throws {HttpProblem} if too many wait.
   */
  async next(): Promise<void> {
    if (this.#waiting >= this.#waitingMax) {
      const detail = `${this.#waitingMax} requests of this kind wait already: try again`;
      throw new HttpProblem("busy", detail, {}, [["retry-after", "1"]]);
    }
    this.#waiting++;
    this.#last = this.#last.then(this.#pause);
    await this.#last;
    this.#waiting--;
  }
}
