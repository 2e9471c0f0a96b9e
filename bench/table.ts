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

/** The table as Markdown. */
export function renderMarkdown({ head, rows, wordColumns }: Table): string {
  const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${head.map((_, column) => column < wordColumns ? " - " : " -: ").join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
