/**
 * How a newcomer gets into a cluster that runs: it is started, says what it has on its disk and where it listens, and
 * is told who lives. What becomes of it then is between it and the members.
 *
 * @module
 */

import { replicaId } from "../uid.ts";
import type { Registry } from "./registry.ts";
import type { Replicas } from "./replicas.ts";
import type { Seat } from "./seat.ts";
import type { StartHost } from "./starting.ts";

/** What newcomers are let in with. */
export interface Entrance extends StartHost {
  readonly registry: Registry;
  /** Milliseconds within which a newcomer must listen, once it has read its data. */
  readonly startWithinMs: number;
}

/**
 * Starts a newcomer in a slot.
 *
 * @throws {Error} if it cannot be started, or its id cannot be kept.
 */
export function startNewcomer(entrance: Entrance, slot: number): void {
  // Kept before anybody hears of it.
  const id = replicaId(slot, entrance.registry.takeIncarnation());
  letIn(entrance, entrance.replicas.spawn(id, "join"));
}

/**
 * Lets a replica join as a newcomer, which has read its data and waits.
 *
 * @throws {Error} if its id cannot be kept.
 */
export function letInWaiting(entrance: Entrance, seat: Seat): void {
  if (seat.hasFailed) return;
  seat.becomes(replicaId(seat.slot, entrance.registry.takeIncarnation()), "join");
  letIn(entrance, seat);
}

async function letIn(entrance: Entrance, seat: Seat): Promise<void> {
  const { slot, process: { exited } } = seat;
  const { registry, replicas, startWithinMs, stopping } = entrance;
  await Promise.race([seat.hasLooked.promise, exited]);
  const obstacle = registry.obstacleToJoin(slot, seat.found ?? null);
  if (obstacle !== undefined) replicas.kill(seat, `could not continue: ${obstacle}`);
  const late = () => replicas.kill(seat, `did not start within ${startWithinMs / 1000} s and was killed`);
  const timer = setTimeout(late, startWithinMs);
  await Promise.race([seat.listening.promise, exited]);
  clearTimeout(timer);
  if (!seat.joining || stopping.aborted) return;
  try {
    registry.setPort(slot, seat.port);
    admit(replicas, seat);
  } catch (error) {
    replicas.kill(seat, `could not be let in: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Tells a newcomer who lives. Those who start and are not introduced yet will make a link to it, and not it to them.
 */
function admit(replicas: Replicas, seat: Seat): void {
  const living = replicas.seats.filter(({ isFormed, hasFailed }) => isFormed && !hasFailed);
  replicas.introduce(seat, [...living, seat].map(({ member }) => member).sort((a, b) => a.id - b.id));
}
