/**
 * One timer for all sessions of a process. A session wants to act a few milliseconds after each of its outputs, and has
 * sent its next command by then in most cases: a timer for each would ring for nothing as often as there are outputs.
 *
 * @module
 */

/** Who is woken. */
interface Sleeper {
  /** On the clock of `performance.now()`; undefined: it need not be woken. */
  wakeAt(): number | undefined;
  /** It is time. */
  wake(): void;
}

const sleepers = new Set<Sleeper>();
let timer: ReturnType<typeof setTimeout> | undefined;
let ringsAt = Infinity;

/** Wakes `sleeper` when it wants to be woken, a little late at most; tell it again when that comes to be earlier. */
export function wakeUp(sleeper: Sleeper): void {
  const wakeAt = sleeper.wakeAt();
  if (wakeAt === undefined) return;
  sleepers.add(sleeper);
  arm(wakeAt);
}

/** Wakes it no more. */
export function letSleep(sleeper: Sleeper): void {
  sleepers.delete(sleeper);
  if (sleepers.size > 0) return;
  clearTimeout(timer);
  ringsAt = Infinity;
}

function arm(wakeAt: number): void {
  if (wakeAt >= ringsAt) return;
  clearTimeout(timer);
  ringsAt = wakeAt;
  timer = setTimeout(ring, Math.max(0, Math.ceil(wakeAt - performance.now())));
}

function ring(): void {
  ringsAt = Infinity;
  const now = performance.now();
  let next = Infinity;
  for (const sleeper of sleepers) {
    const wakeAt = sleeper.wakeAt();
    if (wakeAt === undefined) sleepers.delete(sleeper);
    else if (wakeAt <= now) sleeper.wake();
    else next = Math.min(next, wakeAt);
  }
  if (next < Infinity) arm(next);
}
