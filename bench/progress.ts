/**
 * The line on a terminal that says what is measured now. Nothing is printed if standard error is not a terminal.
 *
 * @module
 */

const encoder = new TextEncoder();

/** One line that is written over and over. */
export class Progress {
  readonly #isTerminal = Deno.stderr.isTerminal();
  #isThere = false;

  /** Shows a text in place of the last one. */
  show(text: string): void {
    if (!this.#isTerminal) return;
    const { columns } = Deno.consoleSize();
    this.#write(`\r\x1b[2K${text.slice(0, columns - 1)}`);
    this.#isThere = true;
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isThere) this.#write("\r\x1b[2K");
    this.#isThere = false;
  }

  #write(text: string): void {
    try {
      Deno.stderr.writeSync(encoder.encode(text));
    } catch {
      // The terminal is gone, and nobody reads it.
    }
  }
}
