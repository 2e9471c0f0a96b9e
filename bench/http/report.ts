/**
 * The rows of the bench of the gateway: their ratios to the bare server, whether these scatter, and the table.
 *
 * @module
 */

import { quantile, ratioOf, type Spread, spreadOf } from "../statistics.ts";
import { renderText } from "../table.ts";
import type { Asked, LoadResult } from "./jobs.ts";

/** Watchers of the row that has some. */
export const watchers = 200;

/** How many times the lower quartile of a row's ratios the upper one may be. */
const scatterMax = 1.15;

/** What one run of a load came to. */
export interface Sample extends LoadResult {
  /** Microseconds of processor time per request: of the server, of the three replicas and of the load process. */
  readonly server: number;
  readonly replicas: number;
  readonly client: number;
  /** Bytes per second to watchers. */
  readonly watched: number;
}

/** A row of the table. */
export interface Row {
  readonly name: string;
  readonly asked: Asked;
  /** The server that it asks; absent: the gateway. */
  readonly asks?: "bare" | "http";
  readonly watchers?: number;
  /** The least part of the bare server's rate, and the most times its processor time; absent: no goal. */
  readonly goal?: { readonly rate: number; readonly processor?: number };
  readonly samples: Sample[];
  /** What the bare server did right before each of them. */
  readonly bare: Sample[];
}

/** The rows, without samples. */
export function emptyRows(): Row[] {
  const goals = { report: { rate: 0.3, processor: 3 }, watched: { rate: 0.15 }, site: { rate: 0.5 } };
  return [
    { name: "bare, GET", asked: "site", asks: "bare", samples: [], bare: [] },
    { name: "HTTP alone, report", asked: "report", asks: "http", samples: [], bare: [] },
    { name: "report", asked: "report", goal: goals.report, samples: [], bare: [] },
    { name: `report, ${watchers} watchers`, asked: "report", watchers, goal: goals.watched, samples: [], bare: [] },
    { name: "GET of a site", asked: "site", goal: goals.site, samples: [], bare: [] },
  ];
}

/** The ratios of a row to the bare server: of its rate, and of the processor time of a request. */
function ratiosOf({ samples, bare }: Row): { readonly rate: Spread; readonly processor: Spread } {
  const of = (pick: (sample: Sample) => number) => ratioOf(samples.map(pick), bare.map(pick));
  return { rate: of(({ perSecond }) => perSecond), processor: of(({ server }) => server) };
}

/** Whether the ratios of a row differ so much that it needs more samples; one without samples does not scatter. */
export function isScattered({ samples, bare }: Row): boolean {
  if (samples.length === 0) return false;
  const ratios = samples.map(({ perSecond }, at) => perSecond / bare[at].perSecond).sort((a, b) => a - b);
  return quantile(ratios, 0.75) > scatterMax * quantile(ratios, 0.25);
}

/** The rows that have samples. */
function measuredOf(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ samples }) => samples.length > 0);
}

/** The table of the rows that have samples, one at least, with the medians of all these. */
export function tableOf(all: readonly Row[]): string {
  const rows = measuredOf(all);
  const head = ["row", "requests/s", "of bare", "p50 ms", "p99 ms", "server µs", "times bare", "replicas", "client"];
  const bare = figuresOf(rows.flatMap(({ bare }) => bare), "1", "1");
  const shown = ({ median, min, max }: Spread) => `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
  const lines = rows.map((row) => {
    const { rate, processor } = ratiosOf(row);
    return [row.name, ...figuresOf(row.samples, shown(rate), shown(processor))];
  });
  return renderText({ head, rows: [["bare", ...bare], ...lines], wordColumns: 1 });
}

function figuresOf(samples: readonly Sample[], rate: string, processor: string): string[] {
  const median = (pick: (sample: Sample) => number) => spreadOf(samples.map(pick)).median;
  return [
    Math.round(median(({ perSecond }) => perSecond)).toLocaleString("en"),
    rate,
    median(({ p50Ms }) => p50Ms).toFixed(1),
    median(({ p99Ms }) => p99Ms).toFixed(1),
    median(({ server }) => server).toFixed(1),
    processor,
    median(({ replicas }) => replicas).toFixed(1),
    median(({ client }) => client).toFixed(1),
  ];
}

/**
 * A line for each goal, for each row with watchers, with ratios that scatter or with few samples, and for those that
 * have none.
 *
 * @param enough samples that a row should have, at least.
 */
export function remarksOn(rows: readonly Row[], enough: number): string[] {
  const missing = rows.filter(({ samples }) => samples.length === 0).map(({ name }) => name);
  const last = missing.length === 0 ? [] : [`Not measured: ${missing.join("; ")}`];
  return measuredOf(rows).flatMap((row) => {
    const { rate, processor } = ratiosOf(row);
    const lines: string[] = [];
    const say = (isReached: boolean, text: string) => {
      lines.push(`${isReached ? "reached" : "missed "}  ${row.name}: ${text}`);
    };
    if (row.goal !== undefined) {
      const { rate: least, processor: most } = row.goal;
      const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
      say(rate.median >= least, `${percent(rate.median)} of the bare server's rate; the goal is ${percent(least)}`);
      if (most !== undefined) {
        say(
          processor.median <= most,
          `${processor.median.toFixed(1)} times its processor time; at most ${most} wanted`,
        );
      }
    }
    if (row.watchers !== undefined) {
      const { median } = spreadOf(row.samples.map(({ watched }) => watched));
      lines.push(`         ${row.name}: ${(median / 1e6).toFixed(0)} MB/s to them`);
    }
    if (isScattered(row)) lines.push(`         ${row.name}: the ratios scatter`);
    const { length } = row.samples;
    if (length < enough) lines.push(`         ${row.name}: measured ${length === 1 ? "once" : `${length} times`} only`);
    return lines;
  }).concat(last);
}
