/**
 * The longest gap between answers when a replica is killed under load.
 *
 * The launcher runs in the process of the bench, which does nothing else meanwhile, as it runs in a process of its own
 * in life. The killed replica is restarted after each time, and once it has joined, another one is killed.
 *
 * @module
 */

import type { LauncherEvent } from "../../src/cluster/launcher.ts";
import type { LoadJob } from "../jobs.ts";
import type { Run } from "../run.ts";
import { System } from "../systems.ts";

const replicas = 3;

/** Several clients, each with a few commands under way: the gap is the longest of any of them. */
const load = { kind: "load", sessions: 4, outstanding: 16, mix: "writes", sites: 1, gaps: true } as const;

/** Milliseconds of load around a kill. */
const durationMs = 500;

/** Milliseconds of load before it. */
const killAfterMs = 150;

/** Milliseconds within which a restarted replica must have joined. */
const joinWithinMs = 20_000;

/** Kills each replica in turn. */
export async function measureKills(run: Run): Promise<void> {
  if (!run.wants("kill", "kill-0", "kill-1", "kill-2", "gap-none")) return;
  const joins = new Joins();
  await using system = await System.start("vaxlog", {
    replicas,
    signal: run.signal,
    onEvent: (event) => joins.note(event),
  });
  const job: LoadJob = { ...load, durationMs };
  run.progress("warming up");
  for (let turn = 0; turn < run.choose(3, 1); turn++) await system.run(job);

  const undisturbed: number[] = [];
  const gaps: number[][] = Array.from({ length: replicas }, () => []);
  const times = run.choose(10, 1);
  for (const time of run.turns(times)) {
    undisturbed.push((await system.run(job)).gapMs);
    for (let slot = 0; slot < replicas; slot++) {
      run.progress(`kill -9 of replica ${slot}, ${time + 1} of ${times}`);
      gaps[slot].push(await gapOfKill(system, slot, job, joins));
    }
  }
  run.results.addFact("gap-none", "longest gap between answers in as long a time without a kill", "ms", undisturbed);
  for (const [slot, ms] of gaps.entries()) {
    run.results.addFact(`kill-${slot}`, `longest gap, kill -9 of replica ${slot} under load`, "ms", ms);
  }
  run.results.addFact("kill-all", "longest gap, kill -9 of any of them", "ms", gaps.flat());
}

async function gapOfKill(system: System, slot: number, job: LoadJob, joins: Joins): Promise<number> {
  const launcher = system.launcher!;
  const { pid } = launcher.replicas()[slot];
  const killing = new Promise<void>((resolve) => {
    setTimeout(() => {
      Deno.kill(pid, "SIGKILL");
      resolve();
    }, killAfterMs);
  });
  const [{ gapMs }] = await Promise.all([system.run(job), killing]);
  const joined = joins.next(slot);
  await launcher.restart(slot);
  await joined;
  return gapMs;
}

/** Waits for newcomers. */
class Joins {
  #waiting: { readonly slot: number; readonly joined: PromiseWithResolvers<void> } | undefined;

  /** Takes what happens in the cluster. */
  note(event: LauncherEvent): void {
    const { slot, joined } = this.#waiting ?? {};
    if (event.kind === "joined" && event.slot === slot) joined?.resolve();
    if (event.kind === "failed" && event.joining && event.slot === slot) {
      joined?.reject(new Error(`Cannot continue: restarted replica ${slot} ${event.cause}`));
    }
  }

  /** Resolves when the replica in this slot has joined. */
  async next(slot: number): Promise<void> {
    const joined = Promise.withResolvers<void>();
    this.#waiting = { slot, joined };
    const late = () => joined.reject(new Error(`Cannot continue: replica ${slot} has not joined`));
    const timer = setTimeout(late, joinWithinMs);
    try {
      await joined.promise;
    } finally {
      clearTimeout(timer);
    }
  }
}
