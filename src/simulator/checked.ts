/**
 * The two cores as the simulator runs them: each checks its invariants after every step.
 *
 * @module
 */

import { Transmitter } from "../protocol/client/transmitter.ts";
import type { TransmitterEffect, TransmitterEvent } from "../protocol/client/transmitter_events.ts";
import { Replica } from "../protocol/replica/replica.ts";
import type { Ready, ReplicaEvent } from "../protocol/replica/replica_events.ts";

/** A replica that checks itself. */
export class CheckedReplica extends Replica {
  override step(event: ReplicaEvent): void {
    super.step(event);
    this.invariants();
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
