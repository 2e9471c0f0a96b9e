/**
 * A stream of bytes cut into lines, in memory that has a bound.
 *
 * @module
 */

const newline = 10;

/** Bytes that the buffer of a line starts with. */
const bufferBytes = 1024;

/** Lines of a stream, without the line break at the end. */
export interface LineRun {
  /** One line, or several that follow each other, with line breaks between them. */
  readonly bytes: Uint8Array;
  /** Whether this is the beginning of one line that is longer than the bound: the rest of the line is dropped. */
  readonly isCut: boolean;
}

/** Cuts a stream into lines, whatever pieces it comes in. Short lines that come together stay together. */
export class LineCutter {
  readonly #bytesMax: number;
  #line: Uint8Array;
  #fill = 0;
  #isLong = false;

  /** @param bytesMax the most bytes that are kept of a line, 1 or more. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#line = new Uint8Array(Math.min(bytesMax, bufferBytes));
  }

  /** Whether the line that has begun is longer than the bound already. */
  get isLong(): boolean {
    return this.#isLong;
  }

  /** Takes the next bytes of the stream and returns the lines that they complete; a run may lie in these very bytes. */
  push(bytes: Uint8Array): LineRun[] {
    const runs: LineRun[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#keep(bytes.subarray(start, end));
      runs.push(this.#take());
      start = end + 1;
      const last = bytes.lastIndexOf(newline);
      // Where all that is left is within the bound, so is each of its lines.
      if (last < start || last - start > this.#bytesMax) continue;
      runs.push({ bytes: bytes.subarray(start, last), isCut: false });
      start = last + 1;
    }
    this.#keep(bytes.subarray(start));
    return runs;
  }

  /** Returns what came after the last line break, if anything did: the stream has ended. */
  end(): LineRun | undefined {
    return this.#fill > 0 ? this.#take() : undefined;
  }

  #keep(bytes: Uint8Array): void {
    const room = this.#bytesMax - this.#fill;
    if (bytes.length > room) {
      this.#isLong = true;
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

  #take(): LineRun {
    const run = { bytes: this.#line.slice(0, this.#fill), isCut: this.#isLong };
    this.#fill = 0;
    this.#isLong = false;
    return run;
  }
}
