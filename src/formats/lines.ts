/**
 * Bytes in, numbered lines of text out, in bounded memory.
 *
 * A line ends at `\n`; a `\r` before it stays, for readers that need it. A line that is not text is told and left out,
 * so that one bad line costs no other.
 *
 * @module
 */

import { inputLineBytesMax, inputPieceBytes } from "../limits.ts";
import { LineCutter } from "../line_cutter.ts";
import { quotedShort } from "../quoted.ts";
import { type InputPlace, tellAt } from "./places.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import type { Bytes, OnProblem } from "./records.ts";

/** A line of an input, without its `\n`. */
export interface InputLine extends InputPlace {
  /** Its text; a byte order mark at the beginning of the input is left out. */
  readonly text: string;
}

/** How to read lines. */
export interface LineOptions {
  /** The name of the file, for the problems in it, where there are several. */
  readonly file?: string;
  /** Is told of each line that is left out. */
  readonly onProblem: OnProblem;
}

const lineFeed = 0x0a;
const nothing = new Uint8Array();

/**
 * Reads the lines of a text in UTF-8.
 *
 * @returns the lines in order, some at a time: as many as were in a piece of the input.
 */
export async function* readLines(bytes: Bytes, options: LineOptions): AsyncGenerator<readonly InputLine[]> {
  const reader = new LineReader(options);
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.length; start += inputPieceBytes) {
      const lines = reader.feed(chunk.subarray(start, start + inputPieceBytes));
      if (lines.length > 0) yield lines;
      if (reader.isHopeless) return;
    }
  }
  const rest = reader.end();
  if (rest.length > 0) yield rest;
}

/** Reads pieces of an input, each of at most `inputPieceBytes`. */
class LineReader {
  readonly #options: LineOptions;
  readonly #cutter = new LineCutter(inputLineBytesMax);
  /** The beginning of the input while it is too short to show what it is. */
  #head: Uint8Array | undefined = nothing;
  /** Whether it was told that the line that has begun is too long. */
  #isLongTold = false;
  #line = 1;
  #isHopeless = false;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Whether nothing that follows can be text. */
  get isHopeless(): boolean {
    return this.#isHopeless;
  }

  feed(piece: Uint8Array): InputLine[] {
    const bytes = this.#begun(piece, false);
    return bytes === undefined ? [] : this.#cut(bytes);
  }

  end(): InputLine[] {
    const bytes = this.#begun(nothing, true);
    const lines = bytes === undefined ? [] : this.#cut(bytes);
    const rest = this.#cutter.end();
    if (rest !== undefined && !rest.isCut && !this.#isHopeless) lines.push(...this.#decode(rest.bytes));
    return lines;
  }

  /** Looks at the first bytes of the input: what they say of its encoding holds for all of it. */
  #begun(piece: Uint8Array, isLast: boolean): Uint8Array | undefined {
    if (this.#head === undefined) return piece;
    const head = joinBytes([this.#head, piece]);
    if (head.length < 4 && !isLast) {
      this.#head = head;
      return undefined;
    }
    this.#head = undefined;
    if (isUtf16(head)) {
      this.#isHopeless = true;
      this.#tell("utf-16", "This is UTF-16 and was not read; save it as UTF-8");
      return undefined;
    }
    if (head[0] !== 0xef || head[1] !== 0xbb || head[2] !== 0xbf) return head;
    this.#tell("bom", 'A byte order mark, "\\ufeff", stands before the first line; it was left out');
    return head.subarray(3);
  }

  #cut(bytes: Uint8Array): InputLine[] {
    const lines: InputLine[] = [];
    for (const run of this.#cutter.push(bytes)) {
      if (run.isCut) {
        this.#tellLong();
        this.#isLongTold = false;
        this.#line++;
      } else {
        for (const line of this.#decode(run.bytes)) lines.push(line);
      }
    }
    // Nobody knows when that line ends, if ever.
    if (this.#cutter.isLong) this.#tellLong();
    return lines;
  }

  #tellLong(): void {
    if (this.#isLongTold) return;
    this.#isLongTold = true;
    this.#tell("line-too-long", `The line has over ${inputLineBytesMax} bytes and was left out; break it up`);
  }

  /** The lines in `bytes`, which end with one of them; those that are not UTF-8 are told. */
  #decode(bytes: Uint8Array): InputLine[] {
    const { file } = this.#options;
    const place = (line: number) => file === undefined ? { line } : { file, line };
    const texts = decodeText(bytes);
    if (texts !== undefined) return texts.split("\n").map((text) => ({ ...place(this.#line++), text }));
    if (!bytes.includes(lineFeed)) {
      const seen = new TextDecoder().decode(bytes.subarray(0, 256));
      this.#tell("not-utf-8", `The line ${quotedShort(seen)} is not UTF-8 and was left out; save the file as UTF-8`);
      this.#line++;
      return [];
    }
    const lines: InputLine[] = [];
    for (let start = 0; start <= bytes.length;) {
      const next = bytes.indexOf(lineFeed, start);
      const end = next < 0 ? bytes.length : next;
      lines.push(...this.#decode(bytes.subarray(start, end)));
      start = end + 1;
    }
    return lines;
  }

  #tell(kind: ProblemKind, what: string): void {
    const { file, onProblem } = this.#options;
    tellAt(onProblem, { file, line: this.#line }, kind, what);
  }
}

/** Whether a text that begins so is UTF-16, with a mark or without: of two bytes, one is 0 where a text is English. */
function isUtf16([a, b, c, d]: Uint8Array): boolean {
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (a === 0 && b !== 0 && c === 0 && d !== 0) || (a !== 0 && b === 0 && c !== 0 && d === 0);
}

/** A byte order mark is looked for by hand: elsewhere than at the beginning it is a character like others. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of bytes that are whole, or undefined if they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Pieces of bytes in one. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] ?? nothing;
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
