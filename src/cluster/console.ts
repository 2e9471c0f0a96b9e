/**
 * The launcher's end of its terminal: lines out, a prompt that stays below them, typed lines in.
 *
 * A terminal can stop reading (Ctrl-S, a pager, a pipe that nobody empties); the launcher must not, or no failure
 * would be noticed. So lines are queued and written by one asynchronous writer, and beyond a bound they are dropped
 * and counted. A stream that is gone (a closed terminal) is not an error.
 *
 * @module
 */

import { wrapped } from "../front/layout.ts";
import { type EditorOptions, LineEditor } from "../front/line_editor.ts";
import { linesOf } from "../runtime/lines.ts";
import { within } from "../runtime/within.ts";

/** Characters that may wait to be written. */
const unwrittenMax = 1024 * 1024;

/** Bytes of a typed line; the rest of a longer one is dropped. */
const typedBytesMax = 4 * 1024;

/** What a person is asked with, on a terminal. */
const prompt = "> ";

/** A stream to write to, such as `Deno.stdout`. */
export type ByteSink = Pick<Deno.FsFile, "write">;

/** Writes text to a stream in order, without ever waiting for it. */
export class OutputQueue {
  #sink: ByteSink;
  #waiting = "";
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Queues text. */
  write(text: string): void {
    if (this.#waiting.length + text.length > unwrittenMax) this.#dropped++;
    else this.#waiting += text;
    if (this.#waiting !== "") this.#writing ??= this.#writeAll();
  }

  /** Resolves when all is written, or cannot be, or after `withinMs` milliseconds. */
  async flush(withinMs: number): Promise<void> {
    if (this.#writing !== undefined) await within(withinMs, this.#writing);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting !== "") {
      const note = this.#dropped > 0 ? `(${this.#dropped} lines left out: nobody read them in time)\n` : "";
      let bytes = new TextEncoder().encode(this.#waiting + note);
      this.#waiting = "";
      this.#dropped = 0;
      try {
        while (bytes.length > 0) bytes = bytes.subarray(await this.#sink.write(bytes));
      } catch {
        // Nobody reads it any more; a terminal that closed is noticed by its signal.
      }
    }
    this.#writing = undefined;
  }
}

/** Lines for a person, with a prompt below them where a person types. */
export class Console {
  readonly #output: OutputQueue;
  readonly #columns: () => number | undefined;
  #editor: LineEditor | undefined;

  /**
   * @param output where the lines go.
   * @param isInteractive whether a person types at a terminal.
   * @param columns of the terminal that they go to; undefined if they go elsewhere, where a line stays one.
   */
  constructor(output: OutputQueue, readonly isInteractive: boolean, columns: () => number | undefined) {
    this.#output = output;
    this.#columns = columns;
  }

  /** From now on lines are typed in the editor that this gives, which shows them and the prompt. */
  edit(typing: Pick<EditorOptions, "keyboard" | "onInterrupt" | "onSuspend">): LineEditor {
    const write = (text: string) => this.#output.write(text);
    this.#editor = new LineEditor({ ...typing, write, columns: this.#columns });
    this.ask();
    return this.#editor;
  }

  /** Writes a text of one or more lines; what is being typed, and its prompt, come back below it. */
  print(text: string): void {
    const lines = wrapped(text, this.#columns());
    if (this.#editor !== undefined) this.#editor.print(lines);
    // The "^C" of a terminal is shorter than any line: to go to the start of its line is enough.
    else this.#output.write(`${this.isInteractive ? "\r" : ""}${lines}\n`);
  }

  /** Asks for a line, where one is edited. */
  ask(): void {
    this.#editor?.ask(prompt);
  }

  /** No line will be typed any more. */
  close(): void {
    this.#editor?.close();
    this.#editor = undefined;
  }
}

/** Yields the lines of a stream until it ends or can be read no more, with a bound on their length. */
export async function* typedLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const { text } of linesOf(untilError(stream), typedBytesMax)) yield text;
}

async function* untilError(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch {
    // A terminal that was closed reads as an error.
  }
}
