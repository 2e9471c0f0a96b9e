/**
 * Text in, lines out.
 *
 * @module
 */

/** What {@link TextLineStream} can be told. */
export interface TextLineStreamOptions {
  /** Whether a `\r` alone ends a line too; false unless given. */
  allowCR?: boolean;
}

/** Cuts text into lines at `\n` and `\r\n`. What follows the last end of a line is a line too, unless it is empty. */
export class TextLineStream extends TransformStream<string, string> {
  /** What came since the last end of a line, in pieces: a long line is joined once, however many pieces it came in. */
  #pieces: string[] = [];

  /** @param options Which characters end a line. */
  constructor(options: TextLineStreamOptions = { allowCR: false }) {
    const allowCR = options.allowCR ?? false;
    // A `\r` at the end of the text may be half of a `\r\n`, so it ends no line before more text has come.
    const end = allowCR ? /\r\n|\n|\r(?!$)/ : /\r?\n/;
    super({
      transform: (text, controller) => {
        if (text === "") return;
        const waits = allowCR && (this.#pieces.at(-1)?.endsWith("\r") ?? false);
        this.#pieces.push(text);
        if (!waits && !text.includes("\n") && !(allowCR && text.includes("\r"))) return;
        const lines = this.#pieces.join("").split(end);
        const rest = lines.pop() ?? "";
        this.#pieces = rest === "" ? [] : [rest];
        for (const line of lines) controller.enqueue(line);
      },
      flush: (controller) => {
        if (this.#pieces.length === 0) return;
        const rest = this.#pieces.join("");
        controller.enqueue(allowCR && rest.endsWith("\r") ? rest.slice(0, -1) : rest);
      },
    });
  }
}
