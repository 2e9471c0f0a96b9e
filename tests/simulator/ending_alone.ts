/**
 * A replica whose turn needs sealed history that is damaged: it ends alone, as its process does.
 *
 * @module
 */

import type { SimReplica } from "./lying_world.ts";

/**
 * Has a replica end instead of throwing such an error. Nothing of that turn is written, and nobody hears of it.
 *
 * @param isDamage whether an error is one of its disk.
 */
export function endAlone({ core }: SimReplica, isDamage: (error: unknown) => boolean): void {
  let reason: string | undefined;
  const guarded = <T>(work: () => T): T | undefined => {
    if (reason !== undefined) return undefined;
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      reason = error instanceof Error ? error.message : String(error);
      core.isAtRest = false;
    }
  };
  const [step, tick, ready] = [core.step.bind(core), core.tick.bind(core), core.ready.bind(core)];
  core.step = (event) => guarded(() => step(event));
  core.tick = (count) => guarded(() => tick(count));
  core.ready = () => {
    const done = guarded(ready);
    if (done !== undefined) return done;
    const effects = [{ kind: "halt", reason: reason! } as const];
    return { writes: [], restored: undefined, executed: [], effects, wantsLull: false };
  };
}
