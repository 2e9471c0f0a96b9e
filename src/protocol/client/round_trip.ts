/**
 * How far away the members are: what a round trip to all of them takes (rule C4).
 *
 * All sessions of a program with one cluster share one estimate, which their driver gives them. They are equally far
 * away. If each had its own, those that measured less would promise less, and all others would wait for them.
 *
 * Whatever a round trip takes, the members may have been busy meanwhile, and then they are not far away. So only the
 * least counts, over minutes. If a busy moment made the estimate longer, a flood of requests would make those promise
 * further that send one request after the other. They would come the more seldom, and leave their share to the flood.
 *
 * @module
 */

import { promisedMsMax } from "../../limits.ts";

/** Milliseconds for which the least counts at least, and twice that at most. A way becomes longer very seldom. */
export const countsForMs = 120_000;

/** An estimate of a round trip. */
export class RoundTrip {
  // The least of this period and of the one before, and when this one ends; infinite: nothing was measured.
  #least = Infinity;
  #leastBefore = Infinity;
  #endMs = -Infinity;

  /** The least that one has taken lately: whole milliseconds, from 0 to {@link promisedMsMax}; 0 before the first. */
  get ms(): number {
    const least = Math.min(this.#least, this.#leastBefore);
    return least === Infinity ? 0 : least;
  }

  /** One has begun and ended at these times, in ms of one clock. */
  note(beganMs: number, endedMs: number): void {
    if (endedMs >= this.#endMs) {
      this.#leastBefore = this.#least;
      this.#least = Infinity;
      this.#endMs = endedMs + countsForMs;
    }
    this.#least = Math.min(this.#least, Math.floor(endedMs - beganMs), promisedMsMax);
  }
}
