/**
 * The two cores as a world drives them: each knows whether it has a turn to take, as most turns of most processes would
 * find nothing to do.
 *
 * @module
 */

import type { TransmitterEffect, TransmitterEvent } from "../protocol/client/transmitter_events.ts";
import type { Ready, ReplicaEvent } from "../protocol/replica/replica_events.ts";
import { CheckedReplica, CheckedTransmitter } from "./checked.ts";

/** A replica that may be at rest. */
export class RestingReplica extends CheckedReplica {
  /** Nothing has happened since a turn in which there was nothing to do: another turn would find nothing either. */
  isAtRest = false;

  override step(event: ReplicaEvent): void {
    this.isAtRest = false;
    super.step(event);
  }

  override tick(count: number): void {
    this.isAtRest = false;
    super.tick(count);
  }

  override end(): void {
    this.isAtRest = false;
    super.end();
  }

  override ready(): Ready {
    const ready = super.ready();
    const { writes, restored, executed, effects } = ready;
    this.isAtRest = effects.length === 0 && executed.length === 0 && writes.length === 0 && restored === undefined;
    return ready;
  }
}

/** A transmitter that may be at rest. */
export class RestingTransmitter<T> extends CheckedTransmitter<T> {
  /** See {@link RestingReplica.isAtRest}. */
  isAtRest = false;

  override submit(command: Uint8Array, outputBytesMax: number, ticket: T): void {
    this.isAtRest = false;
    super.submit(command, outputBytesMax, ticket);
  }

  override read(command: Uint8Array, outputBytesMax: number, ticket: T): void {
    this.isAtRest = false;
    super.read(command, outputBytesMax, ticket);
  }

  override end(): void {
    this.isAtRest = false;
    super.end();
  }

  override abandon(reason: string): void {
    this.isAtRest = false;
    super.abandon(reason);
  }

  override step(event: TransmitterEvent): void {
    this.isAtRest = false;
    super.step(event);
  }

  override ready(): readonly TransmitterEffect<T>[] {
    const effects = super.ready();
    this.isAtRest = effects.length === 0;
    return effects;
  }
}
