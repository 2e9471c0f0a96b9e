/**
 * What stands beside the axes of a plot.
 *
 * @module
 */

import { clockText, dateText } from "./ages.js";

const daySeconds = 86_400;

/**
 * Times in ISO 8601: days where they are days apart, else times of the day, below which the day stands where it is
 * another one.
 *
 * @param {readonly number[]} ticks in s since 1970.
 * @param {number} increment seconds between two of them.
 */
export function timeTexts(ticks, increment) {
  let day;
  return ticks.map((tick) => {
    const date = dateText(tick * 1_000);
    if (increment >= daySeconds) return date;
    const clock = clockText(tick * 1_000).slice(0, increment < 60 ? 8 : 5);
    const isNew = date !== day;
    day = date;
    return isNew ? `${clock}\n${date}` : clock;
  });
}

/**
 * Counts, whole: nothing where a tick is between two. Where there are no counts, the two heights are those of True and
 * of none.
 *
 * @param {readonly number[]} ticks
 * @param {{ top: number, hasYes: boolean }} plot
 */
export function countTexts(ticks, { top, hasYes }) {
  return ticks.map((tick) => {
    if (hasYes && top === 1) return tick === 1 ? "True" : tick === 0 ? "0" : "";
    return Number.isInteger(tick) ? tick.toLocaleString("en") : "";
  });
}

/**
 * The room that texts beside an axis need, in pixels.
 *
 * @param {readonly string[]} texts
 * @param {(text: string) => number} widthOf
 * @param {number} around pixels beside them.
 * @param {number} least
 */
export function roomFor(texts, widthOf, around, least) {
  return Math.max(least, Math.ceil(around + Math.max(0, ...texts.map(widthOf))));
}
