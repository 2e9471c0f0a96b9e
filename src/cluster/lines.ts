/**
 * Bytes to lines, with a bound on what one line may hold.
 *
 * @module
 */

const newline = 10;
const carriageReturn = 13;

/** One line of text, without its line break. */
export interface Line {
  readonly text: string;
  /** True if it was longer than the bound: `text` is its beginning, the rest is dropped. */
  readonly cut: boolean;
}

/** Cuts a stream of UTF-8 into lines, whatever pieces it comes in; what is no UTF-8 is replaced by U+FFFD. */
export class LineSplitter {
  #bytesMax: number;
  #line: Uint8Array;
  #fill = 0;
  #cut = false;

  /** @param bytesMax bytes in a line, 1 or more. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#line = new Uint8Array(Math.min(bytesMax, 1024));
  }

  /** Takes the next bytes of the stream and returns the lines that they complete. */
  push(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(newline, start);
      if (end < 0) break;
      this.#keep(bytes.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    return lines;
  }

  /** Returns what came after the last line break, if anything did: the stream has ended. */
  end(): Line | undefined {
    return this.#fill > 0 ? this.#take() : undefined;
  }

  #keep(bytes: Uint8Array): void {
    const room = this.#bytesMax - this.#fill;
    if (bytes.length > room) {
      this.#cut = true;
      bytes = bytes.subarray(0, room);
    }
    const needed = this.#fill + bytes.length;
    if (needed > this.#line.length) {
      const grown = new Uint8Array(Math.min(this.#bytesMax, Math.max(needed, this.#line.length * 2)));
      grown.set(this.#line.subarray(0, this.#fill));
      this.#line = grown;
    }
    this.#line.set(bytes, this.#fill);
    this.#fill = needed;
  }

  #take(): Line {
    const end = this.#fill > 0 && this.#line[this.#fill - 1] === carriageReturn ? this.#fill - 1 : this.#fill;
    const line = { text: new TextDecoder().decode(this.#line.subarray(0, end)), cut: this.#cut };
    this.#fill = 0;
    this.#cut = false;
    return line;
  }
}
