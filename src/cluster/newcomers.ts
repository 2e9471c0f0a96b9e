/**
 * How a newcomer gets into a cluster that runs: it is started, says what it has on its disk and where it listens, and is
 * told who lives. What becomes of it then is between it and the members.
 *
 * @module
 */

import { replicaId } from "../uid.ts";
import type { Registry } from "./registry.ts";
import type { Seat } from "./seat.ts";
import type { StartHost } from "./starting.ts";

/** The part of the launcher that newcomers need. */
export interface NewcomerHost extends StartHost {
  /** All that have a place. */
  seats(): readonly Seat[];
  /** Milliseconds within which it must listen, once it has read its data. */
  readonly startWithinMs: number;
}

/**
 * Starts a newcomer in a slot.
 *
 * @throws {Error} if it cannot be started, or its id cannot be kept.
 */
export function startNewcomer(host: NewcomerHost, registry: Registry, slot: number): void {
  // Kept before anybody hears of it.
  const id = replicaId(slot, registry.takeIncarnation());
  letIn(host, registry, host.spawn(id, "join"));
}

/**
 * Lets a replica join as a newcomer, which has read its data and waits.
 *
 * @throws {Error} if its id cannot be kept.
 */
export function letInWaiting(host: NewcomerHost, registry: Registry, seat: Seat): void {
  if (seat.hasFailed) return;
  seat.becomes(replicaId(seat.slot, registry.takeIncarnation()), "join");
  letIn(host, registry, seat);
}

async function letIn(host: NewcomerHost, registry: Registry, seat: Seat): Promise<void> {
  const { slot, process: { exited } } = seat;
  await Promise.race([seat.hasLooked.promise, exited]);
  const obstacle = registry.obstacleToJoin(slot, seat.found ?? null);
  if (obstacle !== undefined) host.kill(seat, `could not go on: ${obstacle}`);
  const late = () => host.kill(seat, `did not start within ${host.startWithinMs / 1000} s and was killed`);
  const timer = setTimeout(late, host.startWithinMs);
  await Promise.race([seat.listening.promise, exited]);
  clearTimeout(timer);
  if (!seat.joining || host.isStopping()) return;
  try {
    registry.setPort(slot, seat.port);
    admit(host, seat);
  } catch (error) {
    host.kill(seat, `could not be let in: ${error instanceof Error ? error.message : error}`);
  }
}

/** Tells a newcomer who lives. Those who start and are not introduced yet will make a link to it, and not it to them. */
function admit(host: NewcomerHost, seat: Seat): void {
  const living = host.seats().filter(({ isFormed, hasFailed }) => isFormed && !hasFailed);
  host.introduce(seat, [...living, seat].map(({ member }) => member).sort((a, b) => a.id - b.id));
}
