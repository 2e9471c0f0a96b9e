/**
 * How a newcomer gets into a cluster that runs: it is started, says what it has on its disk and where it listens, and
 * is told who lives. What becomes of it then is between it and the members.
 *
 * @module
 */

import { within } from "../runtime/within.ts";
import { replicaId } from "../uid.ts";
import type { Replicas } from "./replicas.ts";
import type { Seat } from "./seat.ts";

/**
 * Starts a newcomer in a slot, or lets one join that has read its data there and waits.
 *
 * @throws {Error} if it cannot be started, or its id cannot be kept.
 */
export function startNewcomer(replicas: Replicas, slot: number, waiting?: Seat): void {
  if (waiting?.hasFailed) return;
  // Kept before anybody hears of it.
  const id = replicaId(slot, replicas.registry.takeIncarnation());
  waiting?.becomes(id, "join");
  letIn(replicas, waiting ?? replicas.spawn(id, "join"));
}

async function letIn(replicas: Replicas, seat: Seat): Promise<void> {
  const { slot, process: { exited } } = seat;
  const { registry, data, startWithinMs } = replicas;
  await Promise.race([seat.hasLooked.promise, exited]);
  const obstacle = data?.obstacleToJoin(slot, seat.found ?? null);
  if (obstacle !== undefined) replicas.kill(seat, `could not continue: ${obstacle}`);
  await within(startWithinMs, Promise.race([seat.listening.promise, exited]));
  if (!seat.isListening && !seat.hasFailed) {
    replicas.kill(seat, `did not start within ${startWithinMs / 1000} s and was killed`);
  }
  if (seat.state !== "joining" || replicas.stopping.aborted) return;
  try {
    registry.setPort(slot, seat.port);
    // Those who start and are not introduced yet will make a link to it, and not it to them.
    const living = replicas.seats.filter(({ isFormed, hasFailed }) => isFormed && !hasFailed);
    replicas.introduce(seat, [...living, seat].map(({ member }) => member).sort((a, b) => a.id - b.id));
  } catch (error) {
    replicas.kill(seat, `could not be let in: ${error instanceof Error ? error.message : error}`);
  }
}
