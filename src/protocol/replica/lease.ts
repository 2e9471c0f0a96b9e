/**
 * The lease: for how long one client may hold up the others (rule R6).
 *
 * It looks at what is waited for, and not at silence: a client that keeps talking and never says what the head of the
 * pending requests waits for holds everybody up as well. Time is the replica's running time.
 *
 * @module
 */

import { leaseMs, replicaTickMs } from "../../limits.ts";
import { mayPrecede } from "../../stability.ts";
import type { Channel, PendingRequest } from "./channel.ts";

/** By how much less time counts that a client does not hold others up. */
const forgiveness = 4;

/** What the lease finds at a timer event. */
export interface LeaseFindings {
  /** Clients that have held others up for too long. */
  readonly over: readonly Channel[];
  /** The head waits for no client of this replica, and has waited for too long. */
  readonly isStuck: boolean;
  /** A head was held up, and is not any more: for how long, and the clients that did so to the end. */
  readonly eased: { readonly heldMs: number; readonly by: readonly Channel[] } | undefined;
}

/** The leases of all clients of one replica. */
export class Lease {
  #head: PendingRequest | undefined;
  // The clients that the head has waited for since the last timer event.
  #holders: readonly Channel[] = [];
  #heldMs = 0;
  /** Milliseconds for which the head of the pending requests has waited. */
  waitedMs = 0;

  /** A view begins. */
  reset(): void {
    this.#head = undefined;
    this.#holders = [];
    this.#heldMs = 0;
    this.waitedMs = 0;
  }

  /** A client becomes active: until the next timer event it holds nobody up. */
  static begin(channel: Channel): void {
    channel.heldUpMs = -replicaTickMs;
  }

  /** Time has passed; `head`: the first pending request now, which is stuck when it has waited for `stuckMs`. */
  pass(
    head: PendingRequest | undefined,
    active: Iterable<Channel>,
    passedMs: number,
    stuckMs: number = 2 * leaseMs,
  ): LeaseFindings {
    const isSame = head !== undefined && head === this.#head;
    this.#head = head;
    this.waitedMs = isSame ? this.waitedMs + passedMs : 0;
    const over: Channel[] = [];
    const holders: Channel[] = [];
    let isHeldUp = false;
    for (const channel of active) {
      if (head === undefined || !mayPrecede(channel, head)) {
        channel.heldUpMs = Math.max(0, channel.heldUpMs - passedMs / forgiveness);
        continue;
      }
      isHeldUp = true;
      if (!isSame || channel.barred) continue;
      holders.push(channel);
      channel.heldUpMs += passedMs;
      if (channel.heldUpMs > leaseMs) over.push(channel);
    }
    const isEased = this.#holders.length > 0 && (!isSame || holders.length === 0);
    const eased = isEased ? { heldMs: this.#heldMs, by: this.#holders } : undefined;
    this.#heldMs = holders.length === 0 ? 0 : (isEased ? 0 : this.#heldMs) + passedMs;
    this.#holders = holders;
    return { over, eased, isStuck: head !== undefined && !isHeldUp && this.waitedMs > stuckMs };
  }
}
