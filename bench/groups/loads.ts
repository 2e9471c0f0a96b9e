/**
 * The loads: how many replicas, sessions and commands under way, and of what kind; in memory and with data.
 *
 * @module
 */

import type { LoadJob, SystemName } from "../jobs.ts";
import type { RowPlan, Run } from "../run.ts";
import { Pair } from "../systems.ts";

/** Commands under way in the one session of the rows that differ in the number of replicas. */
export const windows = [1, 16, 64, 256, 1024] as const;

/** Numbers of replicas. */
export const sizes = [1, 3, 5, 7] as const;

/** Sessions, and commands under way in each. */
const crowds: readonly (readonly [sessions: number, outstanding: number])[] = [
  [4, 1],
  [4, 64],
  [4, 256],
  [16, 1],
  [16, 16],
  [16, 64],
  [64, 1],
  [64, 4],
];

/** Those of them that goals are about. */
const quickCrowds: readonly (readonly [sessions: number, outstanding: number])[] = [
  [4, 64],
  [4, 256],
  [16, 16],
  [64, 1],
];

/** The id of a row. */
export function rowId(replicas: number, sessions: number, outstanding: number, suffix = ""): string {
  return `t${replicas}-${sessions}x${outstanding}${suffix}`;
}

function plan(run: Run, replicas: number, suffix: string, repeats: number, job: Partial<LoadJob>): RowPlan {
  const all: LoadJob = {
    kind: "load",
    sessions: 1,
    outstanding: 256,
    mix: "writes",
    sites: 1,
    durationMs: run.choose(400, 200),
    ...job,
  };
  const id = rowId(replicas, all.sessions, all.outstanding, suffix);
  const what = suffix === "" ? "" : `, ${suffix.slice(1)}`;
  return { id, label: `t = ${replicas}, ${all.sessions} × ${all.outstanding}${what}`, job: all, repeats };
}

/** Measures plans of one size that are wanted; none: nothing is started. */
async function measureAll(run: Run, group: string, replicas: number, plans: readonly RowPlan[], dirs?: DataDirs) {
  if (!run.wants(group, ...plans.map(({ id }) => id))) return;
  await using pair = await Pair.start({ replicas, signal: run.signal }, dirs);
  for (const plan of plans) if (run.wants(group, plan.id)) await run.measure(pair, plan);
}

type DataDirs = Readonly<Record<SystemName, string>>;

/** Replicas × commands under way in one session. */
export async function measureReplicas(run: Run): Promise<void> {
  for (const replicas of run.choose([3, 1, 5, 7], [3, 7])) {
    const repeats = replicas === 3 ? run.choose(5, 3) : run.choose(3, 1);
    const outstanding = replicas === 3 || !run.isQuick ? windows : [256];
    const chosen = run.isQuick && replicas === 3 ? [1, 256, 1024] : outstanding;
    await measureAll(
      run,
      "replicas",
      replicas,
      chosen.map((outstanding) => plan(run, replicas, "", repeats, { outstanding })),
    );
  }
}

/** Several sessions in one process. */
export async function measureSessions(run: Run): Promise<void> {
  const repeats = run.choose(4, 2);
  // One of 256 stands beside them, so that what is compared with it was measured in the same minute.
  const plans = [plan(run, 3, "-beside", repeats, {})];
  for (const [sessions, outstanding] of run.choose(crowds, quickCrowds)) {
    plans.push(plan(run, 3, "", repeats, { sessions, outstanding }));
  }
  await measureAll(run, "sessions", 3, plans);
}

/** Reads, one after the other and many at a time. */
export async function measureReads(run: Run): Promise<void> {
  const plans = [1, 256].map((outstanding) => {
    return plan(run, 3, "-reads", run.choose(5, 2), { outstanding, mix: "reads" });
  });
  await measureAll(run, "reads", 3, plans);
}

/** Nine reads to a write, and writes through the typed client. */
export async function measureKinds(run: Run): Promise<void> {
  const plans: RowPlan[] = [];
  for (const mix of ["mixed", "typed"] as const) {
    for (const outstanding of run.choose([1, 256], [256])) {
      plans.push(plan(run, 3, `-${mix}`, run.choose(2, 1), { outstanding, mix }));
    }
  }
  await measureAll(run, "kinds", 3, plans);
}

/** Loads with data: both systems write to the disk before they send an output. */
export async function measureData(run: Run): Promise<void> {
  const plans = run.choose<readonly number[]>([1, 64, 256, 1024], [256])
    .map((outstanding) => plan(run, 3, "-data", run.choose(5, 3), { outstanding }));
  if (!run.wants("data", ...plans.map(({ id }) => id))) return;
  const directory = await Deno.makeTempDir({ prefix: "vaxlog-bench-" });
  try {
    const dirs = { vaxlog: `${directory}/vaxlog`, limit: `${directory}/limit` };
    for (const dir of Object.values(dirs)) await Deno.mkdir(dir);
    await measureAll(run, "data", 3, plans, dirs);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
