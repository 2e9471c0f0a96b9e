/**
 * Results as a run would have them, for tests.
 *
 * @module
 */

import { Results } from "../../bench/results.ts";
import type { Sample } from "../../bench/systems.ts";

/** A sample in which everything else follows from the throughput. */
export function sample(perSecond: number): Sample {
  const p50Ms = 1000 / perSecond;
  return {
    perSecond,
    p50Ms,
    p99Ms: 3 * p50Ms,
    processorMicros: 2,
    bytesPerCommand: 76,
    messagesPerCommand: 10,
    loadProcessors: 0.5,
  };
}

/** A row of three runs of each system. */
export function addRow(results: Results, id: string, vaxlog: number, limit: number): void {
  const runs = (perSecond: number) => [0.9, 1, 1.1].map((factor) => sample(perSecond * factor));
  results.addRow(id, id, runs(vaxlog), runs(limit));
}

/** Results with these rows: throughput of Vaxlog, and of the limit. */
export function resultsOf(rows: Readonly<Record<string, readonly [vaxlog: number, limit: number]>>): Results {
  const results = new Results();
  for (const [id, [vaxlog, limit]] of Object.entries(rows)) addRow(results, id, vaxlog, limit);
  return results;
}
