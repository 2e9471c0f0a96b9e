/**
 * The plot of the start and of the longest gap against the length of the history.
 *
 * @module
 */

import { type Panel, plot, type Point, type Series } from "../plot.ts";
import { type Disturbed, type Figures, medianStart, type Start, type Times } from "./figures.ts";

/** Draws what was measured of each history. */
export function plotHistories(all: readonly Figures[]): string {
  const starts: Panel = {
    title: "processor time of three replicas that start",
    across: "entries of the log",
    series: [
      seriesOf(all, "no file in a cache", 0, false, ({ starts }) => starts && pointOf(starts.cold)),
      seriesOf(all, "files in the cache of the system", 1, true, ({ starts }) => starts && pointOf(starts.warm)),
    ],
    say: (value) => `${value} s`,
  };
  const longest = (times: Times | undefined) => times && { value: times.p50, min: times.p50, max: times.max };
  const of = (some: Disturbed | undefined) => longest(some?.during);
  const gaps: Panel = {
    title: "longest command in windows of load: median, highest",
    across: "entries of the log",
    series: [
      seriesOf(all, "nothing else", 0, false, ({ gaps }) => longest(gaps?.quiet)),
      seriesOf(all, "seals and checkpoints", 1, false, ({ gaps }) => longest(gaps?.working)),
      seriesOf(all, "backup", 2, false, ({ backup }) => of(backup)),
      seriesOf(all, "an added replica", 3, true, ({ add }) => of(add)),
    ],
    say: (value) => `${value} ms`,
  };
  const shown = [starts, gaps].map((panel) => ({
    ...panel,
    series: panel.series.filter(({ points }) => points.length > 0),
  }));
  return plot(shown.filter(({ series }) => series.length > 0));
}

type Extent = Omit<Point, "outstanding">;

function seriesOf(
  all: readonly Figures[],
  label: string,
  colour: number,
  isDashed: boolean,
  of: (figures: Figures) => Extent | undefined,
): Series {
  const points = all.flatMap((figures): Point[] => {
    const extent = of(figures);
    return extent === undefined ? [] : [{ outstanding: figures.made.entries, ...extent }];
  });
  return { label, colour, isDashed, points };
}

/** Processor time: other programs take time on the clock from a start, and little of this. */
function pointOf(starts: readonly Start[]): Extent {
  const seconds = starts.map(({ processorSeconds }) => processorSeconds);
  return { value: medianStart(starts).processorSeconds, min: Math.min(...seconds), max: Math.max(...seconds) };
}
