/**
 * `deno task bench`: measures, prints, and leaves no process behind. See `options.ts` and
 * `docs/operations/performance.md`.
 *
 * A missed goal is not a failure of the bench.
 *
 * @module
 */

import { cpus } from "node:os";
import { checkGoals } from "./goals.ts";
import { measureCosts } from "./groups/cost.ts";
import { measureKills } from "./groups/kill.ts";
import { measureData, measureKinds, measureReads, measureReplicas, measureSessions } from "./groups/loads.ts";
import { measureIdle, measureRare } from "./groups/rare.ts";
import { measureSites } from "./groups/sites.ts";
import { measureStart } from "./groups/start.ts";
import { writeDocs } from "./docs.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { machineSeconds } from "./processes.ts";
import { runProgram } from "./program.ts";
import type { Progress } from "./progress.ts";
import { type Circumstances, describe, loadBoundOf, sectionsOf } from "./report.ts";
import { Run } from "./run.ts";
import { renderText } from "./table.ts";

/** Milliseconds after which nothing new is begun, and nothing is repeated. */
const budgetMs = { full: 840_000, quick: 105_000 };

/** Milliseconds after which what is still under way is given up. */
const timeUpMs = { full: 870_000, quick: 115_000 };

/** The time was up before the end; what was found so far counts. */
class TimeUpError extends Error {
  override name = "TimeUpError";
}

/** First what the goals are about: where time is short, the rest is left out. */
const groups = [
  measureReplicas,
  measureSessions,
  measureReads,
  measureData,
  measureKills,
  measureSites,
  measureRare,
  measureStart,
  measureIdle,
  measureCosts,
  measureKinds,
];

async function bench(options: Options, signal: AbortSignal, progress: Progress): Promise<void> {
  const date = new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC";
  const [loadBefore] = Deno.loadavg();
  const before = await machineSeconds();
  const pace = options.isQuick ? "quick" : "full";
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(new TimeUpError("the time was up")), timeUpMs[pace]);
  const run = new Run({
    ...options,
    budgetMs: budgetMs[pace],
    signal: AbortSignal.any([signal, timeUp.signal]),
    onProgress: (text) => progress.show(text),
  });
  try {
    for (const measure of groups) await measure(run);
  } catch (error) {
    // A start that was interrupted fails with an error of its own.
    if (!timeUp.signal.aborted || signal.aborted) throw error;
    run.results.skipped.push("what was under way then");
  } finally {
    clearTimeout(timer);
    progress.clear();
  }

  const { results, seconds } = run;
  const { isQuick } = options;
  const [loadAfter] = Deno.loadavg();
  const after = await machineSeconds();
  const [{ model }] = cpus();
  const circumstances: Circumstances = {
    date,
    cores: navigator.hardwareConcurrency,
    processor: model,
    deno: Deno.version.deno,
    loadBefore,
    loadAfter,
    otherProcessors: Math.max(0, after.all - before.all - (after.own - before.own)) / seconds,
    isQuick,
    seconds,
  };
  if (options.isJson) {
    const { rows, facts, costs, modelCosts, skipped } = results;
    const all = { circumstances, rows: [...rows.values()], facts: [...facts.values()], costs, modelCosts, skipped };
    console.log(JSON.stringify({ ...all, goals: checkGoals(results) }, undefined, 2));
  } else {
    console.log(describe(circumstances));
    for (const { title, table } of sectionsOf(results)) console.log(`\n${title}\n\n${renderText(table)}`);
    const bound = loadBoundOf(results);
    if (bound.length > 0) console.log(`\nThe load process itself may limit the load: ${bound.join(", ")}`);
    if (results.skipped.length > 0) console.log(`\nNot measured, as the time was up: ${results.skipped.join(", ")}`);
  }
  if (options.writesDocs) await writeDocs(results, circumstances);
}

await runProgram({
  usage,
  parse: parseOptions,
  run: async (options, interrupt, progress) => {
    await bench(options, interrupt, progress);
    return {};
  },
});
