/**
 * Which sessions have done nothing for long, so that a node proposes to forget them (rule E7).
 *
 * Each node has its own opinion: it is only ever a proposal, and all nodes decide the same when they apply it.
 *
 * @module
 */

import { sessionsMax, sessionTtlCrowdedMs, sessionTtlMs } from "../../limits.ts";
import type { ClientId } from "../../uid.ts";
import type { ExpiryEntry } from "./record.ts";

/** Sessions that a node proposes to forget at a time. */
const proposedMax = 256;

/** Milliseconds between two looks at idle sessions. */
const lookMs = 10_000;

/** When each session did something, as this node has seen it. */
export class Idle {
  // The one that did something last comes last.
  readonly #seen = new Map<ClientId, { readonly atMs: number; readonly n: number }>();
  #lookedMs = 0;

  /** A request of a session was executed by record n. */
  note(client: ClientId, n: number, nowMs: number): void {
    this.#seen.delete(client);
    this.#seen.set(client, { atMs: nowMs, n });
  }

  /** The node knows these sessions from a snapshot, and does not know when they did something. */
  restored(clients: Iterable<ClientId>, n: number, nowMs: number): void {
    this.#seen.clear();
    for (const client of clients) this.note(client, n, nowMs);
  }

  /**
   * What to propose now.
   *
   * @param sessions how many there are.
   * @param executedOf the last seq that a session has executed, 0 if it is not known.
   */
  proposals(nowMs: number, sessions: number, executedOf: (client: ClientId) => number): ExpiryEntry[] {
    if (nowMs < this.#lookedMs + lookMs) return [];
    this.#lookedMs = nowMs;
    const ttlMs = sessions > sessionsMax / 2 ? sessionTtlCrowdedMs : sessionTtlMs;
    const proposals: ExpiryEntry[] = [];
    for (const [client, { atMs, n }] of this.#seen) {
      if (atMs > nowMs - ttlMs || proposals.length === proposedMax) break;
      this.#seen.delete(client);
      const executed = executedOf(client);
      if (executed === 0) continue;
      proposals.push({ kind: "expiry", client, executed, upTo: n });
      // If the proposal is lost, the next one comes as much later.
      this.#seen.set(client, { atMs: nowMs, n });
    }
    return proposals;
  }
}
