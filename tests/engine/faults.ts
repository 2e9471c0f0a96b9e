/**
 * Faults of a schedule, and how often each happens: drawn from its seed.
 *
 * @module
 */

import type { Random } from "../../src/simulator/random.ts";

/** Probabilities; of an append, a batch of events, a barrier, or a turn of a client. */
export interface Faults {
  /** An append does not reach the engine, and nobody is told. */
  readonly loseAppend: number;
  /** An append is done, and nobody is told. */
  readonly loseAnswer: number;
  /** Nobody is told of an append, and it is done much later. */
  readonly lateAppend: number;
  /** An append is refused. */
  readonly refuse: number;
  /** Appends overtake each other: milliseconds that one may take. */
  readonly appendMs: number;
  /** A barrier is not answered. */
  readonly loseBarrier: number;
  /** An event is lost. */
  readonly loseEvent: number;
  /** An event comes twice. */
  readonly doubleEvent: number;
  /** Events come in another order. */
  readonly reorder: number;
  /** Events come again that came long before. */
  readonly back: number;
  /** A stream ends. */
  readonly cut: number;
  /** A stream is silent from now on. */
  readonly stall: number;
  /** A snapshot is not written, or nobody is told that it was. */
  readonly loseSnapshot: number;
  /** A link between a client and a node breaks; of each message. */
  readonly cutLink: number;
  /** Such a link carries nothing more, and nobody is told. */
  readonly muteLink: number;
  /** Milliseconds from one crash of a node to the next one. */
  readonly crashMs: number;
  /** Bytes of records after which another epoch begins. */
  readonly epochBytes: number;
  /** An hour passes in which nothing happens. */
  readonly hour: number;
}

/** Draws what goes wrong. Most schedules have some faults, and not all. */
export function drawFaults(random: Random): Faults {
  const some = (most: number) => random.chance(0.5) ? random.next() * most : 0;
  return {
    loseAppend: some(0.2),
    loseAnswer: some(0.2),
    lateAppend: some(0.15),
    refuse: some(0.1),
    appendMs: random.pick([5, 40, 200]),
    loseBarrier: some(0.3),
    loseEvent: some(0.2),
    doubleEvent: some(0.2),
    reorder: some(0.2),
    back: some(0.2),
    cut: some(0.2),
    stall: some(0.1),
    loseSnapshot: some(0.3),
    crashMs: random.chance(0.5) ? random.between(300, 1_500) : Infinity,
    epochBytes: random.pick([200, 1_000, Infinity]),
    hour: random.chance(0.2) ? 0.03 : 0,
    cutLink: some(0.05),
    muteLink: some(0.01),
  };
}

/** Nothing goes wrong: what must come right now comes right. */
export const noFaults: Faults = {
  loseAppend: 0,
  loseAnswer: 0,
  lateAppend: 0,
  refuse: 0,
  appendMs: 5,
  loseBarrier: 0,
  loseEvent: 0,
  doubleEvent: 0,
  reorder: 0,
  back: 0,
  cut: 0,
  stall: 0,
  loseSnapshot: 0,
  crashMs: Infinity,
  epochBytes: Infinity,
  hour: 0,
  cutLink: 0,
  muteLink: 0,
};
