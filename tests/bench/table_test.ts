import { assertEquals } from "@std/assert";
import { renderMarkdown, renderText, type Table } from "../../bench/table.ts";

const table: Table = {
  head: ["row", "commands/s", "p50 µs"],
  rows: [["1 × 1", "3,000", "280"], ["", "412,000 (400,000 to 420,000)", "9"]],
  wordColumns: 1,
};

Deno.test("renderText() lines words up at the left and figures at the right", () => {
  assertEquals(
    renderText(table),
    `\
row                      commands/s  p50 µs
-----  ----------------------------  ------
1 × 1                         3,000     280
       412,000 (400,000 to 420,000)       9`,
  );
});

Deno.test("renderText() puts no blanks at the end of a line", () => {
  const lines = renderText({ head: ["a", "b"], rows: [["x", ""], ["", ""]], wordColumns: 2 }).split("\n");
  assertEquals(lines, ["a  b", "-  -", "x", ""]);
});

Deno.test("renderMarkdown() says how columns are aligned, keeps a bar in its cell, and shortens ranges", () => {
  assertEquals(
    renderMarkdown({ head: ["row", "value"], rows: [["a|b", "1 (0 to 2)"]], wordColumns: 1 }),
    marked("| row | value |\n| - | -: |\n| a\\|b | 1 (0–2) |"),
  );
});

Deno.test("renderMarkdown() gives the first cell a row of its own where a row would be over 120 columns", () => {
  const [wide, figure] = ["t = 3".padEnd(80, "."), "1".repeat(50)];
  assertEquals(
    renderMarkdown({ head: ["row", "value"], rows: [[wide, figure]], wordColumns: 1 }),
    marked(`| row | value |\n| - | -: |\n| ${wide} ||\n|| ${figure} |`),
  );
});

function marked(table: string): string {
  return `<!-- deno-fmt-ignore-start -->\n\n${table}\n\n<!-- deno-fmt-ignore-end -->`;
}
