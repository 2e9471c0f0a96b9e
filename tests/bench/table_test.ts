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

Deno.test("renderMarkdown() says how columns are aligned, and a bar in a cell ends no cell", () => {
  assertEquals(
    renderMarkdown({ head: ["row", "value"], rows: [["a|b", "1"]], wordColumns: 1 }),
    "| row | value |\n| - | -: |\n| a\\|b | 1 |",
  );
});
