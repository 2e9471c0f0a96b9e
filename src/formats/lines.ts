/**
 * Bytes in, numbered lines of text out, in bounded memory.
 *
 * A line ends at `\n`; a `\r` before it stays, for readers that need it. A line that is not text is told and left out,
 * so that one bad line costs no other.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { LineCutter } from "../line_cutter.ts";
import { quotedShort } from "../quoted.ts";
import { type InputPlace, type OnProblem, tellAt, type TellProblem } from "./problems.ts";
import type { Bytes } from "./records.ts";

/**
 * Bytes in a line of an input, and about as many characters in a record of CSV. The reader holds no more of a line
 * without an end. A document fits, at six characters for each of its bytes, with everything beside it.
 */
export const inputLineBytesMax = 384 * 1024;

/** Bytes of an input that are looked at in one step, so that memory does not depend on how they arrive. */
export const inputPieceBytes = 64 * 1024;

/** A line of an input, without its `\n`. */
export interface InputLine extends InputPlace {
  /** Its text; a byte order mark at the beginning of the input is left out. */
  readonly text: string;
  /** Whether the input ends in it, without a `\n`; absent: no. */
  readonly isUnended?: true;
}

/** How to read lines. */
export interface LineOptions {
  /** The name of the file, for the problems in it, where there are several. */
  readonly file?: string;
  /** Is told of each line that is left out. */
  readonly onProblem: OnProblem;
}

/** Bytes that show whether an input is UTF-16. */
const headBytes = 4;

/**
 * Reads the lines of a text in UTF-8.
 *
 * @returns the lines in order, some at a time: as many as were in a piece of the input.
 */
export async function* readLines(bytes: Bytes, { file, onProblem }: LineOptions): AsyncGenerator<readonly InputLine[]> {
  const inFile = file === undefined ? {} : { file };
  let line = 1;
  const tell: TellProblem = (kind, what) => tellAt(onProblem, { file, line }, kind, what);
  let isLongTold = false;
  const tellLong = () => {
    if (!isLongTold) {
      tell("line-too-long", `The line has over ${inputLineBytesMax} bytes and was left out; break it up`);
    }
    isLongTold = true;
  };
  /** The lines in bytes that end with one of them; those that are not UTF-8 are told. */
  const decoded = (run: Uint8Array): InputLine[] => {
    const text = decodeText(run);
    if (text !== undefined) return text.split("\n").map((text) => ({ ...inFile, line: line++, text }));
    const lines = Buffer.from(run).toString("latin1").split("\n");
    if (lines.length > 1) return lines.flatMap((each) => decoded(Buffer.from(each, "latin1")));
    const seen = quotedShort(new TextDecoder().decode(run.subarray(0, 256)));
    tell("not-utf-8", `The line ${seen} is not UTF-8 and was left out; save the file as UTF-8`);
    line++;
    return [];
  };
  const cutter = new LineCutter(inputLineBytesMax);
  const cut = (piece: Uint8Array) => {
    const lines = cutter.push(piece).flatMap(({ bytes, isCut }) => {
      if (!isCut) return decoded(bytes);
      tellLong();
      isLongTold = false;
      line++;
      return [];
    });
    // Nobody knows when that line ends, if ever.
    if (cutter.isLong) tellLong();
    return lines;
  };
  let isFirst = true;
  for await (let chunk of begunWhole(bytes)) {
    // The first bytes show the encoding of the whole input.
    if (isFirst && isUtf16(chunk)) return tell("utf-16", "This is UTF-16 and was not read; save it as UTF-8");
    if (isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) {
      tell("bom", 'A byte order mark, "\\ufeff", stands before the first line; it was left out');
      chunk = chunk.subarray(3);
    }
    isFirst = false;
    for (let start = 0; start < chunk.length; start += inputPieceBytes) {
      const lines = cut(chunk.subarray(start, start + inputPieceBytes));
      if (lines.length > 0) yield lines;
    }
  }
  const rest = cutter.end();
  const lines = rest === undefined || rest.isCut ? [] : decoded(rest.bytes);
  if (lines.length > 0) yield lines.map((line) => ({ ...line, isUnended: true as const }));
}

/** The same bytes, of which the first piece has as many as it takes to know their encoding. */
async function* begunWhole(bytes: Bytes): AsyncGenerator<Uint8Array> {
  let head: Uint8Array = Buffer.of();
  for await (const chunk of bytes) {
    const isBegun = head.length >= headBytes;
    if (!isBegun) head = Buffer.concat([head, chunk]);
    if (head.length >= headBytes) yield isBegun ? chunk : head;
  }
  if (head.length < headBytes) yield head;
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
