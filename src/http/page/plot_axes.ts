/**
 * The texts beside the axes of a plot.
 *
 * @module
 */

import { clockText, dateText } from "./ages.ts";

const daySeconds = 86_400;

/**
 * Times in ISO 8601: days if the ticks are days apart; else times of the day, each with its day below it if that is not
 * the day of the tick before.
 *
 * @param ticks in s since 1970.
 * @param increment seconds between two of them.
 */
export function timeTexts(ticks: readonly number[], increment: number): string[] {
  let day: string;
  return ticks.map((tick) => {
    const date = dateText(tick * 1_000);
    if (increment >= daySeconds) return date;
    const clock = clockText(tick * 1_000).slice(0, increment < 60 ? 8 : 5);
    const isNew = date !== day;
    day = date;
    return isNew ? `${clock}\n${date}` : clock;
  });
}

/** Whole counts: nothing at a tick between two. Without counts, the two heights are those of True and of 0. */
export function countTexts(ticks: readonly number[], { top, hasYes }: { top: number; hasYes: boolean }): string[] {
  return ticks.map((tick) => {
    if (hasYes && top === 1) return tick === 1 ? "True" : tick === 0 ? "0" : "";
    return Number.isInteger(tick) ? tick.toLocaleString("en") : "";
  });
}

/**
 * The room that texts beside an axis need, in pixels.
 *
 * @param around pixels beside them.
 */
export function roomFor(
  texts: readonly string[],
  widthOf: (text: string) => number,
  around: number,
  least: number,
): number {
  return Math.max(least, Math.ceil(around + Math.max(0, ...texts.map(widthOf))));
}
