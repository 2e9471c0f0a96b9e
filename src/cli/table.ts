/**
 * Tables that fit the window: what matters least gives way first, and says so.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { printable } from "../quoted.ts";
import { wrapped } from "../front/layout.ts";
import { plain, type Style } from "./render.ts";

/** One column of a table. */
export interface Column {
  /** What stands over it. */
  readonly head: string;
  /** Whether it holds figures: they stand to the right, and are never cut, since half a figure is another figure. */
  readonly isFigure?: boolean;
  /** The larger, the sooner it gives way; 0 stays to the last. */
  readonly rank: number;
  /** Columns of the window that it keeps before whole columns are left out; 8. */
  readonly widthMin?: number;
}

/** How a table is printed. */
export interface TableOptions {
  /** Columns of the window; absent: nothing is cut or left out, as in a pipe or a file. */
  readonly width?: number;
  /** How the head is marked. */
  readonly style?: Style;
}

const gap = "  ";
const widthMinDefault = 8;

/**
 * A table that is printed block by block, as its rows come. Columns only become wider from one block to the next, and a
 * new head is printed where others must be left out than before. Columns that have been empty so far are left out on a
 * terminal.
 */
export class Table {
  readonly #columns: readonly Column[];
  readonly #width: number | undefined;
  readonly #style: Style;
  /** The width of what each column has held. */
  readonly #natural: number[];
  #shown: readonly number[] = [];
  readonly #leftOut = new Set<number>();

  /** @param columns from left to right, one at least. */
  constructor(columns: readonly Column[], { width, style = plain }: TableOptions = {}) {
    this.#columns = columns;
    this.#width = width;
    this.#style = style;
    this.#natural = columns.map(() => 0);
  }

  /**
   * Prints rows, with the head before the first ones.
   *
   * @param rows a cell for each column; control characters in them are printed escaped.
   */
  rows(rows: readonly (readonly string[])[]): string {
    const cells = rows.map((row) => row.map(printable));
    for (const row of cells) {
      for (const [at, cell] of row.entries()) this.#natural[at] = Math.max(this.#natural[at], unicodeWidth(cell));
    }
    const widths = this.#fit();
    const shown = [...widths.keys()];
    let text = "";
    if (shown.join() !== this.#shown.join()) {
      const head = this.#line(widths, this.#columns.map((column) => column.head));
      text = `${this.#shown.length > 0 ? "\n" : ""}${this.#style.prompt(head)}\n`;
      this.#shown = shown;
    }
    return text + cells.map((row) => `${this.#line(widths, row)}\n`).join("");
  }

  /** What has not been shown for want of room, as a line to print behind the table; empty if there is nothing. */
  end(): string {
    const heads = [...this.#leftOut].toSorted((a, b) => a - b).map((at) => this.#columns[at].head);
    if (heads.length === 0) return "";
    return `${wrapped(`(no room for: ${heads.join(", ")}; --json and a wider window show all)`, this.#width)}\n`;
  }

  #line(widths: ReadonlyMap<number, number>, cells: readonly string[]): string {
    const parts = [...widths].map(([at, width]) => {
      const cell = cut(cells[at], width);
      const padding = " ".repeat(width - unicodeWidth(cell));
      return this.#columns[at].isFigure ? padding + cell : cell + padding;
    });
    return parts.join(gap).trimEnd();
  }

  /** The columns that are shown, from the left, and how wide each is. */
  #fit(): Map<number, number> {
    const wanted = new Map(this.#columns.map(({ head }, at) => [at, Math.max(this.#natural[at], unicodeWidth(head))]));
    const room = this.#width;
    if (room === undefined) return wanted;
    for (const [at, natural] of this.#natural.entries()) if (natural === 0 && wanted.size > 1) wanted.delete(at);
    for (;;) {
      const fitted = shrink(wanted, this.#columns, room);
      if (fitted !== undefined) return fitted;
      const least = [...wanted.keys()].reduce((a, b) => this.#columns[b].rank >= this.#columns[a].rank ? b : a);
      if (wanted.size === 1) return new Map([[least, Math.max(1, room)]]);
      wanted.delete(least);
      this.#leftOut.add(least);
    }
  }
}

/** Makes columns narrower, the least important one first, until they fit; undefined if they cannot. */
function shrink(
  wanted: ReadonlyMap<number, number>,
  columns: readonly Column[],
  room: number,
): Map<number, number> | undefined {
  const widths = new Map(wanted);
  let excess = [...widths.values()].reduce((a, b) => a + b) + gap.length * (widths.size - 1) - room;
  const byRank = [...widths.keys()].toSorted((a, b) => columns[b].rank - columns[a].rank);
  for (const at of byRank) {
    if (excess <= 0) break;
    const { isFigure, widthMin = widthMinDefault } = columns[at];
    const width = wanted.get(at) ?? 0;
    const less = isFigure ? 0 : Math.min(excess, Math.max(0, width - widthMin));
    widths.set(at, width - less);
    excess -= less;
  }
  return excess <= 0 ? widths : undefined;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The beginning of a text that is at most so wide, with an ellipsis if that is not all; a letter and what combines with
 * it stay together.
 *
 * @param width columns of a terminal, 1 or more.
 */
export function cut(text: string, width: number): string {
  if (unicodeWidth(text) <= width) return text;
  let kept = "";
  let left = width - 1;
  for (const { segment } of letters.segment(text)) {
    left -= unicodeWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
