/**
 * What the system must reach, and whether it does.
 *
 * @module
 */

import { rowId, type sizes, windows } from "./groups/loads.ts";
import type { Figures, Results, Row } from "./results.ts";
import type { Spread } from "./statistics.ts";

/** A goal and what became of it. */
export interface Goal {
  readonly name: string;
  readonly wanted: string;
  /** The measured values, in words. */
  readonly found: string;
  /** Undefined: it was not measured. */
  readonly isReached: boolean | undefined;
}

type Column = keyof Figures;

/** Checks all goals; those that absolute figures belong to are two. */
export function checkGoals(results: Results): Goal[] {
  const look = new Look(results);
  return [
    look.p50AtMost("p50, 1 × 1", rowId(3, 1, 1), 1.5),
    look.atMost("p50, 1 × 1", "about 0.3 ms", look.value(rowId(3, 1, 1), "p50Ms"), 0.35, inMs),
    look.rateAtLeast("commands/s, 1 × 1", rowId(3, 1, 1), 0.7),
    look.p50AtMost("p50, 64 × 1", rowId(3, 64, 1), 0.8),
    look.rateAtLeast("commands/s, 64 × 1", rowId(3, 64, 1), 1.3),
    look.rateAtLeast("commands/s, 16 × 16", rowId(3, 16, 16), 1.1),
    look.rateAtLeast("commands/s, 1 × 256", rowId(3, 1, 256), 0.85),
    look.atLeast("commands/s, 1 × 256", "250,000/s", look.value(rowId(3, 1, 256), "perSecond"), 250_000, perSecond),
    look.rateAtLeast("commands/s, 4 × 256", rowId(3, 4, 256), 0.85),
    look.atLeast("commands/s, 4 × 256", "500,000/s", look.value(rowId(3, 4, 256), "perSecond"), 500_000, perSecond),
    look.rateAtLeast("commands/s, 1 × 1,024", rowId(3, 1, 1024), 0.5),
    look.atLeast("commands/s, 1 × 1,024", "400,000/s", look.value(rowId(3, 1, 1024), "perSecond"), 400_000, perSecond),
    look.atLeast("4 × 64 against 1 × 256", "0.85 of the limit's own ratio", look.split(), 0.85, times),
    look.p50AtMost("reads: p50, 1 × 1", rowId(3, 1, 1, "-reads"), 0.8),
    look.rateAtLeast("reads: commands/s, 1 × 256", rowId(3, 1, 256, "-reads"), 1.3),
    look.atLeast("t = 5, worst window", "0.8 of the ratio at t = 3", look.scaling(5), 0.8, times),
    look.atLeast("t = 7, worst window", "0.9 of the ratio at t = 3", look.scaling(7), 0.9, times),
    look.rateAtLeast("--data: commands/s, 1 × 256", rowId(3, 1, 256, "-data"), 0.85),
    look.atLeast(
      "--data: commands/s, 1 × 256",
      "100,000/s",
      look.value(rowId(3, 1, 256, "-data"), "perSecond"),
      100_000,
      perSecond,
    ),
    look.atMost("set, 1,000,000 sites", "1.3 times the cost with 100", look.fact("sites-1m-writes-cost"), 1.3, times),
    look.atMost("view, 1,000,000 sites", "1.3 times the cost with 100", look.fact("sites-1m-reads-cost"), 1.3, times),
    look.atMost("first rows of 1,000,000", "20 ms", look.fact("page-1m"), 20, inMs),
    look.atMost("gap, kill -9 under load, median", "about 18 ms", look.fact("kill-all"), 22, inMs),
    look.atMost("gap, kill -9 under load, worst", "about 37 ms", look.fact("kill-all", "max"), 46, inMs),
    look.atMost("p50, one command after idleness", "3.5 times the limit's", look.fact("rare-ratio"), 3.5, times),
    look.atLeast("1,000 idle sessions, throughput", "0.95 of that without", look.fact("idle-kept"), 0.95, times),
    look.atMost("1,000 idle sessions, memory", "50 MiB more per replica", look.fact("idle-memory"), 50, inMiB),
    look.atMost("memory, idle replica", "60 MiB", look.fact("memory-idle", "max"), 60, inMiB),
    look.atMost("memory, 100,000 sites", "140 MiB", look.fact("memory-100k", "max"), 140, inMiB),
    look.atMost("servers 3 ready, warm", "0.4 s", look.fact("ready"), 400, inMs),
  ];
}

const times = (value: number) => `${value.toFixed(2)} times`;
const inMs = (value: number) => `${Number(value.toPrecision(3)).toLocaleString("en")} ms`;
const inMiB = (value: number) => `${value.toFixed(0)} MiB`;
const perSecond = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;

/** Says how far single runs lie apart: a goal that lies between them is not certainly reached, or missed. */
function withRange(goal: Goal, ratio: Spread | undefined): Goal {
  if (ratio === undefined || ratio.count === 1) return goal;
  const { min, max, count } = ratio;
  return { ...goal, found: `${goal.found} (${min.toFixed(2)} to ${max.toFixed(2)}, ${count} runs)` };
}

/** Finds figures; undefined where a row was not measured. */
class Look {
  readonly #results: Results;

  constructor(results: Results) {
    this.#results = results;
  }

  atMost(name: string, wanted: string, value: number | undefined, bound: number, say: (value: number) => string): Goal {
    return this.#goal(name, `at most ${wanted}`, value, (it) => it <= bound, say);
  }

  atLeast(
    name: string,
    wanted: string,
    value: number | undefined,
    bound: number,
    say: (value: number) => string,
  ): Goal {
    return this.#goal(name, `at least ${wanted}`, value, (it) => it >= bound, say);
  }

  /** A latency against the limit's. */
  p50AtMost(name: string, id: string, bound: number): Goal {
    const ratio = this.#row(id)?.ratio.p50Ms;
    return withRange(this.atMost(name, `${bound} times the limit's`, ratio?.median, bound, times), ratio);
  }

  /** A throughput against the limit's. */
  rateAtLeast(name: string, id: string, bound: number): Goal {
    const ratio = this.#row(id)?.ratio.perSecond;
    return withRange(this.atLeast(name, `${bound} times the limit's`, ratio?.median, bound, times), ratio);
  }

  #goal(
    name: string,
    wanted: string,
    value: number | undefined,
    reaches: (value: number) => boolean,
    say: (value: number) => string,
  ): Goal {
    if (value === undefined) return { name, wanted, found: "", isReached: undefined };
    return { name, wanted, found: say(value), isReached: reaches(value) };
  }

  value(id: string, column: Column): number | undefined {
    return this.#row(id)?.vaxlog[column].median;
  }

  /** What the row's throughput is of the limit's. */
  rate(id: string): number | undefined {
    return this.#row(id)?.ratio.perSecond.median;
  }

  fact(id: string, of: "median" | "max" = "median"): number | undefined {
    return this.#results.facts.get(id)?.vaxlog[of];
  }

  /** What 4 × 64 reaches of 1 × 256, against what it does for the limit. */
  split(): number | undefined {
    const [four, one] = [this.rate(rowId(3, 4, 64)), this.rate(rowId(3, 1, 256, "-beside"))];
    return four !== undefined && one !== undefined ? four / one : undefined;
  }

  /** How much of the ratio to the limit at t = 3 is left, in the window where least is. */
  scaling(replicas: typeof sizes[number]): number | undefined {
    const left: number[] = [];
    for (const outstanding of windows) {
      const more = this.rate(rowId(replicas, 1, outstanding));
      const three = this.rate(rowId(3, 1, outstanding));
      if (more !== undefined && three !== undefined) left.push(more / three);
    }
    return left.length === 0 ? undefined : Math.min(...left);
  }

  #row(id: string): Row | undefined {
    return this.#results.rows.get(id);
  }
}
