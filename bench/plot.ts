/**
 * The plot in the documentation: throughput and median latency against the commands under way, as SVG.
 *
 * The colours are chosen for a light and for a dark page; the page's own background shows through.
 *
 * @module
 */

/** One line of the plot. */
export interface Series {
  readonly label: string;
  /** Which of the colours. */
  readonly colour: number;
  readonly isDashed: boolean;
  readonly points: readonly Point[];
}

/** The value measured with that many commands under way. */
export interface Point {
  readonly outstanding: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

/** One of the diagrams that stand side by side. */
export interface Panel {
  readonly title: string;
  /** What the horizontal axis counts; absent: the commands under way. */
  readonly across?: string;
  readonly series: readonly Series[];
  /** A value of the vertical axis in words. */
  readonly say: (value: number) => string;
}

const panelWidth = 430;
const height = 360;
const margin = { left: 62, right: 14, top: 34, bottom: 46 };
// For the half of the last label that stands beyond the last panel.
const labelRoom = 24;
const [legendHeight, legendWidth] = [44, 170];

const style = `
  text { font: 12px system-ui, sans-serif; fill: #333 }
  .title { font-weight: 600 }
  .grid { stroke: #8886; stroke-width: 0.5 }
  .line { fill: none; stroke-width: 2 }
  .dashed { stroke-dasharray: 5 4 }
  .bar { stroke-width: 1 }
  .c0 { stroke: #1f6fb4 } .c1 { stroke: #c4500c } .c2 { stroke: #2c7f3f } .c3 { stroke: #8a3fa0 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd }
    .c0 { stroke: #6cb2f0 } .c1 { stroke: #f59a5b } .c2 { stroke: #74c786 } .c3 { stroke: #cf93e0 }
  }
`;

/** Draws the panels, with one legend for all. */
export function plot(panels: readonly Panel[]): string {
  const width = panels.length * panelWidth;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + labelRoom} ${height + legendHeight}" role="img">`,
    `<title>${panels.map(({ title }) => escape(title)).join("; ")}</title>`,
    `<style>${style}</style>`,
    ...panels.map((panel, at) => `<g transform="translate(${at * panelWidth} 0)">\n${draw(panel)}\n</g>`),
    ...legendsOf(panels),
    "</svg>\n",
  ].join("\n");
}

/** A scale of powers: from the power below the least value to the one above the greatest. */
class LogScale {
  readonly ticks: readonly number[];
  readonly #from: number;
  readonly #to: number;
  readonly #low: number;
  readonly #high: number;

  /** Maps `low` to `from` and `high` to `to`, with a tick at each power of `base`. */
  constructor(values: readonly number[], base: number, from: number, to: number) {
    // A power that is met exactly is not passed over because of how it is rounded.
    const exponent = (value: number) => Math.round(Math.log(value) / Math.log(base) * 1e6) / 1e6;
    const [first, last] = [Math.floor(exponent(Math.min(...values))), Math.ceil(exponent(Math.max(...values)))];
    this.ticks = Array.from({ length: Math.max(last, first + 1) - first + 1 }, (_, at) => base ** (first + at));
    [this.#low, this.#high] = [this.ticks[0], this.ticks.at(-1)!];
    [this.#from, this.#to] = [from, to];
  }

  at(value: number): number {
    const part = Math.log(value / this.#low) / Math.log(this.#high / this.#low);
    return Math.round((this.#from + part * (this.#to - this.#from)) * 10) / 10;
  }
}

function draw({ title, across = "commands under way in one session", series, say }: Panel): string {
  const points = series.flatMap((one) => one.points);
  const [left, right] = [margin.left, panelWidth - margin.right];
  const [top, bottom] = [margin.top, height - margin.bottom];
  const counts = points.map(({ outstanding }) => outstanding);
  const x = new LogScale(counts, Math.max(...counts) > 1e5 ? 10 : 4, left, right);
  const y = new LogScale(points.flatMap(({ min, max }) => [min, max]), 10, bottom, top);
  const parts = [`<text class="title" x="${left}" y="18">${escape(title)}</text>`];
  for (const tick of x.ticks) {
    parts.push(line("grid", x.at(tick), top, x.at(tick), bottom));
    parts.push(`<text x="${x.at(tick)}" y="${bottom + 16}" text-anchor="middle">${inShort(tick)}</text>`);
  }
  for (const tick of y.ticks) {
    parts.push(line("grid", left, y.at(tick), right, y.at(tick)));
    parts.push(`<text x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${escape(say(tick))}</text>`);
  }
  const middle = (left + right) / 2;
  parts.push(`<text x="${middle}" y="${bottom + 36}" text-anchor="middle">${escape(across)}</text>`);
  for (const { colour, isDashed, points } of series) {
    const path = points.map(({ outstanding, value }) => `${x.at(outstanding)},${y.at(value)}`).join(" ");
    parts.push(`<polyline class="${lineClass(colour, isDashed)}" points="${path}"/>`);
    for (const { outstanding, min, max } of points) {
      parts.push(line(`bar c${colour}`, x.at(outstanding), y.at(min), x.at(outstanding), y.at(max)));
    }
  }
  return parts.join("\n");
}

/** One for all panels, if they have the same lines; otherwise one for each. */
function legendsOf(panels: readonly Panel[]): string[] {
  const labels = ({ series }: Panel) => series.map(({ label }) => label).join("\n");
  const isShared = panels.every((panel) => labels(panel) === labels(panels[0]));
  return (isShared ? panels.slice(0, 1) : panels).map(({ series }, at) =>
    `<g transform="translate(${at * panelWidth} 0)">\n${legend(series)}\n</g>`
  );
}

function legend(series: readonly Series[]): string {
  return series.map(({ label, colour, isDashed }, at) => {
    const left = margin.left + Math.floor(at / 2) * legendWidth;
    const top = height + 12 + (at % 2) * 20;
    return line(lineClass(colour, isDashed), left, top, left + 28, top) +
      `<text x="${left + 34}" y="${top + 4}">${escape(label)}</text>`;
  }).join("\n");
}

function lineClass(colour: number, isDashed: boolean): string {
  return `line c${colour}${isDashed ? " dashed" : ""}`;
}

function line(name: string, x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** A number that takes little room below an axis. */
function inShort(count: number): string {
  return count < 1e6 ? count.toLocaleString("en") : `${count / 1e6} million`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
