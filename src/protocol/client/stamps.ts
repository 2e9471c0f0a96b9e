/**
 * A client's timestamps in one view: its Lamport clock, what it has promised, and what it was asked for (C4 to C6).
 *
 * @module
 */

import { LamportClock } from "../../clock.ts";
import { invariant } from "../../invariant.ts";
import { promisedMsMax, promisePerMs, timestampMax } from "../../limits.ts";
import type { Timestamp } from "../../uid.ts";
import { leastPromise, leastPromiseMax } from "../wire/promise.ts";
import type { RoundTrip } from "./round_trip.ts";

/** The timestamps of one client. */
export class Stamps {
  // Timestamps of different views are never compared, so each view has a clock of its own.
  #clock = new LamportClock();
  // The largest timestamp that was sent or promised to all members.
  #promised: Timestamp = 0;
  // Up to which timestamp some member waits for this client.
  #asked: Timestamp = -1;
  // How many times the least it has to promise (R11).
  #pace = 1;
  readonly #roundTrip: RoundTrip;

  /** Nothing was sent yet. `roundTrip`: that of the program; the client adds what it measures. */
  constructor(roundTrip: RoundTrip) {
    this.#roundTrip = roundTrip;
  }

  /** The latest timestamp given out, promised or witnessed. */
  get time(): Timestamp {
    return this.#clock.time;
  }

  /** Whether some member waits for a later timestamp than any that was sent or promised. */
  get areAwaited(): boolean {
    return this.#promised <= this.#asked;
  }

  /** Whether there are timestamps left: a replica ends a view whose clocks are that far. */
  get areLeft(): boolean {
    return this.#clock.time < timestampMax - 2 * (leastPromiseMax + promisePerMs * promisedMsMax);
  }

  /** C2: a view begins. Its floors count, and not one that a replica gave which is dead now, and nobody else knows. */
  reset(): void {
    this.#clock = new LamportClock();
    this.#promised = 0;
    this.#asked = -1;
  }

  /** C5: a member gave a timestamp that few of the waiting requests precede. */
  witness(ts: Timestamp): void {
    this.#clock.witness(ts);
  }

  /** C3: the client begins to ask the members for their floors. */
  begin(): void {
    this.#pace = 1;
  }

  /** C3: a member has given its floor, and said how far a request has to promise there. */
  noteFloor(floor: Timestamp, pace: number): void {
    this.#clock.witness(floor);
    this.#pace = Math.max(this.#pace, pace);
  }

  /** C6: a member has asked for a timestamp later than this one. */
  nudged(ts: Timestamp): void {
    this.#asked = Math.max(this.#asked, ts);
  }

  /** C7: nobody waits for a client that is suspended. */
  suspend(): void {
    this.#asked = -1;
  }

  /**
   * A client that is far away sends seldom, and its answers take long. It promises for that time, or others that are
   * near would wait for each of its requests.
   */
  get #further(): number {
    return promisePerMs * this.#roundTrip.ms;
  }

  /** C4: the stamp of a request, and up to where nothing else will be sent. */
  forRequest(commands: Uint8Array): { readonly ts: Timestamp; readonly upto: Timestamp } {
    const ts = this.#clock.tick();
    const upto = this.#promised = ts + leastPromise(commands, this.#pace) + this.#further;
    this.#clock.witness(upto);
    return { ts, upto };
  }

  /** C6: a stamp later than all that was asked for. */
  forClock(): Timestamp {
    this.#clock.witness(this.#asked + this.#further);
    return this.#promised = this.#clock.tick();
  }

  /** Checks the invariants, which hold between two events. */
  invariants(): void {
    invariant(this.#promised <= this.#clock.time, "the clock is not behind what was promised (C4)");
  }
}
