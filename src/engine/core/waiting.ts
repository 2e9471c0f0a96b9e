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

/** Those of one session, by seq: usually in the order of these. */
type SessionWaiters<T> = Map<number, Waiter<T>[]>;

/** All who wait for outputs. */
export class NodeWaiting<T> {
  readonly #sessions = new Map<ClientId, SessionWaiters<T>>();
  #size = 0;
  /** No deadline passes before that. */
  #lateMs = Infinity;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Whether somebody waits for the output of a request. */
  has(client: ClientId, seq: number): boolean {
    return this.#sessions.get(client)?.has(seq) ?? false;
  }

  /** Somebody waits from now on. */
  add(client: ClientId, waiter: Waiter<T>): void {
    let session = this.#sessions.get(client);
    if (session === undefined) this.#sessions.set(client, session = new Map());
    const same = session.get(waiter.seq);
    if (same === undefined) session.set(waiter.seq, [waiter]);
    else same.push(waiter);
    this.#size++;
    this.#lateMs = Math.min(this.#lateMs, waiter.deadlineMs);
  }

  /** Takes out those who wait for a request of a session. */
  takeOf(client: ClientId, seq: number): readonly Waiter<T>[] {
    const session = this.#sessions.get(client);
    const taken = session?.get(seq);
    if (session === undefined || taken === undefined) return [];
    session.delete(seq);
    this.#size -= taken.length;
    if (session.size === 0) this.#sessions.delete(client);
    return taken;
  }

  /** Takes out those of a session that `isTaken` is true of. */
  take(client: ClientId, isTaken: (waiter: Waiter<T>) => boolean): Waiter<T>[] {
    const session = this.#sessions.get(client);
    if (session === undefined) return [];
    const all: Waiter<T>[] = [];
    for (const [seq, waiters] of session) {
      const taken = waiters.filter(isTaken);
      if (taken.length === waiters.length) session.delete(seq);
      else if (taken.length > 0) session.set(seq, waiters.filter((waiter) => !isTaken(waiter)));
      for (const waiter of taken) all.push(waiter);
    }
    this.#size -= all.length;
    if (session.size === 0) this.#sessions.delete(client);
    return all;
  }

  /** The sessions for which somebody waits. */
  clients(): ClientId[] {
    return [...this.#sessions.keys()];
  }

  /** The first seq of each session whose deadline has passed for somebody. */
  late(nowMs: number): Map<ClientId, number> {
    const late = new Map<ClientId, number>();
    if (nowMs < this.#lateMs) return late;
    this.#lateMs = Infinity;
    for (const [client, session] of this.#sessions) {
      for (const waiters of session.values()) {
        for (const { seq, deadlineMs } of waiters) {
          if (deadlineMs > nowMs) this.#lateMs = Math.min(this.#lateMs, deadlineMs);
          else if (!late.has(client)) late.set(client, seq);
        }
      }
    }
    return late;
  }
}
