/**
 * A site's history as a plot.
 *
 * @module
 */

import uPlot from "uplot";
import { html, useEffect, useRef } from "./lib.js";
import { plotDataOf } from "./plot_data.js";

const height = 180;

/** The colours of the style sheet, which depend on the scheme. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {
    line: of("--accent"),
    fill: of("--accent-soft"),
    text: of("--muted"),
    grid: of("--line"),
    late: of("--warn"),
  };
}

function optionsOf(width, top, hasYes, hasLate) {
  const { line, fill, text, grid, late } = colours();
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 } };
  const points = (colour) => ({ show: true, size: 7, width: 2, stroke: colour, fill: "transparent" });
  const series = [{}, {
    label: "count",
    stroke: line,
    fill,
    width: 2,
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: false },
  }];
  series.push({
    label: "True",
    show: hasYes,
    stroke: line,
    width: 2,
    dash: [6, 4],
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: false },
  });
  series.push({ label: "came late", show: hasLate, stroke: late, paths: () => null, points: points(late) });
  return {
    width,
    height,
    series,
    scales: { y: { range: [0, top * 1.08] } },
    axes: [{ ...axis, grid: { show: false } }, {
      ...axis,
      size: 46,
      values: (_, ticks) => ticks.map((tick) => tickText(tick, top, hasYes)),
    }],
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    padding: [8, 8, 0, 0],
  };
}

function tickText(tick, top, hasYes) {
  if (hasYes && top === 1) return tick === 1 ? "True" : tick === 0 ? "0" : "";
  return Number.isInteger(tick) ? tick.toLocaleString("en") : "";
}

/** The plot of these entries; nothing where there is no report. */
export function HistoryPlot({ entries, now }) {
  const box = useRef(null);
  const data = plotDataOf(entries, now);
  const isEmpty = data.times.length === 0;
  useEffect(() => {
    if (isEmpty) return;
    const { times, counts, yes, late, top } = data;
    const has = (values) => values.some((value) => value !== null);
    let plot;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(
        optionsOf(box.current.clientWidth, top, has(yes), has(late)),
        [times, counts, yes, late],
        box.current,
      );
    };
    draw();
    const observer = new ResizeObserver(() => plot.setSize({ width: box.current.clientWidth, height }));
    observer.observe(box.current);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", draw);
      plot.destroy();
    };
  }, [entries, isEmpty]);
  if (isEmpty) return null;
  const reports = entries.filter(({ kind }) => kind === "report").length;
  const label = `Availability over time: ${reports} reports; the table below has them all`;
  return html`<figure class="plot" role="img" aria-label=${label} ref=${box}></figure>`;
}
