/**
 * One run of the bench: what is wanted, how much time is left, and what was found.
 *
 * @module
 */

import type { LoadJob } from "./jobs.ts";
import { Results } from "./results.ts";
import { scatterOf } from "./statistics.ts";
import type { Pair, Sample } from "./systems.ts";

/** Ratios to the limit that scatter further than this are measured again. */
const scatterMax = 0.15;

/** How many times as many runs as planned a row may have, however its ratios scatter. */
const repeatsFactorMax = 3;

/** The part of the time that such repeats may take: the rows that come later need the rest. */
const repeatsTimeMax = 0.3;

/** Milliseconds of a round of the warm-up: several times the 10 ms in which Linux counts processor time. */
const warmUpRoundMs = 250;

/** Rounds of a warm-up: from the first command on, the engine is done after about ten. */
const warmUpRoundsMax = 16;

/** Rounds that must pass without a cheaper one. */
const warmUpPatience = 2;

/** A round is cheaper if it takes less than this part of the processor time. */
const cheaperFactor = 0.95;

/** A load to be measured against the limit. */
export interface RowPlan {
  /** Begins with the number of replicas, if that is what the row is about. */
  readonly id: string;
  readonly label: string;
  readonly job: LoadJob;
  /** Runs of each system; where the ratios scatter, up to twice that many more. */
  readonly repeats: number;
}

/** What a run is given. */
export interface RunOptions {
  readonly isQuick: boolean;
  /** Groups, and names of rows or their beginnings up to a dash; empty: all. */
  readonly only: readonly string[];
  /** Milliseconds after which nothing new is begun. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  /** Is told what is measured now. */
  readonly onProgress: (text: string) => void;
  /** Milliseconds, from anywhere on; absent: the clock of this process. */
  readonly now?: () => number;
}

/** A run. */
export class Run {
  readonly results = new Results();
  readonly isQuick: boolean;
  readonly signal: AbortSignal;
  readonly #options: RunOptions;
  readonly #now: () => number;
  readonly #startedAt: number;
  /** Milliseconds that were spent on repeats because ratios scattered. */
  #repeatsMs = 0;
  readonly #passedOver = new Set<string>();

  /** Begins one. */
  constructor(options: RunOptions) {
    this.#options = options;
    this.isQuick = options.isQuick;
    this.signal = options.signal;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#now();
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (this.#now() - this.#startedAt) / 1000;
  }

  /** Says what is measured now. */
  progress(text: string): void {
    this.#options.onProgress(`${Math.round(this.seconds)} s  ${text}`);
  }

  /** One of two, the second if the run is quick. */
  choose<T>(full: T, quick: T): T {
    return this.isQuick ? quick : full;
  }

  /**
   * Whether to measure this: it is asked for, and there is time. What there is no time for is noted.
   *
   * @param group of rows.
   * @param id of a row, or several that are measured together.
   */
  wants(group: string, ...ids: readonly string[]): boolean {
    this.signal.throwIfAborted();
    const { only } = this.#options;
    const isAsked = only.length === 0 || only.includes(group) ||
      ids.some((id) => only.some((word) => `${id}-`.startsWith(`${word}-`)));
    if (!isAsked) return false;
    if (!this.#isLate) return true;
    for (const id of ids) {
      if (!this.#passedOver.has(id)) this.results.skipped.push(id);
      this.#passedOver.add(id);
    }
    return false;
  }

  /**
   * Numbers from 0 up to `count`, and further while `scatters` says that the figures differ too much, within bounds.
   * Where time runs out, the first one only.
   */
  *turns(count: number, scatters: () => boolean = () => false): Generator<number> {
    for (let turn = 0; turn < count * repeatsFactorMax; turn++) {
      if (turn > 0 && this.#isLate) return;
      const isMore = turn >= count;
      if (isMore && (this.#repeatsMs >= this.#options.budgetMs * repeatsTimeMax || !scatters())) return;
      const beganAt = this.#now();
      yield turn;
      if (isMore) this.#repeatsMs += this.#now() - beganAt;
    }
  }

  get #isLate(): boolean {
    return this.#now() - this.#startedAt >= this.#options.budgetMs;
  }

  /** Measures a row: both systems in turn, several times, and again where the ratios scatter. */
  async measure(pair: Pair, { id, label, job, repeats }: RowPlan): Promise<void> {
    await this.warmUp(pair, label, job);
    const samples: Record<"vaxlog" | "limit", Sample[]> = { vaxlog: [], limit: [] };
    for (const turn of this.turns(repeats, () => scatters(samples.vaxlog, samples.limit))) {
      this.progress(`${label}, ${turn + 1} of ${Math.max(turn + 1, repeats)}`);
      for (const system of pair.inTurn(turn)) samples[system.name].push(await system.measure(job));
    }
    this.results.addRow(id, label, samples.vaxlog, samples.limit);
  }

  /**
   * Has both systems do a load until its commands do not become cheaper any more: the engine compiles what runs often
   * in several steps, for seconds, and before that it measures the compiler.
   */
  async warmUp(pair: Pair, label: string, job: LoadJob): Promise<void> {
    for (const system of pair.inTurn(0)) {
      const costs: number[] = [];
      while (costs.length < warmUpRoundsMax && !isSettled(costs)) {
        if (this.#isLate) return;
        this.progress(`${label}, warming up`);
        costs.push((await system.measure({ ...job, durationMs: warmUpRoundMs })).processorMicros);
      }
    }
  }
}

/** Whether the last rounds of a warm-up were not cheaper than the best one before them. */
export function isSettled(costs: readonly number[]): boolean {
  const last = costs.slice(-warmUpPatience);
  const before = costs.slice(0, -warmUpPatience);
  return before.length > 0 && Math.min(...last) > cheaperFactor * Math.min(...before);
}

/** Whether single runs differ too much, by their bases, to tell what they come to. */
export function scatters(
  samples: readonly Sample[],
  bases: readonly Sample[],
  columns: readonly (keyof Sample)[] = ["perSecond", "p50Ms"],
): boolean {
  return columns.some((column) => scatterOf(samples.map((it, at) => it[column] / bases[at][column])) > scatterMax);
}
