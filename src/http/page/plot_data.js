/**
 * A site's history as lines over time, one for each unit that was counted in.
 *
 * A count is drawn as it is; True and False have a height of their own, above all counts and at 0, since nobody has
 * counted. None is none in any unit, so False is on the line that was there before. Where nothing is known, no line is. A
 * report that came late, after a newer one, is no part of a line: the site never showed it. It is a mark of its own.
 *
 * @module
 */

/**
 * @typedef {object} PlotData
 * @property {number[]} times in s since 1970, as the plot wants them.
 * @property {{ unit: string, values: (number | null)[] }[]} lines of what was counted, or said to be none; the unit is ""
 *   where nobody said what was counted.
 * @property {(number | null)[]} yes where True was reported.
 * @property {(number | null)[]} late reports that came after a newer one.
 * @property {number} top the height at which True is drawn.
 */

/** The line of what is True. */
const yesKey = "True";

/**
 * @param {readonly any[]} entries of one site, in any order.
 * @param {number} nowMs until when the lines are drawn.
 * @returns {PlotData}
 */
export function plotDataOf(entries, nowMs) {
  const reports = entries.filter(({ kind }) => kind === "report")
    .sort((a, b) => a.observedAt - b.observedAt || a.index - b.index);
  const counted = reports.filter(({ availability }) => typeof availability === "number");
  const hasYes = reports.some(({ availability }) => availability === true);
  const most = Math.max(0, ...counted.map(({ availability }) => availability));
  const top = most === 0 ? 1 : hasYes ? most * 1.2 : most;
  const shownCounts = counted.filter(({ outOfDate }) => !outOfDate);
  const units = [...new Set(shownCounts.map(({ unit = "" }) => unit))];
  if (units.length === 0) units.push("");
  const values = new Map([...units, yesKey].map((key) => [key, []]));
  const times = [];
  const late = [];
  /** Adds a moment at which one line, or none, has a height. */
  const push = (time, { key, height }, mark = null) => {
    times.push(time);
    for (const [line, heights] of values) heights.push(line === key ? height : null);
    late.push(mark);
  };
  let shown = { key: units[0], height: null };
  let unit = units[0];
  for (const report of reports) {
    const time = report.observedAt / 1_000;
    const height = heightOf(report.availability, top);
    if (report.outOfDate) {
      push(time, shown, height ?? 0);
      continue;
    }
    if (typeof report.availability === "number") unit = report.unit ?? "";
    const next = { key: report.availability === true ? yesKey : unit, height };
    // A line that ends here ends here, and not where it was last reported.
    if (shown.height !== null && (height === null || next.key !== shown.key)) push(time, shown);
    shown = next;
    push(time, shown);
  }
  const last = times.at(-1);
  if (last !== undefined && nowMs / 1_000 > last) push(nowMs / 1_000, shown);
  return {
    times,
    lines: units.map((unit) => ({ unit, values: values.get(unit) })),
    yes: values.get(yesKey),
    late,
    top,
  };
}

function heightOf(availability, top) {
  if (availability === true) return top;
  if (availability === false) return 0;
  return availability === "unknown" ? null : availability;
}
