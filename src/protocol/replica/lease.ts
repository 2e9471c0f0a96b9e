/**
 * The lease: for how long one client may hold up the others (rule R6).
 *
 * It looks at what is waited for, and not at silence: a client that keeps talking and never says what the head of the
 * pending requests waits for holds everybody up as well. So does one that always says it late: each head waits a short
 * time only, and yet nothing else happens. So the lease counts samples, whatever the head is: over time, they show the
 * share of the time for which others wait for a client. Time is the replica's running time.
 *
 * @module
 */

import { leaseMs } from "../../limits.ts";
import { mayPrecede } from "../../stability.ts";
import type { Channel, PendingRequest } from "./channel.ts";

/** By how much less time counts that a client does not hold others up: it may do so for a fifth of the time. */
export const forgiveness = 4;

/** The same for all clients together: they may do so for a third of the time. */
const forgivenessOfAll = 2;

/** The lease of all clients together, in ms: longer, so that one that holds others up alone is to blame alone. */
const leaseOfAllMs = leaseMs * 5 / 4;

/** The same where those have most of it that are new: others were at work before (R11). */
const leaseOfNewMs = leaseOfAllMs / 2;

/** Above this, in ms, a client is waited for patiently no more. */
export const patientMs: number = leaseMs / 4;

/** What the lease finds at a timer event. */
export interface LeaseFindings {
  /** Clients that have held others up for too long, alone or together. */
  readonly over: readonly Channel[];
  /** The head waits for no client of this replica, and has waited for too long. */
  readonly isStuck: boolean;
  /** The clients that have held others up for too long together, some of which may be lost by now; or none. */
  readonly together: readonly Channel[];
  /** Milliseconds for which they did. */
  readonly togetherMs: number;
}

/** What one client has of the time for which all together have held others up. */
interface Share {
  readonly channel: Channel;
  ms: number;
  /** Timer events at which others waited for it. */
  events: number;
}

function sumOf(shares: readonly Share[]): number {
  return shares.reduce((sum, { ms }) => sum + ms, 0);
}

/** Whether requests of new clients wait, with this one as the head, and no others (R11). */
export function waitNewOnly(head: PendingRequest, active: Iterable<Channel>): boolean {
  if (!head.channel.rank?.isNew) return false;
  for (const { rank, waiting } of active) if (waiting.length > 0 && !rank?.isNew) return false;
  return true;
}

/** The leases of all clients of one replica. */
export class Lease {
  #head: PendingRequest | undefined;
  // For how long all clients together have held others up lately, the share of each, and what is not forgiven.
  #heldMs = 0;
  readonly #shares = new Map<Channel, Share>();
  #unforgivenMs = 0;
  /** Milliseconds for which the head of the pending requests has waited. */
  waitedMs = 0;

  /** A view begins. */
  reset(): void {
    this.#head = undefined;
    this.#forgive();
    this.waitedMs = 0;
  }

  #forgive(): void {
    this.#heldMs = this.#unforgivenMs = 0;
    if (this.#shares.size > 0) this.#shares.clear();
  }

  /** A client becomes active that was not for `idleMs`: for that long, it has held nobody up. */
  static begin(channel: Channel, idleMs: number): void {
    channel.heldUpMs = Math.max(0, channel.heldUpMs - idleMs / forgiveness);
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
    const holders: Channel[] = [];
    for (const channel of active) {
      if (head !== undefined && mayPrecede(channel, head)) holders.push(channel);
      else channel.heldUpMs = Math.max(0, channel.heldUpMs - passedMs / forgiveness);
    }
    const isStuck = head !== undefined && holders.length === 0 && this.waitedMs > stuckMs;
    const togetherMs = this.#heldMs + passedMs;
    // Nearly always.
    if (holders.length === 0) {
      this.#together(holders, passedMs);
      return { over: holders, together: holders, togetherMs, isStuck };
    }
    // A client that was not asked may be about to send. One that was there before is asked late for a head of a new one
    // (R5), and so that often waits for it. But others that were there may wait as well, behind requests that a liar
    // sends by a new session to be late for.
    const isOfNew = waitNewOnly(head!, active);
    const isLate = (channel: Channel) => channel.nudgedTs >= head!.ts && !(isOfNew && !channel.rank?.isNew);
    const isAsked = (channel: Channel) => !channel.barred && (isSame || isLate(channel));
    const asked = holders.filter(isAsked);
    for (const channel of holders) {
      if (isAsked(channel)) channel.heldUpMs += isSame ? passedMs : passedMs / asked.length;
      else if (channel.isSilent && channel.heldUpMs < patientMs) {
        channel.heldUpMs = Math.min(channel.heldUpMs + passedMs, patientMs);
      }
    }
    const together = this.#together(asked, passedMs);
    const over = new Set(asked.filter(({ heldUpMs }) => heldUpMs > leaseMs));
    // A client for which others have waited at one timer event only may be honest, and keeps its link.
    for (const { channel, events } of together) if (events > 1) over.add(channel);
    return {
      over: [...over].filter(({ active, barred }) => active && !barred),
      together: together.map(({ channel }) => channel),
      togetherMs,
      isStuck,
    };
  }

  /** Many may hold others up in turn, or at once, and none of them for long. */
  #together(asked: readonly Channel[], passedMs: number): readonly Share[] {
    for (const channel of asked) {
      const share = this.#shares.get(channel) ?? { channel, ms: 0, events: 0 };
      this.#shares.set(channel, share);
      share.ms += passedMs / asked.length;
      share.events++;
    }
    if (asked.length > 0) this.#heldMs += passedMs;
    this.#unforgivenMs += asked.length > 0 ? passedMs : -passedMs / forgivenessOfAll;
    let together: Share[] = [];
    const shares = [...this.#shares.values()];
    const ofNew = shares.filter(({ channel }) => channel.rank?.isNew);
    const areNew = 2 * sumOf(ofNew) >= sumOf(shares);
    if (this.#unforgivenMs > (areNew ? leaseOfNewMs : leaseOfAllMs)) {
      // An attacker has as many new sessions as it likes, and most of them may have a small share.
      const most = Math.max(...shares.map(({ ms }) => ms));
      together = areNew ? ofNew : shares.filter(({ ms }) => ms > most / 2);
      // One that was there and was seen once may be honest. But if each was, they take turns.
      const often = together.filter(({ events }) => events > 1);
      if (!areNew && often.length > 0) together = often;
    }
    if (this.#unforgivenMs <= 0 || together.length > 0) this.#forgive();
    return together;
  }
}
