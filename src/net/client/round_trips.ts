/**
 * The round trips of this process: sessions that were opened with the same addresses share one estimate (rule C4).
 *
 * @module
 */

import { RoundTrip } from "../../protocol/client/round_trip.ts";

/** An estimate, and how many sessions use it. */
interface Shared {
  readonly roundTrip: RoundTrip;
  users: number;
}

/** Estimates by the addresses of clusters, each as long as somebody uses it. */
export class RoundTrips {
  readonly #shared = new Map<string, Shared>();

  /** The estimate for sessions with these addresses, in any order; {@link release} it once. */
  take(addresses: Iterable<string>): RoundTrip {
    const key = keyOf(addresses);
    let shared = this.#shared.get(key);
    if (shared === undefined) this.#shared.set(key, shared = { roundTrip: new RoundTrip(), users: 0 });
    shared.users++;
    return shared.roundTrip;
  }

  /** A session that took the estimate uses it no more; after the last one, it is forgotten. */
  release(addresses: Iterable<string>): void {
    const key = keyOf(addresses);
    const shared = this.#shared.get(key);
    if (shared !== undefined && --shared.users === 0) this.#shared.delete(key);
  }
}

function keyOf(addresses: Iterable<string>): string {
  return [...new Set(addresses)].sort().join(" ");
}

/** The round trips of this process. */
export const roundTrips: RoundTrips = new RoundTrips();
