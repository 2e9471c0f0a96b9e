/**
 * Lines that a person types at a terminal, with editing and a history; what is printed meanwhile comes above them.
 *
 * The terminal is in raw mode while a line may be typed: it gives each key at once, and none of them is a signal. So
 * Ctrl-C and Ctrl-Z are keys here, and the programs that started this one do not hear of them.
 *
 * @module
 */

import { createInterface, type Interface } from "node:readline";
import { PassThrough, Writable } from "node:stream";

/** Lines that the history keeps: the newest, each once. */
const historySize = 200;

/** A terminal that is read, and gives each key at once or line by line. */
export type Keyboard = Pick<typeof Deno.stdin, "read" | "setRaw">;

/** What an editor works with. */
export interface EditorOptions {
  /** The terminal. */
  readonly keyboard: Keyboard;
  /** Queues text for the terminal; never waits. */
  readonly write: (text: string) => void;
  /** The columns of the window; undefined: nobody knows. */
  readonly columns: () => number | undefined;
  /** Ctrl-C was typed. */
  readonly onInterrupt: () => void;
  /** Ctrl-Z was typed. */
  readonly onSuspend: () => void;
}

/** The part of a line interface that its types do not show: over how many rows the line reaches above the cursor. */
interface Drawn {
  prevRows: number;
}

/** An editor for lines, until it is closed or Ctrl-D ends the input. */
export class LineEditor implements AsyncIterableIterator<string> {
  readonly #options: EditorOptions;
  readonly #interface: Interface & Drawn;
  readonly #keys = new PassThrough();
  /** Takes the lines that are typed, for those who read {@link #lines}. */
  #typed!: ReadableStreamDefaultController<string>;
  readonly #lines = new ReadableStream<string>({ start: (typed) => void (this.#typed = typed) }).values();
  #isClosed = false;

  /** Begins to read the keyboard. */
  constructor(options: EditorOptions) {
    this.#options = options;
    const screen = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        options.write(text);
        done();
      },
    });
    Object.defineProperty(screen, "columns", { get: () => options.columns() });
    const line = createInterface({
      input: this.#keys,
      output: screen,
      terminal: true,
      prompt: "",
      historySize,
      removeHistoryDuplicates: true,
    });
    this.#interface = Object.assign(line, { prevRows: 0 });
    line.on("line", (text) => {
      line.setPrompt("");
      this.#typed.enqueue(text);
    });
    line.on("close", () => this.close());
    line.on("SIGINT", () => options.onInterrupt());
    line.on("SIGTSTP", () => options.onSuspend());
    options.keyboard.setRaw(true);
    // However the program ends, the terminal is as it was.
    globalThis.addEventListener("unload", this.#leave);
    this.#read();
  }

  /** Shows a prompt, of one or more lines; what was typed before follows it. */
  ask(prompt: string): void {
    if (this.#isClosed) return;
    const above = prompt.lastIndexOf("\n") + 1;
    this.#clear();
    if (above > 0) this.#options.write(prompt.slice(0, above));
    this.#interface.setPrompt(prompt.slice(above));
    this.#interface.prompt(true);
  }

  /** Prints lines, without the end of the last one, above the line that is being typed. */
  print(text: string): void {
    if (!this.#isClosed) this.#clear();
    this.#options.write(`${text}\n`);
    if (!this.#isClosed) this.#interface.prompt(true);
  }

  /** The next line that is typed, without its end; done at the end of the input. */
  next(): Promise<IteratorResult<string>> {
    return this.#lines.next();
  }

  /** The lines. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The program was stopped, and continues: a shell has set the terminal as it was before. */
  resume(): void {
    if (this.#isClosed) return;
    this.#options.keyboard.setRaw(false);
    this.#options.keyboard.setRaw(true);
    this.#interface.prevRows = 0;
    this.#interface.prompt(true);
  }

  /** Nothing more is typed: the terminal is as it was before. More calls change nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#leave();
    globalThis.removeEventListener("unload", this.#leave);
    // The line that is being typed stays; the next text begins a new line.
    if (this.#interface.line !== "" || this.#interface.getPrompt() !== "") this.#options.write("\n");
    this.#interface.close();
    this.#typed.close();
  }

  readonly #leave = () => {
    try {
      this.#options.keyboard.setRaw(false);
    } catch {
      // The terminal is gone.
    }
  };

  /** Takes the line that is being typed off the screen, from its first row on. */
  #clear(): void {
    const { rows } = this.#interface.getCursorPos();
    this.#options.write(`${rows > 0 ? `\x1b[${rows}A` : ""}\r\x1b[J`);
    this.#interface.prevRows = 0;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(4096);
    for (;;) {
      // A terminal that was closed reads as an error.
      const count = await this.#options.keyboard.read(buffer).catch(() => null);
      if (this.#isClosed) return;
      if (count === null) return this.close();
      this.#keys.write(buffer.slice(0, count));
    }
  }
}
