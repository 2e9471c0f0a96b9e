/**
 * A site's history as a plot.
 *
 * @module
 */

import uPlot from "uplot";
import { html, useEffect, useRef } from "./lib.js";
import { countTexts, roomFor, timeTexts } from "./plot_axes.js";
import { plotDataOf } from "./plot_data.js";

const height = 180;
const font = "12px system-ui, sans-serif";

/** Pixels that a day in ISO 8601 takes, with what keeps it from the next one. */
const dayRoom = 76;

/** Pixels that the axis of the counts takes at least: half a day stands below it. */
const countRoomLeast = 40;

/** How the lines of the units look: the names of their colours in the style sheet, and their dashes beside others. */
const looks = {
  "": { colour: "--accent", dash: [], text: "count without a unit" },
  doses: { colour: "--doses", dash: [12, 3], text: "doses" },
  appointments: { colour: "--appointments", dash: [3, 3], text: "appointments" },
};
const yesDash = [6, 4];

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function optionsOf(width, { lines, top }, hasYes, hasLate) {
  const [accent, text, grid, warn] = ["--accent", "--muted", "--line", "--warn"].map(colourOf);
  const axis = {
    stroke: text,
    font,
    gap: 5,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
  };
  const steps = { width: 2, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } };
  const isAlone = lines.length === 1;
  return {
    width,
    height,
    series: [
      {},
      ...lines.map(({ unit }) => ({
        ...steps,
        label: looks[unit].text,
        stroke: colourOf(looks[unit].colour),
        ...isAlone ? { fill: `${colourOf(looks[unit].colour)}22` } : { dash: looks[unit].dash },
      })),
      { ...steps, label: "True", show: hasYes, stroke: accent, dash: yesDash },
      {
        label: "came late",
        show: hasLate,
        stroke: warn,
        paths: () => null,
        points: { show: true, size: 7, width: 2, stroke: warn, fill: "transparent" },
      },
    ],
    scales: { y: { range: [0, top * 1.08] } },
    axes: [{
      ...axis,
      grid: { show: false },
      space: dayRoom,
      values: (_, ticks, _axis, _space, increment) => timeTexts(ticks, increment),
    }, {
      ...axis,
      size: (plot, texts) =>
        roomFor(texts ?? [], (text) => widthOf(plot, text), axis.gap + axis.ticks.size, countRoomLeast),
      values: (_, ticks) => countTexts(ticks, { top, hasYes }),
    }],
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    // Half a day stands beside the last tick.
    padding: [8, dayRoom / 2, 0, 0],
  };
}

/** Pixels that a text takes on the plot. */
function widthOf({ ctx }, text) {
  ctx.save();
  ctx.font = font;
  const { width } = ctx.measureText(text);
  ctx.restore();
  return width;
}

/** The plot of these entries; nothing where there is no report. */
export function HistoryPlot({ entries, now }) {
  const box = useRef(null);
  const data = plotDataOf(entries, now);
  const { times, lines, yes, late } = data;
  const has = (values) => values.some((value) => value !== null);
  const [hasYes, hasLate] = [has(yes), has(late)];
  const isEmpty = times.length === 0;
  useEffect(() => {
    if (isEmpty) return;
    let plot;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(
        optionsOf(box.current.clientWidth, data, hasYes, hasLate),
        [times, ...lines.map(({ values }) => values), yes, late],
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
  const drawn = lines.filter(({ values }) => has(values));
  const label = `Availability over time: ${reports} reports; the table below has them all`;
  return html`
    <div class="history-plot">
      <figure class="plot" role="img" aria-label=${label} ref=${box}></figure>
      <ul class="plot-legend" aria-label="Lines of the plot">
        ${drawn.map(({ unit }) =>
          html`
            <${Key} colour=${looks[unit].colour} dash=${lines.length === 1 ? [] : looks[unit].dash}
              text=${looks[unit].text} />
          `
        )}
        ${hasYes && html`<${Key} colour="--accent" dash=${yesDash} text="True: some, not counted" />`}
        ${hasLate && html`<${Key} colour="--warn" isMark text="reported late, never shown" />`}
      </ul>
    </div>
  `;
}

/** What a line of the plot looks like, and what it is. */
function Key({ colour, dash = [], isMark = false, text }) {
  const stroke = `var(${colour})`;
  return html`
    <li>
      <svg width="26" height="10" aria-hidden="true">${isMark
        ? html`<circle cx="13" cy="5" r="3.5" fill="none" style=${{ stroke }} stroke-width="2" />`
        : html`<line x1="0" y1="5" x2="26" y2="5" style=${{ stroke }} stroke-width="2" stroke-dasharray=${
          dash.join(" ")
        } />`}</svg>${text}</li>
  `;
}
