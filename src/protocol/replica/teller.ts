/**
 * What a member tells the answerer: which requests it has received, and up to where nothing more will come (rule R3).
 *
 * It tells once per turn, after all that it tells is on its disk. While a newcomer has to catch up (rule V9), it tells
 * only as much as the newcomer can bear. What it has not told bounds what it may say of the rest.
 *
 * @module
 */

import { reachOf } from "../../stability.ts";
import { compareUid, firstUid, lastClientId, laterUid, type Timestamp, type Uid } from "../../uid.ts";
import type { Channel, PendingRequest } from "./channel.ts";
import type { MessageOf } from "../wire/messages.ts";
import { leastHeard } from "../../stability.ts";
import type { ReplicaHost } from "./replica_host.ts";
import { invariant } from "../../invariant.ts";

/** What a member tells. */
export class Teller {
  readonly #host: Pick<ReplicaHost, "order" | "donor" | "summer">;
  #untold: PendingRequest[] = [];
  /** Up to where it has said that nothing more will come. */
  #told: Uid = firstUid;

  /** Nothing was told yet. */
  constructor(host: Pick<ReplicaHost, "order" | "donor" | "summer">) {
    this.#host = host;
  }

  /** The largest timestamp of which it has said that nothing up to it will come any more. */
  get told(): Timestamp {
    return this.#told.ts;
  }

  /** A request was received. */
  received(request: PendingRequest): void {
    this.#untold.push(request);
  }

  /** The view begins: nothing is told, and nothing is to be told. */
  reset(): void {
    this.#untold = [];
    this.#told = firstUid;
  }

  /**
   * Releases what may be told now; returns it.
   *
   * A donor tells in the order of the uids. That is the order of execution, so a client that sends little waits for no
   * more than it would wait for anyway.
   */
  release(): readonly PendingRequest[] {
    const { donor } = this.#host;
    let released = this.#untold;
    if (released.length === 0) return released;
    if (donor.isSet) {
      released.sort(compareUid);
      let count = 0;
      for (; count < released.length && donor.mayTell; count++) donor.told(released[count].commands.length);
      this.#untold = released.slice(count);
      released = released.slice(0, count);
    } else {
      this.#untold = [];
    }
    for (const request of released) request.isTold = true;
    return released;
  }

  /** The message for the answerer, after {@link release}; undefined if it has nothing to learn. */
  message(released: readonly PendingRequest[], active: Iterable<Channel>): MessageOf<"RECEIVED"> | undefined {
    const { v, pending, clock } = this.#host.order;
    if (pending.size === 0) return undefined;
    const upTo = this.#bounded(reachOf(leastHeard(active), clock.time));
    // It is told again when it has passed a request that the answerer may be waiting to execute.
    if (released.length === 0 && !pending.hasBetween(this.#told, upTo)) return undefined;
    this.#told = laterUid(this.#told, upTo);
    const receipts = released.map((request) => {
      const { client, seq, ts } = request;
      return { client, seq, ts, sum: this.#host.summer.sumOf(request) };
    });
    return { kind: "RECEIVED", v, receipts, upTo: this.#told };
  }

  /** Below what it has received and not told: the answerer counts on knowing all that comes before `upTo` (R5). */
  #bounded(upTo: Uid): Uid {
    let bound = upTo;
    for (const { ts } of this.#untold) {
      const before = { ts: ts - 1, client: lastClientId };
      if (compareUid(before, bound) < 0) bound = before;
    }
    return bound;
  }

  /** Checks the invariant, which holds between two events: what it has told is true (I1). */
  invariants(active: Iterable<Channel>): void {
    for (const { lastTs } of active) {
      invariant(lastTs >= this.#told.ts, "no client may send at or below what was told (R2, R3)");
    }
  }
}
