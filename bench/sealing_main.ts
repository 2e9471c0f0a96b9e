/**
 * `deno task bench:sealing`: compares replicas that seal with replicas that do not, under the same load.
 *
 *     deno task bench:sealing [ENTRIES] [TURNS]
 *
 * In each turn, two clusters of three replicas in memory begin empty, one after the other, and execute reports of one
 * session, 256 of them under way. The first ENTRIES (4,000,000 if absent) tell what sealing costs while it can wait.
 * As many again tell what it costs in the long run: a segment must be sealed as fast as another one begins. Which
 * cluster comes first alternates. Rates suffer from other programs, and processor time suffers less.
 *
 * @module
 */

import { secondsOfEach } from "./processes.ts";
import { Progress } from "./progress.ts";
import { spreadOf } from "./statistics.ts";
import { System } from "./systems.ts";

const [entries = 4_000_000, turns = 3] = Deno.args.map(Number);
if (![entries, turns].every((count) => Number.isSafeInteger(count) && count > 0)) {
  console.error("Usage: deno task bench:sealing [ENTRIES] [TURNS]; both are whole numbers from 1");
  Deno.exit(2);
}

const replicas = 3;
const sites = 20_000;
const load = { sessions: 1, outstanding: 256, mix: "writes", sites } as const;

/** Milliseconds of a part of the load: after each, it is looked how many entries there are. */
const partMs = 1_000;

const stages = ["the first entries", "as many again"] as const;

/** What a stage of one cluster has come to. */
interface Figures {
  readonly perSecond: number;
  /** Microseconds of processor time for each entry, of all replicas. */
  readonly micros: number;
}

/** Has a cluster execute the entries of all stages. */
async function measure(seals: boolean, signal: AbortSignal, say: (text: string) => void): Promise<Figures[]> {
  const entry = new URL(`./history/replica_main.ts?seals=${seals ? "yes" : "no"}`, import.meta.url);
  await using system = await System.start("vaxlog", { replicas, entry, signal });
  await system.run({ kind: "populate", sites });
  await system.run({ ...load, kind: "prepare" });
  // The replicas alone: the load is the same.
  const pids = system.pids.slice(0, replicas);
  const used = async () => (await secondsOfEach(pids)).reduce((sum, seconds) => sum + seconds, 0);
  const figures: Figures[] = [];
  for (const stage of stages) {
    const [before, startedAt] = [await used(), performance.now()];
    let done = 0;
    while (done < entries) {
      say(`${seals ? "sealing" : "not sealing"}, ${stage}: ${(100 * done / entries).toFixed(0)} %`);
      done += (await system.run({ ...load, kind: "load", durationMs: partMs })).answers;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    figures.push({ perSecond: done / seconds, micros: 1e6 * (await used() - before) / done });
  }
  return figures;
}

function said(ratios: readonly number[]): string {
  const { median, min, max } = spreadOf(ratios);
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, () => interrupt.abort());
}
const progress = new Progress();
const ratios = stages.map(() => ({ rate: [] as number[], time: [] as number[] }));
try {
  for (let turn = 0; turn < turns; turn++) {
    const figures = new Map<boolean, Figures[]>();
    for (const seals of turn % 2 === 0 ? [true, false] : [false, true]) {
      const say = (text: string) => progress.show(`turn ${turn + 1} of ${turns}, ${text}`);
      figures.set(seals, await measure(seals, interrupt.signal, say));
    }
    progress.clear();
    for (const [at, stage] of stages.entries()) {
      const [on, off] = [figures.get(true)![at], figures.get(false)![at]];
      ratios[at].rate.push(on.perSecond / off.perSecond);
      ratios[at].time.push(off.micros / on.micros);
      const sides = [on, off].map((each) => `${each.perSecond.toFixed(0)}/s and ${each.micros.toFixed(2)} us an entry`);
      console.log(`turn ${turn + 1}, ${stage}: sealing ${sides[0]}, not sealing ${sides[1]}`);
    }
  }
  for (const [at, stage] of stages.entries()) {
    const { rate, time } = ratios[at];
    console.log(`${stage}: rate ${said(rate)}, entries for the same processor time ${said(time)}`);
  }
} catch (error) {
  progress.clear();
  if (interrupt.signal.aborted) Deno.exit(130);
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
// Connections of the launchers that were stopped are still closing.
Deno.exit(0);
