/**
 * A campaign: the schedules of many seeds, shared out to workers in blocks.
 *
 * Blocks are given out in the order of their seeds. So at each moment all seeds up to some seed are done, and another
 * campaign can continue behind it.
 *
 * @module
 */

import { add, count, type Tallies } from "./tally.ts";

/** Seeds, both included. */
export interface Block {
  readonly from: number;
  readonly to: number;
}

/** What a worker says: a schedule of this kind has failed, or its block is done, with what the others have counted. */
export type Report =
  | { readonly kind: "failed"; readonly of: string; readonly line: string }
  | { readonly kind: "done"; readonly tallies: Tallies };

/** One that runs blocks, one after the other. */
export interface Worker {
  /** Begins a block; `report` is told of it until it is done. */
  begin(block: Block, report: (report: Report) => void): void;
  /** Stops at once. */
  stop(): void;
}

/** Seeds in a block: it takes seconds at most, and to give it out takes nothing beside that. */
export const blockSeeds = 100;

/** After that many failures a campaign ends: all others have the same reason, or are for the next one. */
export const failuresMax = 10;

/** The schedules of many seeds. */
export class Campaign {
  readonly #all: Block;
  readonly #workers: readonly Worker[];
  readonly #failed: (line: string) => void;
  readonly #under = new Set<Block>();
  #next: number;
  #end: () => void = () => {};
  #isStopped = false;
  /** How many seeds are done, and how many of them failed. */
  done = 0;
  failures = 0;
  readonly tallies: Tallies = new Map();

  /** @param failed is told of each failure, a line each. */
  constructor(all: Block, workers: readonly Worker[], failed: (line: string) => void) {
    this.#all = all;
    this.#next = all.from;
    this.#workers = workers;
    this.#failed = failed;
  }

  /** Runs all of them; resolves when they are done, or when it was stopped. */
  async run(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#end = resolve;
    for (const worker of this.#workers) this.#feed(worker);
    await promise;
  }

  /** Ends it early. */
  stop(): void {
    this.#isStopped = true;
    for (const worker of this.#workers) worker.stop();
    this.#end();
  }

  /** The first seed that is not done, and is in no block that is; undefined: all are done. */
  get rest(): number | undefined {
    const rest = Math.min(this.#next, ...[...this.#under].map(({ from }) => from));
    return rest > this.#all.to ? undefined : rest;
  }

  #feed(worker: Worker): void {
    const { to } = this.#all;
    if (this.#next > to) {
      if (this.#under.size === 0) this.stop();
      return;
    }
    const block = { from: this.#next, to: Math.min(this.#next + blockSeeds - 1, to) };
    this.#next = block.to + 1;
    this.#under.add(block);
    worker.begin(block, (report) => this.#heard(worker, block, report));
  }

  #heard(worker: Worker, block: Block, report: Report): void {
    if (this.#isStopped) return;
    if (report.kind === "failed") {
      count(this.tallies, report.of, undefined);
      this.#failed(report.line);
      if (++this.failures >= failuresMax) this.stop();
      return;
    }
    this.#under.delete(block);
    this.done += block.to - block.from + 1;
    add(this.tallies, report.tallies);
    this.#feed(worker);
  }
}
