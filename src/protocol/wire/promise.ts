/**
 * How far a request promises ahead at least (rules C4 and R3).
 *
 * @module
 */

import { batchBytesMax, paceMax, promiseAhead } from "../../limits.ts";

/** Bytes of commands that take about as long to execute as one timestamp counts. */
const bytesPerTimestamp = 16;

/**
 * How far the promise of a request is ahead of its timestamp at least: more for one that takes longer to execute.
 *
 * Requests are executed in the order of their timestamps, so those of a client come the more seldom the further it
 * promises ahead. Clients that send all the time get equal shares of the time of the replicas by that, whatever they
 * send.
 *
 * @param pace how many times as far the members want the client to promise, from 1 to {@link paceMax} (rule R11).
 */
export function leastPromise(commands: Uint8Array, pace: number): number {
  return pace * (promiseAhead + Math.floor(commands.length / bytesPerTimestamp));
}

/** The largest that there is. */
export const leastPromiseMax: number = paceMax * (promiseAhead + batchBytesMax / bytesPerTimestamp);
