/**
 * The launcher's own time: one tick per turn that it really ran.
 *
 * @module
 */

/**
 * Calls back once per turn of the event loop, at most every `tickMs`.
 *
 * A time in which this process did not run (a laptop that sleeps, Ctrl-Z, a paused machine) is one tick, however long
 * it was: the next timer is set only when the tick before is done. And what waited in pipes and sockets was read when
 * a tick comes.
 */
export class Ticker {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  /**
   * Starts it.
   *
   * @param tickMs milliseconds between two ticks, at least.
   * @param onTick called in each turn.
   */
  constructor(tickMs: number, onTick: () => void) {
    const wait = (ms: number, then: () => void) => {
      if (!this.#stopped) this.#timer = setTimeout(then, ms);
    };
    // After a time in which this process did not run, a timer and data in pipes are due in the same turn of the event
    // loop, and the reads have their results one turn later; another one is for safety.
    const turn = () => wait(0, () => wait(0, tick));
    const tick = () => {
      onTick();
      wait(tickMs, turn);
    };
    wait(tickMs, turn);
  }

  /** Ends it: no tick comes any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
