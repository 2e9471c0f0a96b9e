/**
 * Text in, lines out.
 *
 * @module
 */

/** Cuts text into lines at `\n` and `\r\n`. What follows the last end of a line is a line too, unless it is empty. */
export class TextLineStream extends TransformStream<string, string> {
  /** The text since the last end of a line, in pieces: a long line is joined once, however many pieces it came in. */
  #pieces: string[] = [];

  /** Makes a stream that waits for text. */
  constructor() {
    super({
      transform: (text, controller) => {
        if (text === "") return;
        this.#pieces.push(text);
        if (!text.includes("\n")) return;
        const lines = this.#pieces.join("").split(/\r?\n/);
        const rest = lines.pop() ?? "";
        this.#pieces = rest === "" ? [] : [rest];
        for (const line of lines) controller.enqueue(line);
      },
      flush: (controller) => {
        if (this.#pieces.length > 0) controller.enqueue(this.#pieces.join(""));
      },
    });
  }
}
