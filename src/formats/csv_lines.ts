/**
 * Lines in, rows of fields out: CSV as in RFC 4180, whose quoted fields may have line breaks in them.
 *
 * Where a row ends is decided by counting: its quotes are even in number. So a row is known, with its line, before
 * anything is parsed; rows are parsed many at a time, and one by one only where something is wrong with one of them.
 *
 * @module
 */

import { CsvError, parse } from "csv-parse/sync";
import { quotedShort } from "../quoted.ts";
import { type InputLine, inputLineBytesMax } from "./lines.ts";
import { type OnProblem, tellAt } from "./problems.ts";

/** A row, with the line at which it begins. */
export interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Puts rows together and takes them apart. */
export class CsvRows {
  readonly #onProblem: OnProblem;
  /** The lines of a row whose quotes are not even yet. */
  #open: InputLine[] = [];
  #openLength = 0;
  /** The lines of each row that has ended. */
  #whole: InputLine[][] = [];
  #separator = ",";
  /** Whether the header was parsed. */
  #isBegun = false;

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  /**
   * Takes some lines.
   *
   * @returns the rows that end with them; lines that are empty are none.
   */
  feed(lines: readonly InputLine[]): Row[] {
    for (const line of lines) this.#add(line);
    return this.#parse(this.#whole.splice(0));
  }

  /** The rows that are left at the end. */
  end(): Row[] {
    while (this.#open.length > 0) this.#giveUp("the end of the file");
    return this.#parse(this.#whole.splice(0));
  }

  #add(line: InputLine): void {
    const last = this.#open.at(-1);
    if (last === undefined && (line.text === "" || line.text === "\r")) return;
    if (!this.#isBegun && last === undefined && this.#whole.length === 0 && this.#takeSeparator(line)) return;
    if (last !== undefined && line.line !== last.line + 1) {
      this.#giveUp(`line ${last.line + 1}, which was left out`);
      return this.#add(line);
    }
    this.#open.push(line);
    this.#openLength += line.text.length + 1;
    // A row that is open has an odd number of quotes; so it ends with the next line that has one.
    if (hasOddQuotes(line.text) === this.#open.length > 1) this.#whole.push(this.#taken());
    else if (this.#openLength > inputLineBytesMax) this.#giveUp(`${inputLineBytesMax} characters on`);
  }

  /** What some spreadsheets write before the header. */
  #takeSeparator(line: InputLine): boolean {
    const [, separator] = /^sep=([,;\t|])\r?$/i.exec(line.text) ?? [];
    if (separator === undefined) return false;
    tellAt(this.#onProblem, line, "separator-line", `The first line names the separator, ${quotedShort(separator)}`);
    this.#separator = separator;
    return true;
  }

  /** A quote that nothing closes is the fault of the line that it stands in: those after it are looked at again. */
  #giveUp(where: string): void {
    const [first, ...others] = this.#taken();
    const what = `A quote in ${quotedShort(first.text)} is not closed before ${where}; the line was left out`;
    tellAt(this.#onProblem, first, "quote-unclosed", what);
    for (const line of others) this.#add(line);
  }

  #taken(): InputLine[] {
    const lines = this.#open;
    this.#open = [];
    this.#openLength = 0;
    return lines;
  }

  /** The rows, parsed together; where one of them is wrong, the halves, until it stands alone. */
  #parse(whole: readonly (readonly InputLine[])[]): Row[] {
    const [header, ...others] = whole;
    if (header === undefined) return [];
    if (!this.#isBegun && others.length > 0) return [...this.#parse([header]), ...this.#parse(others)];
    // Around the names of columns, spaces mean nothing, not even where quotes stand between them.
    const text = withQuotedFormulas(whole.flat().map(({ text }) => `${text}\n`).join(""));
    const rows = parsed(text, this.#separator, !this.#isBegun);
    if (Array.isArray(rows) && rows.length === whole.length) {
      this.#isBegun = true;
      return rows.map((fields, index) => ({ line: whole[index][0].line, fields }));
    }
    if (whole.length === 1) return this.#refuse(whole[0], typeof rows === "string" ? rows : "the quotes do not fit");
    const half = Math.ceil(whole.length / 2);
    return [...this.#parse(whole.slice(0, half)), ...this.#parse(whole.slice(half))];
  }

  #refuse([first, ...others]: readonly InputLine[], why: string): Row[] {
    const what = `In ${quotedShort(first.text)} ${why}; the line was left out: put the field in quotes, and double ` +
      "those in it";
    tellAt(this.#onProblem, first, "csv-syntax", what);
    // The wrong quote may have made one row of several.
    const again = new CsvRows(this.#onProblem);
    again.#separator = this.#separator;
    again.#isBegun = this.#isBegun;
    return [...again.feed(others), ...again.end()];
  }
}

/**
 * A text in which digits of the form `="07001"`, which some write so that a spreadsheet keeps the zero, are quoted as
 * CSV wants it.
 */
function withQuotedFormulas(text: string): string {
  if (!text.includes('="')) return text;
  return text.replace(/(?<=^|[,;\t|])="(\d[\d -]*)"(?=[,;\t|]|\r?$)/gm, '"=""$1"""');
}

/** The rows of a text, or what is wrong with it, after "In this line". */
function parsed(text: string, delimiter: string, trim: boolean): string[][] | string {
  try {
    return parse(text, { relax_column_count: true, record_delimiter: ["\r\n", "\n"], delimiter, trim });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return error.code === "INVALID_OPENING_QUOTE"
      ? "a quote stands in a field that does not begin with one"
      : "something follows the quote that ends a field";
  }
}

function hasOddQuotes(text: string): boolean {
  return text.split('"').length % 2 === 0;
}
