/**
 * How far long work is: from its stages to percent, and from percent to what people are told now and then.
 *
 * @module
 */

import { Pace } from "./pace.ts";

/** Milliseconds for which nothing is said: what is done by then needs no words. */
const quietMs = 1_000;

/** Milliseconds between two times that something is said, at least. */
const betweenMs = 1_000;

/** Percent after which it is said again. */
const percentStep = 10;

/** Milliseconds after which it is said again, if it has come further at all. */
const sayAgainMs = 10_000;

/** Stages of work, in their order, with about how long each takes, in any unit. */
export type Stages<Name extends string> = Readonly<Partial<Record<Name, number>>>;

/** Work in stages, one after the other. */
export class StagedWork<Name extends string> {
  readonly #onPercent: (percent: number) => void;
  #stages: readonly (readonly [name: string, cost: number])[] = [];
  #percent = 0;

  /** @param onPercent is told each whole percent that it reaches, never less than before. */
  constructor(onPercent: (percent: number) => void = () => {}) {
    this.#onPercent = onPercent;
  }

  /** Says what there is to do; better known later, it is said again. */
  plan(stages: Stages<Name>): void {
    this.#stages = Object.entries<number | undefined>(stages).map(([name, cost = 0]) => [name, cost]);
  }

  /** A stage is that far, from 0 to 1, and all before it are done. One that nobody has planned says nothing. */
  reach(stage: Name, share: number): void {
    const at = this.#stages.findIndex(([name]) => name === stage);
    const sum = (stages: readonly (readonly [string, number])[]) => stages.reduce((sum, [, cost]) => sum + cost, 0);
    const total = sum(this.#stages);
    if (at < 0 || total === 0) return;
    const done = sum(this.#stages.slice(0, at)) + Math.min(1, share) * this.#stages[at][1];
    const percent = Math.floor(100 * done / total);
    if (percent <= this.#percent) return;
    this.#percent = percent;
    this.#onPercent(percent);
  }
}

/** How far work is, and about how many milliseconds are left; undefined: it has just begun, and nobody knows. */
export interface Progress {
  readonly percent: number;
  readonly leftMs: number | undefined;
}

/** Says now and then how far work is that began when this was made. */
export class Telling {
  readonly #say: (progress: Progress) => void;
  readonly #now: () => number;
  readonly #begunAt: number;
  readonly #pace = new Pace();
  #said: { readonly percent: number; readonly at: number } | undefined;

  /** @param now milliseconds of a clock that only goes forward. */
  constructor(say: (progress: Progress) => void, now: () => number = () => performance.now()) {
    this.#say = say;
    this.#now = now;
    this.#begunAt = now();
    this.#pace.heard(0, this.#begunAt);
  }

  /** It is that far, from 0 to 100 percent. */
  reach(percent: number): void {
    const at = this.#now();
    this.#pace.heard(percent, at);
    if (percent === 0 || percent >= 100 || at - this.#begunAt < quietMs) return;
    if (this.#said !== undefined) {
      const [more, ms] = [percent - this.#said.percent, at - this.#said.at];
      if (ms < betweenMs || more <= 0 || (more < percentStep && ms < sayAgainMs)) return;
    }
    this.#said = { percent, at };
    this.#say({ percent, leftMs: this.#pace.leftMs(at) });
  }
}
