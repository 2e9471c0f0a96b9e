/**
 * How much of a gateway one token may take, so that others always find room.
 *
 * All requests without a token count together, as those of one. An operator counts for nothing here: whoever may stop
 * the cluster needs no flood for that.
 *
 * @module
 */

import type { Caller } from "./access.ts";
import { eventWatchersMax } from "./events.ts";
import { HttpProblem } from "./problems.ts";
import { httpRequestsMax } from "./turns.ts";

/** Requests of one token a second, over a while: a fraction of what a gateway serves. */
export const tokenRequestsPerSecond = 2_000;

/** Requests of one token that may come at once. */
export const tokenBurstMax = 4_000;

/** Requests of one token that may be under way: half of all. */
export const tokenUnderWayMax = httpRequestsMax / 2;

/** Watchers with one token: half of all. */
export const tokenWatchersMax = eventWatchersMax / 2;

/** What one token takes. */
class Account {
  underWay = 0;
  watchers = 0;
  /** Requests that may come now. */
  #left = tokenBurstMax;
  #leftAt: number;

  constructor(now: number) {
    this.#leftAt = now;
  }

  /** Counts a request. @returns undefined, or after how many seconds it may come again. */
  take(now: number): number | undefined {
    const grown = (now - this.#leftAt) / 1000 * tokenRequestsPerSecond;
    this.#left = Math.min(tokenBurstMax, this.#left + grown);
    this.#leftAt = now;
    if (this.#left < 1) return 1;
    this.#left--;
    return undefined;
  }
}

/** What all tokens take. */
export class Quotas {
  /** By the names of tokens that count, or counted. */
  readonly #accounts = new Map<string, Account>();
  readonly #now: () => number;

  /** @param now milliseconds of a steady clock; absent: those of this process. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Begins a request.
   *
   * @returns what ends it.
   * @throws {HttpProblem} if its caller has too many.
   */
  begin({ role, account: name }: Caller): () => void {
    if (role === "operate") return nothing;
    const now = this.#now();
    const account = this.#at(name, now);
    const seconds = account.take(now);
    if (seconds !== undefined) {
      throw tooMany(`${ofCaller(name)} sends over ${tokenRequestsPerSecond} requests a second`, seconds);
    }
    if (account.underWay >= tokenUnderWayMax) {
      throw tooMany(`${ofCaller(name)} has ${tokenUnderWayMax} requests under way`, 1);
    }
    account.underWay++;
    return () => account.underWay--;
  }

  /**
   * Begins to watch.
   *
   * @returns what ends that.
   * @throws {HttpProblem} if its caller has too many watchers.
   */
  watch({ role, account: name }: Caller): () => void {
    if (role === "operate") return nothing;
    const account = this.#at(name, this.#now());
    if (account.watchers >= tokenWatchersMax) throw tooMany(`${ofCaller(name)} has ${tokenWatchersMax} watchers`, 5);
    account.watchers++;
    return () => account.watchers--;
  }

  #at(name: string, now: number): Account {
    return this.#accounts.getOrInsertComputed(name, () => new Account(now));
  }
}

function nothing(): void {}

function ofCaller(account: string): string {
  return account === "" ? "Everyone without a token together" : `The ${account}`;
}

function tooMany(what: string, seconds: number): HttpProblem {
  return new HttpProblem("too-many", `${what}: try again later`, {}, { "retry-after": String(seconds) });
}
