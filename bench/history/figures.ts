/**
 * The figures of a long history.
 *
 * @module
 */

import { quantile } from "../statistics.ts";
import type { MadeHistory } from "./made_history.ts";

/** Several times of the same work, in ms. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

/** What some work took while clients sent commands, and what these waited at most. */
export interface Disturbed {
  readonly ms: number;
  /** Seconds of processor time of all replicas meanwhile, those for the load, too. */
  readonly processorSeconds: number;
  /** What the longest command took, window by window, without the work and with it. */
  readonly before: Times;
  readonly during: Times;
}

/** Figures of one history. Whatever was not asked for is absent. */
export interface Figures {
  readonly made: MadeHistory;
  readonly sites: number;
  /** Seconds of processor time of all replicas; MiB of each. */
  starts?: { readonly cold: Start[]; readonly warm: Start[] };
  /** MiB of the replica that has most. */
  steadyMiB?: number;
  peakMiB?: number;
  gaps?: { readonly quiet: Times; readonly working: Times; readonly seals: number; readonly checkpoints: number };
  scrub?: Disturbed;
  backup?: Disturbed & { readonly bytes: number };
  restoreMs?: number;
  restart?: Disturbed;
  add?: Disturbed;
  pages?: { readonly warm: Times; readonly cold: Times; readonly entries: number; readonly requests: number };
  watch?: { readonly perSecond: number; readonly perProcessorSecond: number; readonly entries: number };
}

/** One start. */
export interface Start {
  readonly ms: number;
  readonly processorSeconds: number;
}

/** What several times come to. */
export function timesOf(ms: readonly number[]): Times {
  const sorted = Float64Array.from(ms).sort();
  if (sorted.length === 0) return { p50: 0, p99: 0, max: 0, count: 0 };
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted[sorted.length - 1], count: ms.length };
}

/** The middle one of several starts. */
export function medianStart(starts: readonly Start[]): Start {
  const of = (key: keyof Start) => quantile(Float64Array.from(starts.map((start) => start[key])).sort(), 0.5);
  return { ms: of("ms"), processorSeconds: of("processorSeconds") };
}
