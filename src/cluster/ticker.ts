/**
 * The launcher's own time: one tick per turn that it really ran.
 *
 * @module
 */

import { pause } from "../runtime/within.ts";

/**
 * Calls back once per turn of the event loop, at most every `tickMs` milliseconds, until the signal is aborted.
 *
 * A time in which this process did not run (a laptop that sleeps, Ctrl-Z, a paused machine) is one tick, however long
 * it was: the next timer is set only when the tick before is done. And what waited in pipes and sockets was read when
 * a tick comes.
 */
export async function tickEvery(tickMs: number, signal: AbortSignal, onTick: () => void): Promise<void> {
  while (!signal.aborted) {
    await pause(tickMs, signal);
    // After a time in which this process did not run, a timer and data in pipes are due in the same turn of the event
    // loop, and the reads have their results one turn later; another one is for safety.
    await pause(0, signal);
    await pause(0, signal);
    if (!signal.aborted) onTick();
  }
}
