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

  /** The least that one has taken lately: whole milliseconds, from 0 to {@link promisedMsMax}; 0 before the first. */
  get ms(): number {
    return this.#ms ?? 0;
  }

  /**
   * One has taken that many milliseconds. One in which the members wait for nobody else says how far away they are: it
   * may have become longer.
   */
  note(ms: number, waitsForNobody: boolean): void {
    const whole = Math.min(Math.floor(ms), promisedMsMax);
    const most = this.#ms ?? whole;
    this.#ms = Math.min(whole, waitsForNobody ? 2 * most + 1 : most);
  }
}
