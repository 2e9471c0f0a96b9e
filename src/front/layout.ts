/**
 * Lines that fit a window: a terminal itself breaks them in the middle of words.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { unicodeWidth } from "@std/cli/unicode-width";

/**
 * Columns of a terminal that does not say how many it has: the first ones had as many. A page has no more in any
 * window, as longer lines are hard to read.
 */
const columnsDefault = 80;

/** Columns that are left for the meaning of a term; where there are fewer, it is printed below the term. */
const meaningMin = 24;

/** How far it is indented there. */
const meaningIndent = 4;

/** Tells how wide the terminal is that this goes to, whenever it is asked; undefined if it goes elsewhere. */
export function columnsOf(stream: { isTerminal(): boolean }): () => number | undefined {
  // A window may change, but what goes elsewhere goes there to its end.
  if (!stream.isTerminal()) return () => undefined;
  return () => {
    try {
      // Some pseudo-terminals say 0.
      return Deno.consoleSize().columns || columnsDefault;
    } catch {
      return columnsDefault;
    }
  };
}

/**
 * Breaks lines that are too long, between words. A word that is too long stays whole: it may be a URL. The meaning
 * of a term in a list stays to the right of the term.
 *
 * @param columns of the terminal; undefined: there is none, and the text stays as it is.
 */
export function wrapped(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  const room = roomOf(columns);
  return text.split("\n").map((line) => widthOf(line) <= room ? line : broken(line, room)).join("\n");
}

/** {@link wrapped}, for what is read as a whole: also where there is no terminal, and not as wide as some are. */
export function page(text: string, columns = columnsDefault): string {
  return wrapped(text, Math.min(columns, columnsDefault));
}

/** In its last column, a terminal may begin a new line. */
function roomOf(columns: number): number {
  return columns - 1;
}

function broken(line: string, room: number): string {
  const own = /^ */.exec(line)![0].length;
  const term = /^ +\S+(?: \S+)* {2,}/.exec(line)?.[0].length ?? Infinity;
  const indent = term + meaningMin <= room ? term : own > 0 ? own + meaningIndent : 0;
  return filled(line.match(/ *[^ ]+ *$| *[^ ]+/g) ?? [line], room, indent);
}

/**
 * Puts pieces into lines, none of them broken.
 *
 * @param pieces with the blanks before them, which are left out at the beginning of a line.
 */
function filled(pieces: readonly string[], room: number, indent: number): string {
  const lines: string[] = [];
  let line = pieces[0] ?? "";
  for (const piece of pieces.slice(1)) {
    if (widthOf(line) + widthOf(piece.trimEnd()) <= room) {
      line += piece;
    } else {
      lines.push(line);
      line = " ".repeat(indent) + piece.trimStart();
    }
  }
  return [...lines, line].join("\n");
}

function widthOf(text: string): number {
  return unicodeWidth(stripVTControlCharacters(text));
}

/**
 * Puts what belongs together, such as choices, next to each other, with gaps between, in the lines of a {@link page}.
 */
export function flowed(items: readonly string[], columns = columnsDefault): string {
  const room = roomOf(Math.min(columns, columnsDefault));
  return filled(items.map((item, at) => at === 0 ? item : `  ${item}`), room, 0);
}

/** Terms to the left, what they mean to the right; a line each. */
export function rows(pairs: readonly (readonly [term: string, meaning: string])[]): string {
  const width = Math.max(...pairs.map(([term]) => term.length));
  return pairs.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}\n`).join("");
}
