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

/**
 * Turns of the event loop, each for one caller.
 *
 * @param waitingMax how many callers may wait.
 * @param pause lets a turn end; absent: the turn of the event loop.
 * @returns what resolves in a turn of its caller's own. It throws an {@link HttpProblem} if too many wait.
 */
export function turns(waitingMax: number, pause: () => Promise<void> = setImmediate): () => Promise<void> {
  let waiting = 0;
  let last = Promise.resolve();
  return async () => {
    if (waiting >= waitingMax) {
      const detail = `${waitingMax} requests of this kind wait already: try again`;
      throw new HttpProblem("busy", detail, {}, { "retry-after": "1" });
    }
    waiting++;
    last = last.then(pause);
    await last;
    waiting--;
  };
}
