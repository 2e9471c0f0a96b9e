/**
 * One command after idleness: activation, command, suspension. And a thousand sessions that are idle all the time.
 *
 * @module
 */

import { lingerMs } from "../../src/limits.ts";
import type { LoadJob } from "../jobs.ts";
import { ratioOf, spreadOf } from "../statistics.ts";
import type { Run } from "../run.ts";
import { Pair, type Sample, System } from "../systems.ts";

/** A command now and then. */
export async function measureRare(run: Run): Promise<void> {
  if (!run.wants("rare", "rare")) return;
  await using pair = await Pair.start({ replicas: 3, signal: run.signal });
  const warmUp: LoadJob = { kind: "load", sessions: 1, outstanding: 1, mix: "writes", sites: 1, durationMs: 0 };
  await run.warmUp(pair, "one command after idleness", warmUp);
  // The session is suspended after its linger, and the messages of that are out of the way after as much again.
  const job = { kind: "rare", count: run.choose(40, 12), pauseMs: 4 * lingerMs } as const;
  const latencies: Record<"vaxlog" | "limit", number[]> = { vaxlog: [], limit: [] };
  await pair.runBoth(job);
  for (const turn of run.turns(run.choose(5, 2))) {
    run.progress(`one command after idleness, ${turn + 1}`);
    for (const system of pair.inTurn(turn)) latencies[system.name].push((await system.run(job)).p50Ms);
  }
  run.results.addFact("rare", "one command after idleness, p50", "ms", latencies.vaxlog, latencies.limit);
  const times = latencies.vaxlog.map((ms, at) => ms / latencies.limit[at]);
  run.results.addFact("rare-ratio", "the same, against the limit", "times", times);
}

/** Idle sessions beside active ones: two clusters in turn, one of which has them. */
export async function measureIdle(run: Run): Promise<void> {
  if (!run.wants("idle", "idle")) return;
  const sessions = run.choose(1_000, 300);
  // The goals are about a thousand, and look for these names.
  const suffix = run.choose("", "-few");
  const job: LoadJob = {
    kind: "load",
    sessions: 4,
    outstanding: 64,
    mix: "writes",
    sites: 1,
    durationMs: run.choose(500, 200),
  };
  await using crowded = await Pair.start({ replicas: 3, signal: run.signal });
  await using empty = await System.start("vaxlog", { replicas: 3, signal: run.signal });
  run.progress("warming up");
  for (const system of [...crowded.inTurn(0), empty]) {
    await system.run(job);
    await system.run(job);
  }
  const before = spreadOf(await crowded.vaxlog.residentMiB()).median;
  for (const system of crowded.inTurn(0)) {
    run.progress(`opening ${sessions} idle sessions`);
    await system.openIdle(sessions);
  }
  // Measure before the load resumes, since the load writes a log of reports.
  const opened = await crowded.vaxlog.residentMiB();
  const samples: Record<"crowded" | "limit" | "empty", Sample[]> = { crowded: [], limit: [], empty: [] };
  const repeats = run.choose(7, 3);
  for (const turn of run.turns(repeats)) {
    run.progress(`4 × 64 beside ${sessions} idle sessions, ${turn + 1} of ${repeats}`);
    const measures = [
      async () => void samples.crowded.push(await crowded.vaxlog.measure(job)),
      async () => void samples.empty.push(await empty.measure(job)),
      async () => void samples.limit.push(await crowded.limit.measure(job)),
    ];
    for (const measure of turn % 2 === 0 ? measures : measures.reverse()) await measure();
  }
  run.results.addRow("idle", `4 × 64 beside ${sessions} idle sessions`, samples.crowded, samples.limit);
  const perSecond = (of: readonly Sample[]) => of.map((sample) => sample.perSecond);
  const kept = ratioOf(perSecond(samples.crowded), perSecond(samples.empty));
  const label = `throughput beside ${sessions} idle sessions, against without`;
  const id = `idle-kept${suffix}`;
  run.results.facts.set(id, { id, label, unit: "times", vaxlog: kept });
  run.results.addFact(
    `idle-memory${suffix}`,
    "more memory per replica for them",
    "MiB",
    opened.map((mib) => mib - before),
  );
}
