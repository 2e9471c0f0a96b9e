/**
 * Sites as CSV: a header with named columns, and a row for each site or report.
 *
 * The columns may come in any order; `Availability`, `ZIP Code` and `Site Name` are required, as a list prints them.
 * The site's document keeps the columns of other names, under `csv`.
 *
 * @module
 */

import { formatAvailability } from "../database/values.ts";
import { printable, quotedShort } from "../quoted.ts";
import { csvColumns, type Header, readHeader } from "./csv_header.ts";
import { CsvRows, type Row } from "./csv_lines.ts";
import { readLines } from "./lines.ts";
import { effectOf, type ProblemKind } from "./problem_kinds.ts";
import { type OnProblem, tellAt } from "./problems.ts";
import { type FieldName, readRecord, recordFields, writtenFields } from "./record_fields.ts";
import type { Bytes, ExportRecord, ImportRecord } from "./records.ts";

/**
 * Reads CSV: RFC 4180, with `\n` or `\r\n` at the end of a row, in UTF-8. A first line `sep=;` names another separator
 * than the comma. It holds a bounded piece of the input at a time.
 *
 * @param onProblem is called soon after each line that was repaired or refused.
 */
export async function* readCsv(bytes: Bytes, onProblem: OnProblem): AsyncGenerator<ImportRecord> {
  let isTold = false;
  const tell: OnProblem = (problem) => {
    isTold ||= effectOf(problem.kind) === "refused";
    onProblem(problem);
  };
  const blanks = new Blanks(tell);
  let header: Header | undefined;
  for await (const rows of readRows(bytes, tell)) {
    for (const row of rows) {
      if (header !== undefined) {
        const fields = blanks.without(row, header.columns.length);
        const record = fields && recordOf({ ...row, fields }, header, tell);
        if (record !== undefined) yield record;
      } else {
        const names = blanks.without(row, 1);
        if (names === undefined) continue;
        header = readHeader(names, row, tell);
        if (header === undefined) return;
      }
    }
  }
  if (header === undefined && !isTold) {
    tellAt(tell, { line: 1 }, "csv-empty", 'There is no header; begin with a line "Availability,ZIP Code,Site Name"');
  }
}

/** The rows of CSV, some at a time; none if its lines end in carriage returns alone. */
async function* readRows(bytes: Bytes, onProblem: OnProblem): AsyncGenerator<readonly Row[]> {
  const rows = new CsvRows(onProblem);
  let isBegun = false;
  for await (const lines of readLines(bytes, { onProblem })) {
    const [first] = lines;
    // A carriage return before others than a line feed ends no line here, but may well be meant to.
    if (!isBegun && first !== undefined && /\r[^]/.test(first.text)) {
      const what = "The first line has carriage returns, and no line feed after them. Nothing was read; " +
        "save the file with one of the usual line ends";
      return tellAt(onProblem, first, "lone-carriage-return", what);
    }
    const whole = rows.feed(lines);
    isBegun ||= whole.length > 0;
    yield whole;
  }
  yield rows.end();
}

/** What spreadsheets leave behind: rows and columns in which nothing is. Each sort is told once. */
class Blanks {
  readonly #onProblem: OnProblem;
  readonly #told = new Set<ProblemKind>();

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  /**
   * The fields of a row without those at its end, behind the first `count`, that are empty.
   *
   * @returns undefined if nothing is in any of several.
   */
  without(row: Row, count: number): readonly string[] | undefined {
    const { fields } = row;
    if (fields.length > 1 && fields.every(isBlank)) {
      this.#tell(row, "row-blank", "Nothing stands between the commas of this row; all such rows were left out");
      return undefined;
    }
    let { length } = fields;
    while (length > count && isBlank(fields[length - 1])) length--;
    if (length === fields.length) return fields;
    this.#tell(row, "cells-blank", "The row ends in fields in which nothing is; all such fields were left out");
    return fields.slice(0, length);
  }

  #tell(row: Row, kind: ProblemKind, what: string): void {
    if (!this.#told.has(kind)) tellAt(this.#onProblem, row, kind, what);
    this.#told.add(kind);
  }
}

function isBlank(field: string): boolean {
  return field.trim() === "";
}

function recordOf({ line, fields }: Row, header: Header, onProblem: OnProblem): ImportRecord | undefined {
  const { columns, zipName, isOurs } = header;
  if (fields.length !== columns.length) {
    const what =
      `${quotedShort(fields.join(","))} has ${fields.length} ${
        fields.length === 1 ? "field" : "fields"
      }, and the header ${columns.length}; ` +
      "the line was left out";
    return void tellAt(onProblem, { line }, "field-count", what);
  }
  const raw: { [Name in FieldName]?: string } = {};
  const beside: [string, string][] = [];
  for (const [index, column] of columns.entries()) {
    const text = isOurs ? unguarded(fields[index]) : fields[index];
    if ("field" in column) {
      // Where the count is empty, what the other column has said stays.
      if (text !== "" || raw[column.field] === undefined) raw[column.field] = text;
    } else if ("orElse" in column) {
      if ((raw[column.orElse] ?? "") === "") raw[column.orElse] = text;
    } else if (text !== "") beside.push([column.beside, text]);
  }
  // An export writes 0 for a site that nobody has reported, as a list does.
  if (isOurs && raw.availability === "0" && reportFields.every((field) => raw[field] === "")) raw.availability = "";
  const besides = { key: "csv", fields: Object.fromEntries(beside), zipName, isSheet: !isOurs } as const;
  const record = readRecord(line, raw, besides, onProblem);
  return record && isOurs ? { ...record, isExported: true } : record;
}

/** What an export has of a report beside its availability; its time always. */
const reportFields = ["unit", "observedAt", "who", "source", "note"] as const;

/** The first line of the CSV whose other lines are those of {@link csvLine}. */
export const csvExportHeader = `${csvColumns.map((field) => recordFields[field][0]).join(",")}\n`;

/**
 * One line of CSV for a site: its first three fields as a list prints them, but no text that a spreadsheet would take
 * for a formula. The same site has the same line, always. It is as of when that was last known.
 */
export function csvLine(record: ExportRecord): string {
  const { observedAt, checkedAt = observedAt } = record;
  const availability = formatAvailability(record.availability);
  // Where it was still so later, it was so then.
  const texts = { ...writtenFields({ ...record, observedAt: checkedAt }), availability };
  return `${csvColumns.map((field) => csvField(guarded(printable(texts[field] ?? "")))).join(",")}\n`;
}

/** A text with an apostrophe before it if a spreadsheet would take it for a formula, and one more if it has some. */
function guarded(text: string): string {
  return /^'*[=+@-]/.test(text) ? `'${text}` : text;
}

/** The text that {@link guarded} was given. */
function unguarded(text: string): string {
  return /^'+[=+@-]/.test(text) ? text.slice(1) : text;
}

/** A field of CSV: in quotes if it has a comma, a quote or a line break, with its quotes doubled. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
