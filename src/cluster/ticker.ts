/**
 * The launcher's own time: one tick per turn that it really ran.
 *
 * @module
 */

import { pause } from "../runtime/within.ts";

/** How many times longer a tick may take than it should, and still be in time. */
const latenessMax = 2;

/**
 * Calls back once per turn of the event loop, at most every `tickMs` milliseconds, until the signal is aborted.
 *
 * A time in which this process did not run (a laptop that sleeps, Ctrl-Z, a paused machine) is one tick, however long
 * it was: the next timer is set only when the tick before is done. And what waited in pipes and sockets was read when
 * a tick comes.
 *
 * @param onTick is told whether the tick came in time; if not, the machine has more to do than it can, and others may
 * be late for the same reason.
 */
export async function tickEvery(
  tickMs: number,
  signal: AbortSignal,
  onTick: (isInTime: boolean) => void,
): Promise<void> {
  while (!signal.aborted) {
    const beganAt = performance.now();
    await pause(tickMs, signal);
    // After a time in which this process did not run, a timer and data in pipes are due in the same turn of the event
    // loop, and the reads have their results one turn later; another one is for safety.
    await pause(0, signal);
    await pause(0, signal);
    if (!signal.aborted) onTick(performance.now() - beganAt < latenessMax * tickMs);
  }
}
