/**
 * Those who wait at a node for the output of a request, and until when.
 *
 * @module
 */

import type { ClientId } from "../../uid.ts";

/** Somebody who waits. */
export interface Waiter<T> {
  readonly seq: number;
  readonly ticket: T;
  /** By the node's running time. */
  readonly deadlineMs: number;
}

/** All who wait for outputs. */
export class NodeWaiting<T> {
  // Those of each session in the order in which they came: usually that of the seqs.
  readonly #sessions = new Map<ClientId, Waiter<T>[]>();

  /** How many wait. */
  get size(): number {
    let size = 0;
    for (const waiters of this.#sessions.values()) size += waiters.length;
    return size;
  }

  /** Somebody waits from now on. */
  add(client: ClientId, waiter: Waiter<T>): void {
    const waiters = this.#sessions.get(client);
    if (waiters === undefined) this.#sessions.set(client, [waiter]);
    else waiters.push(waiter);
  }

  /** Takes out those of a session that `isTaken` is true of. */
  take(client: ClientId, isTaken: (waiter: Waiter<T>) => boolean): Waiter<T>[] {
    const waiters = this.#sessions.get(client);
    if (waiters === undefined) return [];
    const taken = waiters.filter(isTaken);
    if (taken.length === waiters.length) this.#sessions.delete(client);
    else if (taken.length > 0) this.#sessions.set(client, waiters.filter((waiter) => !isTaken(waiter)));
    return taken;
  }

  /** The sessions for which somebody waits. */
  clients(): ClientId[] {
    return [...this.#sessions.keys()];
  }

  /** The first seq of each session whose deadline has passed for somebody. */
  late(nowMs: number): Map<ClientId, number> {
    const late = new Map<ClientId, number>();
    for (const [client, waiters] of this.#sessions) {
      const first = waiters.find(({ deadlineMs }) => deadlineMs <= nowMs);
      if (first !== undefined) late.set(client, first.seq);
    }
    return late;
  }
}
