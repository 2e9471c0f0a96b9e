import { assert, assertEquals } from "@std/assert";
import { fill, panelsOf } from "../../bench/docs.ts";
import { modelRows } from "../../bench/model.ts";
import { plot } from "../../bench/plot.ts";
import { describe, loadBoundOf, sectionsOf } from "../../bench/report.ts";
import { renderText } from "../../bench/table.ts";
import { resultsOf, sample } from "./samples.ts";

Deno.test("fill() replaces what stands between marks, and can do it again", () => {
  const page = "# Speed\n\n<!-- bench goals -->\n<!-- end -->\n\nText.\n\n<!-- bench loads -->\nold\n<!-- end -->\n";
  const once = fill(page, new Map([["goals", "| a |"]]));
  assertEquals(
    once,
    "# Speed\n\n<!-- bench goals -->\n\n| a |\n\n<!-- end -->\n\nText.\n\n<!-- bench loads -->\nold\n<!-- end -->\n",
  );
  assertEquals(fill(once, new Map([["goals", "| a |"]])), once);
});

Deno.test("plot() draws a line per size and system, and escapes what it is given", () => {
  const results = resultsOf({
    "t3-1x1": [3_000, 8_000],
    "t3-1x256": [300_000, 600_000],
    "t7-1x1": [1_000, 4_000],
    "t7-1x256": [90_000, 300_000],
  });
  const panels = panelsOf(results);
  const svg = plot(panels);
  assertEquals(svg.match(/<polyline /g)?.length, 2 * 4);
  assertEquals(svg.match(/ dashed"/g)?.length, 2 * 2 + 2);
  assert(svg.includes("prefers-color-scheme: dark"));
  assert(!/NaN|Infinity|undefined/.test(svg), svg);
  assert(plot([{ ...panels[0], title: "<b> & c" }]).includes("&lt;b&gt; &amp; c"));
});

Deno.test("sectionsOf() shows a row as two systems and their ratio", () => {
  const [{ table }] = sectionsOf(resultsOf({ "t3-1x256": [300_000, 600_000] }));
  const lines = renderText(table).split("\n").slice(2);
  assertEquals(lines.map((line) => line.split(/\s{2,}/)[1]), ["vaxlog", "limit", "ratio"]);
  assert(lines[0].includes("300,000 (270,000 to 330,000)"));
  assert(lines[2].includes("0.5 (0.5 to 0.5)"));
});

Deno.test("sectionsOf() shows what a command costs beside what the model says", () => {
  const results = resultsOf({});
  const alone = { hops: 3.104, atClients: { OUTPUT: 1, REQUEST: 3 }, betweenReplicas: { RECEIVED: 2, EXECUTED: 0.06 } };
  const inStep = { hops: 3, atClients: { REQUEST: 3, OUTPUT: 1 }, betweenReplicas: { RECEIVED: 2 } };
  results.modelCosts.push({ model: modelRows[0], alone, inStep });
  const [{ name, table }] = sectionsOf(results);
  assertEquals(name, "model");
  assertEquals(table.rows, [
    ["1 client", "3 REQUEST, 2 RECEIVED, 1 OUTPUT, 0.06 EXECUTED", "4", "2.06", "3.1", "8, 4.2", "6, 3.1", "6, 3"],
  ]);
});

const quiet = {
  date: "2026-11-24 16:51 UTC",
  cores: 2,
  processor: "AMD EPYC",
  deno: "2.9.6",
  loadBefore: 0.7,
  loadAfter: 2.4,
  otherProcessors: 0.05,
  isQuick: false,
  seconds: 237,
};

Deno.test("describe() says how busy the machine was before, after and meanwhile, and warns if others used it", () => {
  const text = describe(quiet);
  assert(text.endsWith("load average 0.7 before and 2.4 after; others used 0.05 cores meanwhile"), text);
  assert(describe({ ...quiet, otherProcessors: 0.5 }).includes("neither figures nor ratios"));
  assert(describe({ ...quiet, loadBefore: 3 }).includes("neither figures nor ratios"));
});

Deno.test("loadBoundOf() names the rows in which the load process had no time left", () => {
  const results = resultsOf({ "t3-1x1": [3_000, 8_000] });
  const busy = { ...sample(30_000), loadProcessors: 0.97 };
  results.addRow("t3-64x1", "64 × 1", [sample(20_000)], [busy]);
  assertEquals(loadBoundOf(results), ["t3-64x1"]);
});
