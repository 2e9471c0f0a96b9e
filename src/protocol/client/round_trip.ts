/**
 * How far away the members are: what a round trip to all of them takes (rule C4).
 *
 * All sessions of a program with one cluster share one estimate, which their driver gives them. They are equally far
 * away. If each had its own, those that measured less would promise less, and all others would wait for them.
 *
 * @module
 */

import { promisedMsMax } from "../../limits.ts";

/** An estimate of a round trip. */
export class RoundTrip {
  // Undefined: none is known.
  #ms: number | undefined;
  // When it became longer last.
  #grownMs = -Infinity;

  /** The least that one has taken lately: whole milliseconds, from 0 to {@link promisedMsMax}; 0 before the first. */
  get ms(): number {
    return this.#ms ?? 0;
  }

  /**
   * One has begun and ended at these times, in ms of one clock. One in which the members wait for nobody else says how
   * far away they are: it may have become longer. Those that have begun before the estimate grew say that once
   * together, or many sessions that begin a view would double it as many times by one delay.
   */
  note(beganMs: number, endedMs: number, waitsForNobody: boolean): void {
    const whole = Math.min(Math.floor(endedMs - beganMs), promisedMsMax);
    const most = this.#ms ?? whole;
    const mayGrow = waitsForNobody && beganMs >= this.#grownMs;
    this.#ms = Math.min(whole, mayGrow ? 2 * most + 1 : most);
    if (this.#ms > most) this.#grownMs = endedMs;
  }
}
