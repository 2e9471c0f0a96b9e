import { assert, assertEquals } from "@std/assert";
import { fill, panelsOf } from "../../bench/docs.ts";
import { messagesOf } from "../../bench/groups/cost.ts";
import { plot } from "../../bench/plot.ts";
import { sectionsOf } from "../../bench/report.ts";
import { renderText } from "../../bench/table.ts";
import { resultsOf } from "./samples.ts";

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

Deno.test("messagesOf() counts the messages of a request", () => {
  assertEquals(messagesOf(3, "closed"), 8);
  assertEquals(messagesOf(1, "closed"), 3);
  assertEquals(messagesOf(3, "backlog"), 7);
  assertEquals(messagesOf(3, "rare"), 17);
});
