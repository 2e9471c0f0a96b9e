/**
 * The lines of a stream of text.
 *
 * @module
 */

import { LineCutter, type LineRun } from "../line_cutter.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One line of text, without its line break: `\n` or `\r\n`. */
export interface TextLine {
  readonly text: string;
  /** Whether it was longer than the bound: `text` is its beginning, and the rest is dropped. */
  readonly isCut: boolean;
}

/**
 * Yields the lines of a stream of UTF-8, without a byte order mark at its beginning; bytes that are not UTF-8 become
 * U+FFFD.
 *
 * @param bytesMax the most bytes that are kept of a line, 1 or more.
 * @throws {Error} whatever the stream throws.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<TextLine> {
  const cutter = new LineCutter(bytesMax);
  let mark = "\ufeff";
  function* textOf({ bytes, isCut }: LineRun): Generator<TextLine> {
    for (const line of decoder.decode(bytes).split("\n")) {
      const start = mark !== "" && line.startsWith(mark) ? 1 : 0;
      mark = "";
      yield { text: line.slice(start, line.endsWith("\r") ? -1 : undefined), isCut };
    }
  }
  for await (const bytes of stream) {
    for (const run of cutter.push(bytes)) yield* textOf(run);
  }
  const rest = cutter.end();
  if (rest !== undefined) yield* textOf(rest);
}
