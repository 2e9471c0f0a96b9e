/**
 * One run of the bench: what is wanted, how much time is left, and what was found.
 *
 * @module
 */

import type { Job, LoadJob } from "./jobs.ts";
import { Results } from "./results.ts";
import type { Pair, Sample } from "./systems.ts";

/** A load to be measured against the limit. */
export interface RowPlan {
  /** Begins with the number of replicas, if that is what the row is about. */
  readonly id: string;
  readonly label: string;
  readonly job: LoadJob;
  /** Runs of each system. */
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
}

/** A run. */
export class Run {
  readonly results = new Results();
  readonly isQuick: boolean;
  readonly signal: AbortSignal;
  readonly #options: RunOptions;
  readonly #startedAt = performance.now();
  readonly #passedOver = new Set<string>();

  /** Begins one. */
  constructor(options: RunOptions) {
    this.#options = options;
    this.isQuick = options.isQuick;
    this.signal = options.signal;
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
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

  /** Numbers up to `count`; where time runs out, the first one only. */
  *turns(count: number): Generator<number> {
    for (let turn = 0; turn < count && (turn === 0 || !this.#isLate); turn++) yield turn;
  }

  get #isLate(): boolean {
    return performance.now() - this.#startedAt >= this.#options.budgetMs;
  }

  /** Measures a row: both systems in turn, several times. */
  async measure(pair: Pair, { id, label, job, repeats }: RowPlan): Promise<void> {
    const samples: Record<"vaxlog" | "limit", Sample[]> = { vaxlog: [], limit: [] };
    for (const turn of this.turns(repeats)) {
      this.progress(`${label}, ${turn + 1} of ${repeats}`);
      for (const system of pair.inTurn(turn)) samples[system.name].push(await system.measure(job));
    }
    this.results.addRow(id, label, samples.vaxlog, samples.limit);
  }

  /** Has a pair do some of everything, so that what follows is compiled and its buffers have grown. */
  async warmUp(pair: Pair, sites = 1): Promise<void> {
    const durationMs = this.choose(400, 150);
    for (const outstanding of [1, 256]) {
      const job: Job = { kind: "load", sessions: 1, outstanding, mix: "writes", sites, durationMs };
      this.progress("warming up");
      await pair.runBoth(job);
    }
  }
}
