/**
 * Who was at work first: what share of the time of the replicas a client may have while others want more (rule R11).
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

import { leaseMs, paceMax } from "../../limits.ts";
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

/** What is known of one session. */
export interface Standing {
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
  #known = new Map<ClientId, Standing>();
  #knownBefore = new Map<ClientId, Standing>();
  #periodMs = 0;

  /** The standing of this session, which is about to send beside those that are active. */
  admit(client: ClientId, active: Iterable<AtWork>): Standing {
    let standing = this.#known.get(client) ?? this.#knownBefore.get(client);
    if (standing === undefined) {
      const isNew = this.#nowMs < this.#returningUntilMs || this.#isAnySettled(active);
      standing = { sinceMs: this.#nowMs, suspendedAtMs: undefined, isNew, servedAtMs: -Infinity };
    } else {
      if (standing.isNew && this.#nowMs - standing.sinceMs >= newForMs) standing.isNew = false;
      if (!standing.isNew && this.#nowMs - (standing.suspendedAtMs ?? this.#nowMs) > awayMs) {
        standing.sinceMs = this.#nowMs;
      }
      standing.suspendedAtMs = undefined;
    }
    this.#known.set(client, standing);
    return standing;
  }

  /** A request of such a session was executed. */
  served(standing: Standing): void {
    standing.servedAtMs = this.#nowMs;
  }

  /** Such a session sends nothing more before it is admitted again. */
  suspended(standing: Standing): void {
    standing.suspendedAtMs = this.#nowMs;
  }

  /** A view ends, in which these were active. */
  endView(active: Iterable<AtWork>): void {
    if (this.#isAnySettled(active)) this.#returningUntilMs = this.#nowMs + returnMs;
  }

  #isAnySettled(active: Iterable<AtWork>): boolean {
    for (const { standing } of active) {
      if (standing === undefined || standing.isNew || this.#nowMs - standing.sinceMs < settledMs) continue;
      if (this.#nowMs - standing.servedAtMs < servedWithinMs) return true;
    }
    return false;
  }

  /** Running time has passed. */
  pass(elapsedMs: number): void {
    this.#nowMs += elapsedMs;
    this.#periodMs += elapsedMs;
    if (this.#periodMs < newForMs) return;
    this.#periodMs = 0;
    this.#knownBefore = this.#known;
    this.#known = new Map();
  }
}

/** A client that may send. */
interface AtWork {
  readonly standing: Standing | undefined;
}

/** How much further than others a client promises that is new, where so many new ones are at work. */
export function paceOf({ isNew }: Standing, newAtWork: number): number {
  return isNew ? Math.min(2 * (newAtWork + 1), paceMax) : 1;
}
