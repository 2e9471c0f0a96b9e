/**
 * Long work in pieces, with a turn of the event loop for everything else between two of them.
 *
 * Else the gateway would handle all requests that came in one turn before it does anything else. Its session would be
 * silent for so long that the replicas take it for lost.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { copiedBytesPerTurn } from "../limits.ts";
import { HttpProblem } from "./problems.ts";

/** HTTP requests under way at a time. The gateway asks further ones to come back. */
export const httpRequestsMax = 4_096;

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

/** Puts pieces together, a part in each turn of the event loop: to copy 50 MB takes as many milliseconds. */
export async function joined(pieces: Iterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const all = [...pieces];
  const whole = new Uint8Array(Math.sumPrecise(all.map(({ length }) => length)));
  let end = 0;
  let turnEnd = copiedBytesPerTurn;
  for (const piece of all) {
    for (let at = 0; at < piece.length;) {
      if (end === turnEnd) {
        await setImmediate();
        turnEnd += copiedBytesPerTurn;
      }
      const part = piece.subarray(at, at + turnEnd - end);
      whole.set(part, end);
      at += part.length;
      end += part.length;
    }
  }
  return whole;
}
