/**
 * Tables that fit the window: what matters least gives way first, and the table says so.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { printable } from "../quoted.ts";
import { wrapped } from "../front/layout.ts";
import { marking } from "./marking.ts";
import type { Surroundings } from "./surroundings.ts";

/** One column of a table of `T`. */
export interface TableColumn<T> {
  /** Its head. */
  readonly head: string;
  /** Its head in a window that is too narrow for the long ones. */
  readonly short?: string;
  /** Whether it holds figures: they stand to the right, and are never cut, since half a figure is another figure. */
  readonly isFigure?: boolean;
  /** The larger, the sooner it gives way; 0 stays to the last. */
  readonly rank: number;
  /** Whether it is left out, wherever the table goes, until it holds something. */
  readonly isRare?: boolean;
  /** Columns of the window that it keeps before whole columns are left out; 8. */
  readonly widthMin?: number;
  /** What it says of an item; control characters are escaped when it is printed. */
  cell(item: T): string;
}

/** How wide each column is, by its place. */
type Widths = ReadonlyMap<number, number>;

const gap = "  ";
const widthMinDefault = 8;

/** A table for the window that the output goes to, if it goes to one. */
export function tableFor<T>(columns: readonly TableColumn<T>[], around: Surroundings): Table<T> {
  return new Table(columns, around.columns(), around.hasColour);
}

/**
 * A table that is printed block by block, as its rows come. Columns only become wider from one block to the next, and a
 * new head is printed where others must be left out than before. On a terminal, a column is left
 * out until it holds something.
 */
export class Table<T> {
  readonly #columns: readonly TableColumn<T>[];
  readonly #width: number | undefined;
  readonly #hasColour: boolean;
  /** The width of what each column has held. */
  readonly #natural: number[];
  /** Whether the heads are the short ones. */
  #isShort = false;
  #shown = "";
  readonly #leftOut = new Set<number>();

  /**
   * @param columns from left to right, one at least.
   * @param width columns of the window; absent: nothing is cut or left out, as in a pipe or a file.
   * @param hasColour whether the head is marked.
   */
  constructor(columns: readonly TableColumn<T>[], width?: number, hasColour = false) {
    this.#columns = columns;
    this.#width = width;
    this.#hasColour = hasColour;
    this.#natural = columns.map(() => 0);
  }

  /** Prints a row for each item, with the head before the first ones. Reads each cell once. */
  rows(items: readonly T[]): string {
    const cells = items.map((item) => this.#columns.map((column) => printable(column.cell(item))));
    for (const row of cells) {
      for (const [at, cell] of row.entries()) this.#natural[at] = Math.max(this.#natural[at], unicodeWidth(cell));
    }
    const widths = this.#fit();
    const lines = cells.map((row) => `${this.#line(widths, row)}\n`).join("");
    const shown = `${[...widths.keys()]} ${this.#isShort}`;
    if (shown === this.#shown) return lines;
    const head = marking(this.#hasColour)("prompt", this.#line(widths, this.#heads()));
    const before = this.#shown === "" ? "" : "\n";
    this.#shown = shown;
    return `${before}${head}\n${lines}`;
  }

  /** Names the columns that had no room, in a line to print after the table; empty if there are none. */
  end(): string {
    const heads = [...this.#leftOut].toSorted((a, b) => a - b).map((at) => this.#columns[at].head);
    if (heads.length === 0) return "";
    const line = `(no room for: ${heads.join(", ")}; --json and a wider window show all)`;
    return `${wrapped(line, this.#width)}\n`;
  }

  #heads(): string[] {
    return this.#columns.map(({ head, short }) => this.#isShort ? short ?? head : head);
  }

  #line(widths: Widths, cells: readonly string[]): string {
    const parts = [...widths].map(([at, width]) => {
      const cell = cut(cells[at], width);
      const padding = " ".repeat(width - unicodeWidth(cell));
      return this.#columns[at].isFigure ? padding + cell : cell + padding;
    });
    return parts.join(gap).trimEnd();
  }

  /** The columns that are shown, from the left, and how wide each is. */
  #fit(): Widths {
    const room = this.#width ?? Infinity;
    const wanted = this.#wanted();
    if (excessOf(wanted, room) > 0 && !this.#isShort) {
      this.#isShort = true;
      return this.#fit();
    }
    for (;;) {
      // The least important one first.
      const order = [...wanted.keys()].sort((a, b) => this.#columns[b].rank - this.#columns[a].rank);
      const fitted = this.#shrunk(wanted, order, room);
      if (fitted !== undefined) return fitted;
      const least = order.reduce((a, b) => this.#columns[b].rank >= this.#columns[a].rank ? b : a);
      if (wanted.size === 1) return new Map([[least, Math.max(1, room)]]);
      wanted.delete(least);
      this.#leftOut.add(least);
    }
  }

  /** The columns that there is something to show of, and how wide each is where there is room. */
  #wanted(): Map<number, number> {
    const widths = this.#heads().map((head, at) => [at, Math.max(this.#natural[at], unicodeWidth(head))] as const);
    const isShown = (at: number) => this.#natural[at] > 0 || (this.#width === undefined && !this.#columns[at].isRare);
    const held = widths.filter(([at]) => isShown(at));
    return new Map(held.length > 0 ? held : widths.slice(-1));
  }

  /** Makes columns narrower, in that order, until they fit; undefined if they cannot. */
  #shrunk(wanted: Widths, order: readonly number[], room: number): Widths | undefined {
    const widths = new Map(wanted);
    let excess = excessOf(widths, room);
    for (const at of order) {
      const { isFigure, widthMin = widthMinDefault } = this.#columns[at];
      const width = widths.get(at)!;
      const less = isFigure || excess <= 0 ? 0 : Math.min(excess, Math.max(0, width - widthMin));
      widths.set(at, width - less);
      excess -= less;
    }
    return excess <= 0 ? widths : undefined;
  }
}

/** The columns of the window that a line lacks. */
function excessOf(widths: Widths, room: number): number {
  return [...widths.values()].reduce((a, b) => a + b) + gap.length * (widths.size - 1) - room;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The beginning of a text, with an ellipsis if that is not all; a letter and what combines with it stay together.
 *
 * @param width the most columns of a terminal that it may take, 1 or more.
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
