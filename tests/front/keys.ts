/**
 * A keyboard that a test types at, and what a terminal shows of what is written to it.
 *
 * @module
 */

import type { Keyboard } from "../../src/front/line_editor.ts";

/** A keyboard. */
export class Keys implements Keyboard {
  /** Whether each key is given at once. */
  isRaw = false;
  readonly #typed: (Uint8Array | null)[] = [];
  #waiting: (() => void) | undefined;
  #emptied = Promise.withResolvers<void>();

  /** Types something. */
  type(text: string): void {
    this.#give(new TextEncoder().encode(text));
  }

  /** Closes the terminal. */
  end(): void {
    this.#give(null);
  }

  /** Resolves when all that was typed has been read, and dealt with. */
  async emptied(): Promise<void> {
    await this.#emptied.promise;
    // A stream hands on what it was given in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Gives the next piece. */
  async read(into: Uint8Array): Promise<number | null> {
    while (this.#typed.length === 0) {
      this.#emptied.resolve();
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
    const piece = this.#typed.shift()!;
    if (piece !== null) into.set(piece);
    return piece === null ? null : piece.length;
  }

  /** Takes note of it. */
  setRaw(isRaw: boolean): void {
    this.isRaw = isRaw;
  }

  #give(piece: Uint8Array | null): void {
    this.#emptied = Promise.withResolvers();
    this.#typed.push(piece);
    this.#waiting?.();
  }
}

/** The lines of a terminal that shows this text. Only prompts keep the blanks at their ends. */
export function shown(text: string, columns = 80): string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  // deno-lint-ignore no-control-regex -- what moves a cursor begins with one
  const pattern = /\x1b\[(\d*)([A-Z])|[^]/gu;
  for (const [piece, count, order] of text.matchAll(pattern)) {
    if (order === "A") row -= Number(count);
    else if (order === "G") column = Number(count) - 1;
    else if (order === "D") column -= Number(count || 1);
    else if (order === "C") column += Number(count || 1);
    else if (order === "J") {
      rows.length = row + 1;
      rows[row].length = column;
    } else if (order !== undefined) throw new Error(`the terminal of tests does not know ${JSON.stringify(piece)}`);
    else if (piece === "\r") column = 0;
    else if (piece === "\n") {
      column = 0;
      row++;
    } else {
      if (column >= columns) {
        column = 0;
        row++;
      }
      rows[row] ??= [];
      rows[row][column++] = piece;
    }
    rows[row] ??= [];
  }
  return rows.map((line) => Array.from(line, (it) => it ?? " ").join(""));
}
