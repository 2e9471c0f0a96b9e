/**
 * How a cluster with data is stopped: so that any one of its files is enough to start it again, if that is possible.
 *
 * The members take nothing more from clients. A client that was active is lost to them all, so the view ends by a
 * flush, after which all have the same and nothing is pending. Then they end, and each says what is on its disk. Where
 * all say the same, that is noted.
 *
 * @module
 */

import { StorageError } from "../storage/storage_error.ts";
import { cleanStopOf, isAtRest } from "./cold_start_clean.ts";
import type { DataDir } from "./data_dir.ts";
import type { Seat } from "./seat.ts";
import { pause, within } from "../runtime/within.ts";

/** Milliseconds that members have to come to the same state, where nobody says how many: a flush takes less. */
export const restWithinMs = 2_000;

/** Milliseconds after which they are asked again how they are. */
const restPauseMs = 10;

/** Has all members come to the same state, as far as they can: one may hang, and one may die meanwhile. */
export async function rest(seats: readonly Seat[], withinMs: number): Promise<void> {
  for (const { state, process } of seats) if (state === "up") process.tell({ tell: "rest" });
  // Nothing of it is left when the time is up.
  const over = new AbortController();
  const settle = async () => {
    while (!over.signal.aborted) {
      const members = seats.filter(({ state }) => state === "up");
      if (isAtRest(await Promise.all(members.map((seat) => seat.ask())))) return;
      await pause(restPauseMs, over.signal);
    }
  };
  await within(withinMs, settle());
  over.abort();
}

/**
 * Notes that all had the same in the end, if they had. What they have said as they ended counts, since nothing can have
 * changed after that.
 *
 * @returns whether it is noted.
 */
export function noteStop(data: DataDir, seats: readonly Seat[]): boolean {
  const stop = cleanStopOf(seats.flatMap(({ last }) => last === undefined ? [] : [last]));
  if (stop === undefined) return false;
  try {
    data.stoppedClean(stop);
    return true;
  } catch (error) {
    // Then the next start needs all files, as after any other stop.
    if (error instanceof StorageError) return false;
    throw error;
  }
}
