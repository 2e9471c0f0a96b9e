/**
 * The two cores as the simulator runs them: each checks its invariants after every step.
 *
 * @module
 */

import { replicaTickMs, sessionTtlCrowdedMs } from "../limits.ts";
import { Transmitter } from "../protocol/client/transmitter.ts";
import type { TransmitterEffect, TransmitterEvent } from "../protocol/client/transmitter_events.ts";
import { Replica } from "../protocol/replica/replica.ts";
import type { Ready, ReplicaEvent } from "../protocol/replica/replica_events.ts";

/**
 * Ticks in a row after each of which invariants are checked: more than the longest timer takes, the one that forgets
 * sessions where there are too many.
 */
const checkedTicks = 2 * sessionTtlCrowdedMs / replicaTickMs;

/** After those, invariants are checked after one tick in that many. */
const checkedTickEvery = 64;

/** A replica that checks itself. */
export class CheckedReplica extends Replica {
  override step(event: ReplicaEvent): void {
    super.step(event);
    this.invariants();
  }

  /**
   * Takes that many ticks, between which nothing comes. The later ones change no more than how late it is, and no tick
   * mends what an earlier one has broken: they are checked now and then, and at the end.
   */
  tick(count: number): void {
    const event = { kind: "tick", elapsedMs: replicaTickMs } as const;
    for (let at = 1; at <= count; at++) {
      super.step(event);
      if (at <= checkedTicks || at % checkedTickEvery === 0 || at === count) this.invariants();
    }
  }

  override ready(): Ready {
    const ready = super.ready();
    this.invariants();
    return ready;
  }
}

/** A transmitter that checks itself. */
export class CheckedTransmitter<T> extends Transmitter<T> {
  override step(event: TransmitterEvent): void {
    super.step(event);
    this.invariants();
  }

  override ready(): readonly TransmitterEffect<T>[] {
    const effects = super.ready();
    this.invariants();
    return effects;
  }
}
