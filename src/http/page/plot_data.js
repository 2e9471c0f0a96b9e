/**
 * A site's history as a line over time.
 *
 * A count is drawn as it is; True and False have a height of their own, above all counts and at 0, since nobody has
 * counted. Where nothing is known, the line has a gap. A report that came late, after a newer one, is no part of the
 * line: the site never showed it. It is a mark of its own.
 *
 * @module
 */

/**
 * @typedef {object} PlotData
 * @property {number[]} times in s since 1970, as the plot wants them.
 * @property {(number | null)[]} counts the line of what was counted, or said to be none.
 * @property {(number | null)[]} yes where True was reported.
 * @property {(number | null)[]} late reports that came after a newer one.
 * @property {number} top the height at which True is drawn.
 */

/**
 * @param {readonly any[]} entries of one site, in any order.
 * @param {number} nowMs until when the line is drawn.
 * @returns {PlotData}
 */
export function plotDataOf(entries, nowMs) {
  const reports = entries.filter(({ kind }) => kind === "report")
    .sort((a, b) => a.observedAt - b.observedAt || a.index - b.index);
  const counts = reports.flatMap(({ availability }) => typeof availability === "number" ? [availability] : []);
  const hasYes = reports.some(({ availability }) => availability === true);
  const most = Math.max(0, ...counts);
  const top = most === 0 ? 1 : hasYes ? most * 1.2 : most;
  const data = { times: [], counts: [], yes: [], late: [], top };
  const push = (time, count, yes, late) => {
    data.times.push(time);
    data.counts.push(count);
    data.yes.push(yes);
    data.late.push(late);
  };
  let shown = null;
  let shownYes = null;
  for (const { observedAt, availability, outOfDate } of reports) {
    const height = heightOf(availability, top);
    if (outOfDate) {
      push(observedAt / 1_000, shown, shownYes, height ?? 0);
      continue;
    }
    const [before, beforeYes] = [shown, shownYes];
    shown = availability === true ? null : height;
    shownYes = availability === true ? height : null;
    // A line that ends here ends here, and not where it was last reported.
    const ends = (before !== null && shown === null) || (beforeYes !== null && shownYes === null);
    if (ends) push(observedAt / 1_000, before, beforeYes, null);
    push(observedAt / 1_000, shown, shownYes, null);
  }
  const last = data.times.at(-1);
  if (last !== undefined && nowMs / 1_000 > last) push(nowMs / 1_000, shown, shownYes, null);
  return data;
}

function heightOf(availability, top) {
  if (availability === true) return top;
  if (availability === false) return 0;
  return availability === "unknown" ? null : availability;
}
