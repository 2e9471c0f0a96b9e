/**
 * What the bench writes into the documentation: the plot, and the tables between the marks that stand there.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { rowId, sizes, windows } from "./groups/loads.ts";
import { type Panel, plot, type Series } from "./plot.ts";
import { type Circumstances, describe, isQuiet, sectionsOf } from "./report.ts";
import type { Figures, Results } from "./results.ts";
import { renderMarkdown } from "./table.ts";

const page = new URL("../docs/operations/performance.md", import.meta.url);
const picture = new URL("../docs/operations/performance.svg", import.meta.url);

/** The run is not one that the documentation may tell of; the message says why. */
export class UnfitError extends Error {
  override name = "UnfitError";
}

/**
 * Writes both.
 *
 * @throws {UnfitError} if others used the machine: nobody could tell later which figures are theirs.
 */
export async function writeDocs(results: Results, circumstances: Circumstances): Promise<void> {
  if (!isQuiet(circumstances)) {
    const [load, others] = [circumstances.loadBefore.toFixed(1), circumstances.otherProcessors.toFixed(2)];
    throw new UnfitError(
      `Cannot write the documentation: the load average was "${load}" before the bench, and others used "${others}" ` +
        "cores during it; repeat it on a quiet machine",
    );
  }
  const texts = new Map<string, string>([["run", `${describe(circumstances)}.`]]);
  for (const { name, table } of sectionsOf(results)) texts.set(name, renderMarkdown(table));
  await Deno.writeTextFile(page, fill(await Deno.readTextFile(page), texts));
  // As the page is checked, with columns as wide as they have to be.
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(page)] }).output();
  const panels = panelsOf(results);
  if (panels[0].series.length > 0) await Deno.writeTextFile(picture, plot(panels));
}

/** Replaces what stands between `<!-- bench NAME -->` and `<!-- end -->`; a text that has no marks is left out. */
export function fill(markdown: string, texts: ReadonlyMap<string, string>): string {
  return markdown.replace(/(<!-- bench (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (all, begin, name, end) => {
    const text = texts.get(name);
    return text === undefined ? all : `${begin}\n${text}\n\n${end}`;
  });
}

/** Throughput and latency of one session against the commands under way. */
export function panelsOf(results: Results): Panel[] {
  return [
    {
      title: "Commands per second",
      series: seriesOf(results, "perSecond"),
      say: (value) => value >= 1e6 ? `${value / 1e6} M` : value >= 1e3 ? `${value / 1e3} k` : String(value),
    },
    {
      title: "Median latency",
      series: seriesOf(results, "p50Ms"),
      say: (value) => value < 1 ? `${Math.round(value * 1000)} µs` : `${value} ms`,
    },
  ];
}

function seriesOf({ rows }: Results, column: keyof Figures): Series[] {
  const series: Series[] = [];
  for (const [colour, replicas] of sizes.entries()) {
    for (const system of ["vaxlog", "limit"] as const) {
      const points = windows.flatMap((outstanding) => {
        const figures = rows.get(rowId(replicas, 1, outstanding))?.[system][column];
        return figures === undefined
          ? []
          : [{ outstanding, value: figures.median, min: figures.min, max: figures.max }];
      });
      const label = `t = ${replicas}, ${system === "vaxlog" ? "Vaxlog" : "the limit"}`;
      if (points.length > 1) series.push({ label, colour, isDashed: system === "limit", points });
    }
  }
  return series;
}
