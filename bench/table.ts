/**
 * Tables: as plain text, and as Markdown.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";

/** Rows of cells under a head. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of words, from the left; those after them are figures and stand to the right. */
  readonly wordColumns: number;
}

/** The table as lines of text, each column as wide as it has to be. */
export function renderText({ head, rows, wordColumns }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => unicodeWidth(row[column]))));
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, column) => {
      const padding = " ".repeat(widths[column] - unicodeWidth(cell));
      return column < wordColumns ? cell + padding : padding + cell;
    });
    return cells.join("  ").trimEnd();
  };
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Columns of a line in Markdown: as many as the project has in all its files. */
const columnsMax = 120;

/**
 * The table as Markdown, in lines that fit, and marked so that no formatter pads its cells. Ranges are short. The first
 * cell of a row that does not fit has a row of its own.
 */
export function renderMarkdown({ head, rows, wordColumns }: Table): string {
  const shown = (cell: string) => cell === "" ? "" : ` ${cell.replaceAll("|", "\\|").replaceAll(" to ", "–")} `;
  const line = (row: readonly string[]) => `|${row.map(shown).join("|")}|`;
  const lines = (row: readonly string[]) => {
    const [first, ...rest] = row;
    return first === "" || line(row).length <= columnsMax
      ? [line(row)]
      : [line([first, ...rest.map(() => "")]), line(["", ...rest])];
  };
  const rule = `|${head.map((_, column) => column < wordColumns ? " - " : " -: ").join("|")}|`;
  const table = [line(head), rule, ...rows.flatMap(lines)].join("\n");
  return `<!-- deno-fmt-ignore-start -->\n\n${table}\n\n<!-- deno-fmt-ignore-end -->`;
}
