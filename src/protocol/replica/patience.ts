/**
 * Patience: for how long a request waits for a client before that is asked for a later timestamp (rule R5).
 *
 * A client that sends one request after the other comes before a head that is later, and need not be asked. One that
 * sends nothing costs the others a wait for each NUDGE. So nobody waits patiently for long, and a client that only
 * tells its clock is asked to be further ahead each time.
 *
 * @module
 */

import { lullMs, promisePerMs, timestampMax } from "../../limits.ts";
import { mayPrecede } from "../../stability.ts";
import type { Timestamp } from "../../uid.ts";
import type { Channel, PendingRequest } from "./channel.ts";
import { forgiveness, patientMs, waitNewOnly } from "./lease.ts";

/** Lulls for which a head that waits for a client is looked at; then even one is asked that sends all the time. */
export const patienceMax = 16;

/** How far ahead a client is asked to be at most, in ms of what others send. */
const aheadMsMax = 65_536;

/** As if each new client had told its clock so often, while others wait much for them. */
const strangerClocks = 3;

/** The patience of the others with the clients of one replica. */
export class Patience {
  // For how long others have waited lately for clients that are new and were not asked.
  #forNewMs = 0;

  /** Time has passed: a quarter of it is forgiven. */
  pass(ms: number, active: Iterable<Channel>): void {
    this.#forNewMs = Math.max(0, this.#forNewMs - ms / forgiveness);
    for (const channel of active) channel.unaskedMs = Math.max(0, channel.unaskedMs - ms / forgiveness);
  }

  /**
   * Those of the active clients that are to be asked for a timestamp later than `head`.
   *
   * @param lulls for how long `head` has waited; 0: it has just begun to.
   * @param times how many times as long as the answerer this replica waits; 1: it is the answerer.
   */
  *due(head: PendingRequest, active: Iterable<Channel>, lulls: number, times: number): Generator<Channel> {
    const isForNew = waitNewOnly(head, active);
    let isWaitForNew = false;
    for (const channel of active) {
      if (lulls > 0) channel.quietLulls = Math.min(channel.quietLulls + 1, patienceMax);
      if (channel.nudgedTs >= head.ts || !mayPrecede(channel, head)) continue;
      const isNew = channel.rank?.isNew === true;
      const countsWait = isNew || !isForNew;
      if (lulls > 0 && countsWait) {
        channel.unaskedMs = Math.min(channel.unaskedMs + lullMs, patientMs);
        isWaitForNew ||= isNew;
      }
      const waitedMs = Math.max(channel.heldUpMs, channel.unaskedMs, isNew ? this.#forNewMs : 0);
      const isOver = countsWait && waitedMs >= patientMs;
      const quiet = lulls >= patienceMax ? lulls : Math.min(lulls, channel.quietLulls);
      // Those that were there before may be about to send (R11).
      const lullsMin = head.channel.rank?.isNew && !isNew ? patienceMax : channel.patience * times;
      if (isOver ? lulls >= times - 1 : quiet >= lullsMin) yield channel;
    }
    if (isWaitForNew) this.#forNewMs = Math.min(this.#forNewMs + lullMs, patientMs);
  }

  /**
   * The timestamp to ask a client for that is waited for up to `least`: further ahead each time that it has told only
   * its clock. It is far for all new clients while others wait much for these, as each of them may be another one.
   */
  asked({ clocks, rank }: Channel, least: Timestamp): Timestamp {
    const times = rank?.isNew && this.#forNewMs >= patientMs ? Math.max(clocks, strangerClocks) : clocks;
    const aheadMs = times === 0 ? 0 : Math.min(4 ** times, aheadMsMax);
    return Math.min(least + promisePerMs * aheadMs, timestampMax);
  }
}
