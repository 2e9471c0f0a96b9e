/**
 * Seniority: the share of the time of the replicas that a client may have while others want more (rule R11).
 *
 * Clients that send all the time get equal shares by their promises. But an attacker opens as many sessions as it
 * likes, and nothing tells them from those of many honest clients. Only their time does: they came later. So while a
 * client is at work that has been so for long, those that come are *new*, and each promises further ahead than those
 * that came before it. All of them together get about half of what the others have, and a little more the more they
 * are.
 *
 * It decides only how far a client has to promise, so no other rule depends on it, and members need not agree about it.
 *
 * @module
 */

import { leaseMs, paceMax, sessionsMax } from "../../limits.ts";
import type { ClientId } from "../../uid.ts";

/** Milliseconds of the replica's running time after which a session that is at work has been so for long. */
export const settledMs = 5_000;

/** It is at work if it was served that lately, in ms: others may hold it up meanwhile. */
const servedWithinMs = leaseMs + 1_000;

/** Milliseconds for which a view counts those that were at work in the view before. */
const returnMs = 1_000;

/** Milliseconds after which a session is not new any more. */
export const newForMs = 120_000;

/** Milliseconds after which one that has suspended is not at work any more: it begins again. */
const awayMs = 500;

/** The place of one session among those at work. */
export interface Rank {
  /** The replica's running time at which it began to work. */
  sinceMs: number;
  /** The running time at which it was suspended; undefined: it is active, or the view has ended. */
  suspendedAtMs: number | undefined;
  /** Others were at work for long when it came, and that is not long ago. */
  isNew: boolean;
  /** The running time at which it was served last. */
  servedAtMs: number;
}

/** The sessions that have been at work lately. */
export class Seniority {
  #nowMs = 0;
  // Until then, those of the view before count.
  #returningUntilMs = 0;
  // The sessions that came in this period, and in the one before: they are forgotten after two.
  #known = new Map<ClientId, Rank>();
  #knownBefore = new Map<ClientId, Rank>();
  #periodMs = 0;

  /** The rank of this session, which is about to send beside those that are active. */
  admit(client: ClientId, active: Iterable<AtWork>): Rank {
    let rank = this.#known.get(client) ?? this.#knownBefore.get(client);
    if (rank === undefined) {
      const isNew = this.#nowMs < this.#returningUntilMs || this.#isAnySettled(active);
      rank = { sinceMs: this.#nowMs, suspendedAtMs: undefined, isNew, servedAtMs: -Infinity };
    } else {
      if (rank.isNew && this.#nowMs - rank.sinceMs >= newForMs) rank.isNew = false;
      if (!rank.isNew && this.#nowMs - (rank.suspendedAtMs ?? this.#nowMs) > awayMs) {
        rank.sinceMs = this.#nowMs;
      }
      rank.suspendedAtMs = undefined;
    }
    if (this.#known.size >= sessionsMax) this.#forget();
    this.#known.set(client, rank);
    return rank;
  }

  /** A request of such a session was executed. */
  served(rank: Rank): void {
    rank.servedAtMs = this.#nowMs;
  }

  /** Such a session sends nothing more before it is admitted again. */
  suspended(rank: Rank): void {
    rank.suspendedAtMs = this.#nowMs;
  }

  /** A view ends, in which these were active. */
  endView(active: Iterable<AtWork>): void {
    if (this.#isAnySettled(active)) this.#returningUntilMs = this.#nowMs + returnMs;
  }

  #isAnySettled(active: Iterable<AtWork>): boolean {
    for (const { rank } of active) {
      if (rank === undefined || rank.isNew || this.#nowMs - rank.sinceMs < settledMs) continue;
      if (this.#nowMs - rank.servedAtMs < servedWithinMs) return true;
    }
    return false;
  }

  /** Running time has passed. */
  pass(elapsedMs: number): void {
    this.#nowMs += elapsedMs;
    this.#periodMs += elapsedMs;
    if (this.#periodMs >= newForMs) this.#forget();
  }

  /** Forgets the sessions of the period before. */
  #forget(): void {
    this.#periodMs = 0;
    this.#knownBefore = this.#known;
    this.#known = new Map();
  }
}

/** A client that may send. */
interface AtWork {
  readonly rank: Rank | undefined;
}

/** How much further than others a client promises that is new, where that many new ones are at work. */
export function paceOf({ isNew }: Rank, newAtWork: number): number {
  return isNew ? Math.min(2 * (newAtWork + 1), paceMax) : 1;
}
