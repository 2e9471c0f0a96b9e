/**
 * The gate: how often clients that nobody knows may make others wait (rule R10).
 *
 * A client that says it will send, and then does not, holds everybody up until its lease is over and the view has
 * ended. No penalty for its session bounds that, because a liar opens a new one each time. So what such clients cost
 * closes the gate for three times as long, so that over time at least three quarters are left for the others. While it
 * is closed, those go through it at once who were served lately, and were not to blame: they are at work. All others
 * wait. Lately is a matter of time, and not of the number of costs: a liar that says it will send and leaves at once
 * costs little each time, and can bring about many costs before each of those at work is served again. It is longer
 * than anybody may have to wait, and it counts before the first cost, too: the first one may close the gate, in a view
 * that has hardly begun.
 *
 * It decides only when a RESUME is answered, so no other rule depends on it, and members need not agree about it.
 *
 * @module
 */

import { leaseMs, replicaTickMs } from "../../limits.ts";
import type { ClientId } from "../../uid.ts";
import type { Blame, Decision } from "../wire/records.ts";

/** What the end of a view costs besides the waiting before it, in ms. */
export const flushCostMs = 100;

/** For how many times of what they cost the others have peace. */
export const peace = 3;

/** This much is free: two waits until the lease is over, and their flushes, less what falls during the second one. */
export const freeMs: number = (peace * 2 - 1) * (leaseMs + flushCostMs);

/** A client can make others wait for that long (rule R6). Whatever is longer, a member has brought about. */
export const waitedMsMax: number = 2 * (leaseMs + replicaTickMs);

/**
 * The gate is closed for that long at most: whoever waits in good faith must get in. It covers the longest wait.
 * Members that count a cost differently open together if all are closed for that long. A session that only some members
 * have let in holds others up.
 */
const closedMsMax = 15_000;

/**
 * A session that was served counts as one at work for that long at least: whatever a client sends, others may wait for
 * two leases and a flush, and costs may follow each other in no time.
 */
const atWorkMs = 2 * leaseMs + 1_000;

/** A request of this seq is in no view. */
export const noSeq: number = Number.MAX_SAFE_INTEGER;

/** Decides whether a session may join now. */
export class Gate {
  // Milliseconds until everything is forgotten; the gate is closed above `freeMs`.
  #debtMs = 0;
  #blames: Blame[] = [];
  // The sessions that were served in this period, and in the one before; for how long this one has lasted.
  #served = new Set<ClientId>();
  #servedBefore = new Set<ClientId>();
  #periodMs = 0;

  /** Whether this session may join now. */
  isOpenFor(client: ClientId): boolean {
    return this.#debtMs <= freeMs || this.#served.has(client) || this.#servedBefore.has(client);
  }

  /** A request of this session was executed. */
  served(client: ClientId): void {
    this.#served.add(client);
  }

  /** Somebody seems to be the reason why the present view ends. */
  blame(blame: Blame): void {
    this.#blames.push(blame);
  }

  /**
   * The view has ended: whoever sent what not all have received, or was lost, was the reason.
   *
   * @param served the sessions of which the drain executes something: a client that has waited for a liar is at work
   *   like the others.
   * @param hasFailed whether a member has failed: then it may be the reason why not all have received a request.
   * @param strangers how many sessions were active in the view that are new (R11).
   */
  settle({ cut }: Decision, served: Iterable<ClientId> = [], hasFailed = false, strangers = 0): void {
    const blames = this.#blames;
    this.#blames = [];
    const seqs = new Map(cut.map(({ client, seq }) => [client, seq]));
    const guilty = blames.filter(({ client, seq }) => (seqs.get(client) ?? 0) < seq && (seq === noSeq || !hasFailed));
    for (const client of served) this.served(client);
    if (guilty.length === 0) return;
    const waitedMs = Math.min(Math.max(...guilty.map(({ waitedMs }) => waitedMs)), waitedMsMax);
    const clients = new Set(guilty.map(({ client }) => client));
    // One flush ends the view for all of them. But others have waited for what each has sent, and the drain executes
    // the rest of it; whoever has got its output by the drain may go without any further cost.
    this.#charge(waitedMs + flushCostMs * Math.max(clients.size, strangers), clients);
  }

  #charge(costMs: number, guilty: Iterable<ClientId>): void {
    this.#debtMs = Math.min(this.#debtMs + peace * costMs, freeMs + closedMsMax);
    for (const client of guilty) {
      this.#served.delete(client);
      this.#servedBefore.delete(client);
    }
    // If nobody was served meanwhile, nobody had to be.
    if (this.#served.size > 0) this.#endPeriod();
  }

  #endPeriod(): void {
    if (this.#periodMs < atWorkMs) return;
    this.#periodMs = 0;
    this.#servedBefore = this.#served;
    this.#served = new Set();
  }

  /** Running time has passed. */
  pass(elapsedMs: number): void {
    this.#debtMs = Math.max(0, this.#debtMs - elapsedMs);
    this.#periodMs += elapsedMs;
    if (this.#debtMs === 0) this.#endPeriod();
  }
}
