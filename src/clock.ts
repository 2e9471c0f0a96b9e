/**
 * Lamport's logical clock (Lamport 1978, rules IR1 and IR2), shared by clients and replicas.
 *
 * @module
 */

import type { Timestamp } from "./uid.ts";

/** A logical clock: it only grows. */
export class LamportClock {
  #time: Timestamp;

  /** @param time where to start; 0 for a clock that has seen nothing. */
  constructor(time: Timestamp = 0) {
    this.#time = time;
  }

  /** The latest timestamp given out or witnessed. */
  get time(): Timestamp {
    return this.#time;
  }

  /** IR1: advances between two events, and returns the timestamp of the new one. */
  tick(): Timestamp {
    return ++this.#time;
  }

  /** IR2: makes every later timestamp larger than `ts`, which somebody else gave out. */
  witness(ts: Timestamp): void {
    if (ts > this.#time) this.#time = ts;
  }
}
