/**
 * The stability test: which request is next, and can one with a smaller uid still come?
 *
 * Schneider, State Machine Approach, section 3.2.1: a request is *stable* at a replica once no request with a lower
 * uid can be delivered to it. With logical clocks over FIFO links that is so when every client that may still send has
 * been heard with a later timestamp. Clients that have suspended promised to ask for a floor first (rule R2), so only
 * the *active* ones are asked.
 *
 * Deviation from the paper: it waits for every client; here a client takes part only while it is active.
 *
 * @module
 */

import { type ClientId, compareUid, lastClientId, type Timestamp, type Uid } from "./uid.ts";

/** What the stability test knows of an active client: the largest timestamp that came from it in this view. */
export interface Heard {
  readonly client: ClientId;
  readonly lastTs: Timestamp;
}

/**
 * Whether `heard` can still send a request that comes before `uid`. Its next timestamp is above `lastTs`, so one that
 * said exactly `uid.ts` can not; but the rule of the protocol compares (lastTs, client) with the uid, which also holds
 * back a tie with a smaller client id: the clock that a replica starts it from (R2) may be a request's own timestamp.
 */
export function mayPrecede(heard: Heard, uid: Uid): boolean {
  return heard.lastTs < uid.ts || (heard.lastTs === uid.ts && heard.client < uid.client);
}

/**
 * The stability test for one request: no active client can still send a request that comes before `uid`.
 *
 * @param least the active client that has been heard least far ({@link leastHeard}). If it cannot send one, no other
 *   can, so a replica looks at all clients once per turn, and not once per request.
 */
export function isStable(uid: Uid, least: Heard | undefined): boolean {
  return least === undefined || !mayPrecede(least, uid);
}

/** The active client that has been heard least far, or undefined where none is active. */
export function leastHeard<T extends Heard>(active: Iterable<T>): T | undefined {
  let least: T | undefined;
  for (const heard of active) if (least === undefined || isHeardLess(heard, least)) least = heard;
  return least;
}

/**
 * The uid up to which a replica has all requests that it will ever receive in its view.
 *
 * It is where the active client stands that was heard `least` far, but never above the `clock`: a client that resumes
 * gets a floor that is not below what was said (R2), and may stamp its next request right above it.
 */
export function reachOf(least: Heard | undefined, clock: Timestamp): Uid {
  const floor = { ts: clock, client: lastClientId };
  if (least === undefined) return floor;
  const uid = { ts: least.lastTs, client: least.client };
  return compareUid(uid, floor) < 0 ? uid : floor;
}

/** Whether `a` has been heard less far than `b`: if it cannot send a request before some uid, `b` cannot either. */
export function isHeardLess(a: Heard, b: Heard): boolean {
  return a.lastTs < b.lastTs || (a.lastTs === b.lastTs && a.client < b.client);
}

/** Requests that were received and not executed, in the order of their uids. */
export class Pending<T extends Uid> {
  // Requests of one client come in order, those of several nearly so: an array, filled from behind by insertion and
  // emptied at `#head`, beats a heap.
  #requests: T[] = [];
  #head = 0;

  /** How many requests wait. */
  get size(): number {
    return this.#requests.length - this.#head;
  }

  /** Puts a request in its place. */
  insert(request: T): void {
    const requests = this.#requests;
    let at = requests.length;
    requests.push(request);
    while (at > this.#head && compareUid(requests[at - 1], request) > 0) {
      requests[at] = requests[at - 1];
      at--;
    }
    requests[at] = request;
  }

  /** The request with the smallest uid. */
  peek(): T | undefined {
    return this.#requests[this.#head];
  }

  /** Takes the request with the smallest uid. */
  shift(): T | undefined {
    if (this.#head === this.#requests.length) return undefined;
    const request = this.#requests[this.#head++];
    if (this.#head === this.#requests.length) {
      this.#requests.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#requests.length) {
      this.#requests.splice(0, this.#head);
      this.#head = 0;
    }
    return request;
  }

  /** Whether a request waits that comes after `after`, and not after `upTo`. */
  hasBetween(after: Uid, upTo: Uid): boolean {
    let [low, high] = [this.#head, this.#requests.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareUid(this.#requests[middle], after) > 0) high = middle;
      else low = middle + 1;
    }
    return low < this.#requests.length && compareUid(this.#requests[low], upTo) <= 0;
  }

  /** All requests, in order. */
  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#head; at < this.#requests.length; at++) yield this.#requests[at];
  }

  /** Forgets everything. */
  clear(): void {
    this.#requests = [];
    this.#head = 0;
  }
}
