/**
 * A site's history as lines over time, one for each unit.
 *
 * A count is drawn as it is. True and False have heights of their own, above all counts and at 0, since nobody has
 * counted. Nothing is nothing in any unit, so False stays on the line that was there before. Where nothing is known,
 * there is no line. A report that came after a newer one is a mark beside the lines, as the site never showed it.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import type { Availability, Unit } from "../../database/values.ts";

/** Heights at the times of a plot; null: the line is not there. */
export type Heights = (number | null)[];

/** What a plot draws. */
export interface PlotData {
  /** In s since 1970, as the plot wants them. */
  readonly times: number[];
  /** The counts of each unit; "": nobody said what was counted. */
  readonly lines: { readonly unit: Unit | ""; readonly values: Heights }[];
  /** Where True was reported. */
  readonly yes: Heights;
  /** Reports that came after a newer one. */
  readonly late: Heights;
  /** The height at which True is drawn. */
  readonly top: number;
}

/** The line of what is True. */
const yesKey = "True";

/** Where the site is drawn at a moment. */
interface DrawnReport {
  readonly key: Unit | "" | typeof yesKey;
  readonly height: number | null;
}

/**
 * @param entries those of one site, in any order.
 * @param nowMs until when the lines are drawn.
 */
export function plotDataOf(entries: readonly Entry[], nowMs: number): PlotData {
  const reports = entries.filter((entry) => entry.kind === "report").filter(({ retracted }) => !retracted)
    .sort((a, b) => a.observedAt - b.observedAt || a.index - b.index);
  const counted = reports.filter(({ availability }) => typeof availability === "number");
  const hasYes = reports.some(({ availability }) => availability === true);
  const most = Math.max(0, ...counted.map(({ availability }) => Number(availability)));
  const top = most === 0 ? 1 : hasYes ? most * 1.2 : most;
  const units = [...new Set(counted.filter(({ outOfDate }) => !outOfDate).map(unitOf))];
  if (units.length === 0) units.push("");
  const values = new Map([...units, yesKey].map((key): [string, Heights] => [key, []]));
  const times: number[] = [];
  const late: Heights = [];
  /** Adds a moment at which one line, or none, has a height. */
  const push = (time: number, { key, height }: DrawnReport, mark: number | null = null) => {
    times.push(time);
    for (const [line, heights] of values) heights.push(line === key ? height : null);
    late.push(mark);
  };
  let shown: DrawnReport = { key: units[0], height: null };
  let unit = units[0];
  for (const report of reports) {
    const time = report.observedAt / 1_000;
    const height = heightOf(report.availability, top);
    if (report.outOfDate) {
      push(time, shown, height ?? 0);
      continue;
    }
    if (typeof report.availability === "number") unit = unitOf(report);
    const next: DrawnReport = { key: report.availability === true ? yesKey : unit, height };
    // A line that ends here is drawn up to here, and not only to the moment of its last report.
    if (shown.height !== null && (height === null || next.key !== shown.key)) push(time, shown);
    shown = next;
    push(time, shown);
  }
  const last = times.at(-1);
  if (last !== undefined && nowMs / 1_000 > last) push(nowMs / 1_000, shown);
  const lines = units.map((unit) => ({ unit, values: values.get(unit)! }));
  return { times, lines, yes: values.get(yesKey)!, late, top };
}

function unitOf({ unit = "" }: { unit?: Unit | "" }): Unit | "" {
  return unit;
}

function heightOf(availability: Availability, top: number): number | null {
  if (availability === "unknown") return null;
  return typeof availability === "number" ? availability : availability ? top : 0;
}
