/**
 * A site's history as a plot.
 *
 * @module
 */

import uPlot from "uplot";
import type { Entry } from "../../database/entries.ts";
import type { Unit } from "../../database/values.ts";
import { html, useLayoutEffect, useRef, type VNode } from "./lib.ts";
import { countTexts, roomFor, timeTexts } from "./plot_axes.ts";
import { type Heights, type PlotData, plotDataOf } from "./plot_data.ts";

const height = 180;
const font = "12px system-ui, sans-serif";

/** Pixels that a day in ISO 8601 takes, with the space before the next one. */
const dayRoom = 76;

/** Pixels that the axis of the counts takes at least: half of the text of a day stands below it. */
const countRoomLeast = 40;

/** How a line looks, and what it is: a colour as the style sheet names it, and dashes beside other lines. */
type LineLook = readonly [colour: string, dash: readonly number[], text: string];

const looks: Readonly<Record<Unit | "", LineLook>> = {
  "": ["--accent", [], "count without a unit"],
  doses: ["--doses", [12, 3], "doses"],
  appointments: ["--appointments", [3, 3], "appointments"],
};
const yesDash = [6, 4];

/** A colour of the style sheet as a canvas takes it: the one of two that is for light or dark. */
function colourOf(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  return getComputedStyle(element).color;
}

function optionsOf(element: HTMLElement, { lines, top }: PlotData, hasYes: boolean, hasLate: boolean): uPlot.Options {
  const [accent, text, grid, warn] = ["--accent", "--muted", "--line", "--warn"].map((name) => colourOf(element, name));
  const axis = {
    stroke: text,
    font,
    gap: 5,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
  };
  const steps = { width: 2, paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } };
  const isAlone = lines.length === 1;
  return {
    width: element.clientWidth,
    height,
    series: [
      {},
      ...lines.map(({ unit }) => {
        const [colour, dash] = looks[unit];
        const stroke = colourOf(element, colour);
        const look = isAlone ? { fill: stroke.replace(/^rgb\((.*)\)$/, "rgb($1, 0.13)") } : { dash: [...dash] };
        return { ...steps, stroke, ...look };
      }),
      { ...steps, show: hasYes, stroke: accent, dash: yesDash },
      {
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
        roomFor(texts ?? [], (text) => widthOf(plot.ctx, text), axis.gap + axis.ticks.size, countRoomLeast),
      values: (_, ticks) => countTexts(ticks, { top, hasYes }),
    }],
    legend: { show: false },
    cursor: { y: false, points: { show: false } },
    // Half of the text of a day stands beside the last tick.
    padding: [8, dayRoom / 2, 0, 0],
  };
}

/** Pixels that a text takes on the plot. */
function widthOf(ctx: CanvasRenderingContext2D, text: string): number {
  ctx.save();
  ctx.font = font;
  const { width } = ctx.measureText(text);
  ctx.restore();
  return width;
}

/** The plot of these entries; nothing where there is no report. */
export function HistoryPlot({ entries, now }: { entries: readonly Entry[]; now: number }): VNode | null {
  const box = useRef<HTMLElement>(null);
  const data = plotDataOf(entries, now);
  const { times, lines, yes, late } = data;
  const has = (values: Heights) => values.some((value) => value !== null);
  const [hasYes, hasLate] = [has(yes), has(late)];
  const isEmpty = times.length === 0;
  useLayoutEffect(() => {
    if (isEmpty) return;
    const element = box.current!;
    const values = [times, ...lines.map(({ values }) => values), yes, late] as uPlot.AlignedData;
    const drawn = () => new uPlot(optionsOf(element, data, hasYes, hasLate), values, element);
    let plot = drawn();
    const draw = () => {
      plot.destroy();
      plot = drawn();
    };
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
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
  // What the lines and the marks look like, and what they are; a mark has no dashes.
  const keys: [colour: string, dash: readonly number[] | undefined, text: string][] = lines
    .filter(({ values }) => has(values)).map(({ unit }) => {
      const [colour, dash, text] = looks[unit];
      return [colour, lines.length === 1 ? [] : dash, text];
    });
  if (hasYes) keys.push(["--accent", yesDash, "True: some, not counted"]);
  if (hasLate) keys.push(["--warn", undefined, "reported late, never shown"]);
  const label = `Availability over time: ${reports} reports; the table below has them all`;
  return html`
    <div>
      <figure class="plot" role="img" aria-label=${label} ref=${box}></figure>
      <ul class="plot-legend flow note" aria-label="Lines of the plot">
        ${keys.map(([colour, dash, text]) => {
          const style = { stroke: `var(${colour})` };
          return html`
            <li><svg width="26" height="10" aria-hidden="true">${dash === undefined
              ? html`<circle cx="13" cy="5" r="3.5" fill="none" style=${style} stroke-width="2" />`
              : html`
                <line x1="0" y1="5" x2="26" y2="5" style=${style} stroke-width="2"
                  stroke-dasharray=${dash.join(" ")} />
              `}</svg>${text}</li>
          `;
        })}
      </ul>
    </div>
  `;
}
