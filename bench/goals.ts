/**
 * What the system must reach, and whether it does.
 *
 * @module
 */

import { rowId, type sizes, windows } from "./groups/loads.ts";
import type { Figures, Results, Row } from "./results.ts";

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
    look.atMost("p50, 1 × 1", "2.4 times the limit's", look.ratio(rowId(3, 1, 1), "p50Ms"), 2.4, times),
    look.atMost("p50, 1 × 1", "about 0.3 ms", look.value(rowId(3, 1, 1), "p50Ms"), 0.35, inMs),
    look.atLeast("1 × 256", "50 % of the limit", look.ratio(rowId(3, 1, 256), "perSecond"), 0.5, percent),
    look.atLeast("1 × 256", "250,000/s", look.value(rowId(3, 1, 256), "perSecond"), 250_000, perSecond),
    look.atLeast("1 × 1,024", "50 % of the limit", look.ratio(rowId(3, 1, 1024), "perSecond"), 0.5, percent),
    look.atLeast("1 × 1,024", "400,000/s", look.value(rowId(3, 1, 1024), "perSecond"), 400_000, perSecond),
    look.atLeast("4 × 64 against 1 × 256", "85 % of the limit's own ratio", look.split(), 0.85, percent),
    look.atMost("p50, 64 × 1", "3 times the limit's", look.ratio(rowId(3, 64, 1), "p50Ms"), 3, times),
    look.atMost("p50, one command after idleness", "3.5 times the limit's", look.fact("rare-ratio"), 3.5, times),
    look.atLeast("1,000 idle sessions, throughput", "95 % of that without", look.fact("idle-kept"), 0.95, percent),
    look.atMost("1,000 idle sessions, memory", "50 MiB more per replica", look.fact("idle-memory"), 50, inMiB),
    look.atLeast("t = 5, worst window", "80 % of the ratio at t = 3", look.scaling(5), 0.8, percent),
    look.atLeast("t = 7, worst window", "80 % of the ratio at t = 3", look.scaling(7), 0.8, percent),
    look.atMost("set, 1,000,000 sites", "1.3 times the cost with 100", look.fact("sites-1m-writes-cost"), 1.3, times),
    look.atMost("view, 1,000,000 sites", "1.3 times the cost with 100", look.fact("sites-1m-reads-cost"), 1.3, times),
    look.atMost("first rows of 1,000,000", "20 ms", look.fact("page-1m"), 20, inMs),
    look.atMost("gap, kill -9 under load, median", "30 ms", look.fact("kill-all"), 30, inMs),
    look.atMost("gap, kill -9 under load, worst", "150 ms", look.fact("kill-all", "max"), 150, inMs),
    look.atLeast("4 × 256", "50 % of the limit", look.ratio(rowId(3, 4, 256), "perSecond"), 0.5, percent),
    look.atLeast("4 × 256", "500,000/s", look.value(rowId(3, 4, 256), "perSecond"), 500_000, perSecond),
    look.atLeast(
      "--data, 1 × 256",
      "100,000/s",
      look.value(rowId(3, 1, 256, "-data"), "perSecond"),
      100_000,
      perSecond,
    ),
    look.atMost("memory, idle replica", "60 MiB", look.fact("memory-idle", "max"), 60, inMiB),
    look.atMost("memory, 100,000 sites", "140 MiB", look.fact("memory-100k", "max"), 140, inMiB),
    look.atMost("servers 3 ready, warm", "0.4 s", look.fact("ready"), 400, inMs),
  ];
}

const times = (value: number) => `${value.toFixed(2)} times`;
const percent = (value: number) => `${(value * 100).toFixed(0)} %`;
const inMs = (value: number) => `${Number(value.toPrecision(3)).toLocaleString("en")} ms`;
const inMiB = (value: number) => `${value.toFixed(0)} MiB`;
const perSecond = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;

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

  ratio(id: string, column: Column): number | undefined {
    return this.#row(id)?.ratio[column].median;
  }

  fact(id: string, of: "median" | "max" = "median"): number | undefined {
    return this.#results.facts.get(id)?.vaxlog[of];
  }

  /** What 4 × 64 reaches of 1 × 256, against what it does for the limit. */
  split(): number | undefined {
    const [four, one] = [
      this.ratio(rowId(3, 4, 64), "perSecond"),
      this.ratio(rowId(3, 1, 256, "-beside"), "perSecond"),
    ];
    return four !== undefined && one !== undefined ? four / one : undefined;
  }

  /** How much of the ratio to the limit at t = 3 is left, in the window where least is. */
  scaling(replicas: typeof sizes[number]): number | undefined {
    const left: number[] = [];
    for (const outstanding of windows) {
      const more = this.ratio(rowId(replicas, 1, outstanding), "perSecond");
      const three = this.ratio(rowId(3, 1, outstanding), "perSecond");
      if (more !== undefined && three !== undefined) left.push(more / three);
    }
    return left.length === 0 ? undefined : Math.min(...left);
  }

  #row(id: string): Row | undefined {
    return this.#results.rows.get(id);
  }
}
