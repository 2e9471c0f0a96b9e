/**
 * How fast a replica accepts new links: a crowd at once, and then few enough in a second to leave most of the time to
 * those that are served. The others wait in the queue of the system, where they cost nothing.
 *
 * @module
 */

/** Links that are accepted at once after a quiet time: all clients come back at once when a replica is restarted. */
export const crowdLinks = 1024;

/**
 * Links that are accepted in a second while more come. Each takes 0.5 ms of a processor in all. When 800 came in a
 * second to each of three replicas of one machine, others had a quarter of their throughput.
 */
export const linksPerSecond = 125;

/**
 * Bytes that were sent for nothing, and count as a link. When 200 links sent 1 MiB of a frame that they never ended,
 * and came again as often as links are accepted, others had a twentieth of their throughput.
 */
export const wastedLinkBytes = 64 * 1024;

/** Milliseconds that links wait at most for what others have wasted. */
export const wastedWaitMs = 5_000;

/** Counts the links of one replica. */
export class AcceptPace {
  /** The moment from which on all links so far would have come at the pace, in ms. */
  #paidUntil = -Infinity;

  /** Counts a link; the milliseconds to wait before it is accepted. @param now in ms; never decreases. */
  next(now: number): number {
    const eachMs = 1000 / linksPerSecond;
    this.#paidUntil = Math.max(this.#paidUntil, now - crowdLinks * eachMs) + eachMs;
    return Math.max(0, this.#paidUntil - now);
  }

  /** Links have sent that many bytes for nothing: the next ones wait for it. @param now in ms; never decreases. */
  wasted(bytes: number, now: number): void {
    const eachMs = 1000 / linksPerSecond;
    const paidUntil = Math.max(this.#paidUntil, now - crowdLinks * eachMs) + bytes / wastedLinkBytes * eachMs;
    this.#paidUntil = Math.max(this.#paidUntil, Math.min(paidUntil, now + wastedWaitMs));
  }
}
