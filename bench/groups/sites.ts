/**
 * Databases of different sizes, short and long answers, and what the sites take in memory.
 *
 * @module
 */

import type { LoadJob, Mix } from "../jobs.ts";
import { ratiosOf } from "../results.ts";
import { type Run, scatters } from "../run.ts";
import { Pair, type Sample } from "../systems.ts";

interface Size {
  readonly sites: number;
  readonly name: string;
}

const small: Size = { sites: 100, name: "100" };
const middle: Size = { sites: 100_000, name: "100k" };
const large: Size = { sites: 1_000_000, name: "1m" };

/** Reads and writes cost the same in a large database as in a small one; measured in turn. */
export async function measureSites(run: Run): Promise<void> {
  const sizes = run.choose([small, middle, large], [small, middle]);
  const ids = sizes.flatMap(({ name }) => [`sites-${name}-writes`, `sites-${name}-reads`]);
  if (!run.wants("sites", ...ids)) return;
  await using stack = new AsyncDisposableStack();
  const pairs: { readonly size: Size; readonly pair: Pair }[] = [];
  for (const size of sizes) {
    const pair = stack.use(await Pair.start({ replicas: 3, signal: run.signal }));
    pairs.push({ size, pair });
    run.progress(`adding ${size.sites} sites`);
    await pair.runBoth({ kind: "populate", sites: size.sites });
    const [vaxlog, limit] = [await pair.vaxlog.residentMiB(), await pair.limit.residentMiB()];
    run.results.addFact(`memory-${size.name}`, `memory of a replica with ${size.sites} sites`, "MiB", vaxlog, limit);
  }
  for (const mix of ["writes", "reads"] as const) await measureMix(run, pairs, mix);
  for (const { size, pair } of pairs) {
    await measureFirstPage(run, pair, size);
    if (size === middle) await measureAnswers(run, pair, size);
  }
}

async function measureMix(
  run: Run,
  pairs: readonly { readonly size: Size; readonly pair: Pair }[],
  mix: Mix,
): Promise<void> {
  const samples = new Map<Size, Record<"vaxlog" | "limit", Sample[]>>();
  for (const { size } of pairs) samples.set(size, { vaxlog: [], limit: [] });
  const [first, last] = [pairs[0], pairs.at(-1)!].map(({ size }) => samples.get(size)!.vaxlog);
  const repeats = run.choose(5, 2);
  const durationMs = run.choose(400, 200);
  const jobOf = ({ sites }: Size): LoadJob => {
    return { kind: "load", sessions: 1, outstanding: 256, mix, sites, durationMs };
  };
  for (const { size, pair } of pairs) await run.warmUp(pair, `${mix}, ${size.sites} sites`, jobOf(size));
  for (const turn of run.turns(repeats, () => scatters(last, first, ["processorMicros"]))) {
    for (const { size, pair } of pairs) {
      run.progress(`${mix}, ${size.sites} sites, ${turn + 1} of ${Math.max(turn + 1, repeats)}`);
      for (const system of pair.inTurn(turn)) samples.get(size)![system.name].push(await system.measure(jobOf(size)));
    }
  }
  for (const [size, { vaxlog, limit }] of samples) {
    run.results.addRow(`sites-${size.name}-${mix}`, `1 × 256, ${mix}, ${size.sites} sites`, vaxlog, limit);
    if (vaxlog === first) continue;
    const cost = ratiosOf(vaxlog, first).processorMicros;
    const id = `sites-${size.name}-${mix}-cost`;
    run.results.facts.set(id, {
      id,
      label: `processor time of ${mix} with ${size.sites} sites, against 100`,
      unit: "times",
      vaxlog: cost,
    });
  }
}

async function measureFirstPage(run: Run, pair: Pair, { sites, name }: Size): Promise<void> {
  run.progress(`the first rows of a list of ${sites}`);
  const ms: Record<"vaxlog" | "limit", number[]> = { vaxlog: [], limit: [] };
  const job = { kind: "list", times: run.choose(20, 5), isFirstPageOnly: true } as const;
  for (const turn of run.turns(3)) {
    for (const system of pair.inTurn(turn)) ms[system.name].push((await system.run(job)).p50Ms);
  }
  run.results.addFact(`page-${name}`, `first page of a list of ${sites} sites, p50`, "ms", ms.vaxlog, ms.limit);
}

/** Answers of 60 bytes, and of all rows. */
async function measureAnswers(run: Run, pair: Pair, { sites }: Size): Promise<void> {
  for (const outstanding of run.choose([1, 64], [64])) {
    const durationMs = run.choose(400, 200);
    const job: LoadJob = { kind: "load", sessions: 1, outstanding, mix: "rows", sites, durationMs };
    const label = `1 × ${outstanding}, answers of 60 bytes (three rows of a list)`;
    await run.measure(pair, { id: `rows-1x${outstanding}`, label, job, repeats: run.choose(3, 1) });
  }
  run.progress(`a list of ${sites} rows`);
  const ms: Record<"vaxlog" | "limit", number[]> = { vaxlog: [], limit: [] };
  const job = { kind: "list", times: 1, isFirstPageOnly: false } as const;
  for (const turn of run.turns(run.choose(5, 2))) {
    for (const system of pair.inTurn(turn)) ms[system.name].push((await system.run(job)).p50Ms);
  }
  run.results.addFact("list-100k", `a list of ${sites} rows, all pages`, "ms", ms.vaxlog, ms.limit);
}
