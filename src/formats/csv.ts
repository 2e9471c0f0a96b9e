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
import { formatInstant } from "./instants.ts";
import { documentJson } from "./json_text.ts";
import { readLines } from "./lines.ts";
import { tellAt } from "./places.ts";
import type { Bytes, ExportRecord, ImportRecord, OnProblem } from "./records.ts";
import { type FieldName, readRecord } from "./record_fields.ts";

/**
 * Reads CSV: RFC 4180, with `\n` or `\r\n` at the end of a row, in UTF-8. It holds a bounded piece of the input at a
 * time.
 *
 * @param onProblem is called soon after each line that was repaired or refused.
 */
export async function* readCsv(bytes: Bytes, onProblem: OnProblem): AsyncGenerator<ImportRecord> {
  let isTold = false;
  const tell: OnProblem = (problem) => {
    isTold ||= !problem.certain;
    onProblem(problem);
  };
  const rows = new CsvRows(tell);
  let header: Header | undefined;
  for await (const lines of readLines(bytes, { onProblem: tell })) {
    if (header === undefined && hasLoneReturn(lines[0]?.text ?? "")) {
      const what = "The first line has carriage returns, and no line feed after them. Nothing was read; " +
        "save the file with one of the usual line ends";
      return tellAt(tell, { line: lines[0]?.line ?? 1 }, "lone-carriage-return", what);
    }
    for (const row of rows.feed(lines)) {
      if (header === undefined) {
        header = readHeader(row.fields, row, tell);
        if (header === undefined) return;
      } else {
        const record = recordOf(row, header, tell);
        if (record !== undefined) yield record;
      }
    }
  }
  for (const row of rows.end()) {
    const record = header === undefined ? undefined : recordOf(row, header, tell);
    if (record !== undefined) yield record;
  }
  if (header === undefined && !isTold) {
    tellAt(tell, { line: 1 }, "csv-empty", 'There is no header; begin with a line "Availability,ZIP Code,Site Name"');
  }
}

function recordOf(row: Row, header: Header, onProblem: OnProblem): ImportRecord | undefined {
  const { columns, zipName } = header;
  if (row.fields.length !== columns.length) {
    const what = `${quotedShort(row.fields.join(","))} has ${row.fields.length} fields, and the header ` +
      `${columns.length}; the line was left out`;
    tellAt(onProblem, row, "field-count", what);
    return undefined;
  }
  const raw: { [Name in FieldName]?: unknown } = {};
  const beside: [string, string][] = [];
  for (const [index, column] of columns.entries()) {
    const text = row.fields[index] ?? "";
    if ("field" in column) raw[column.field] = text;
    else if (text !== "") beside.push([column.beside, text]);
  }
  const place = { line: row.line };
  return readRecord(place, raw, { key: "csv", fields: Object.fromEntries(beside), zipName }, onProblem);
}

/** Whether a line has a carriage return that ends no line here, but may well be meant to. */
function hasLoneReturn(text: string): boolean {
  const at = text.indexOf("\r");
  return at >= 0 && at < text.length - 1;
}

/** The first line of the CSV whose other lines are those of {@link csvLine}. */
export const csvExportHeader = `${csvColumns.map(({ title }) => title).join(",")}\n`;

/**
 * One line of CSV for a site: its first three fields as a list prints them. The same site has the same line, always.
 */
export function csvLine(record: ExportRecord): string {
  const { observedAt, document } = record;
  const texts = {
    ...record,
    availability: formatAvailability(record.availability),
    name: printable(record.name),
    observedAt: observedAt === undefined ? undefined : formatInstant(observedAt),
    document: document === undefined ? undefined : printable(documentJson(document)),
  };
  return `${csvColumns.map(({ field }) => csvField(texts[field] ?? "")).join(",")}\n`;
}

/** A field of CSV: in quotes if it has a comma, a quote or a line break, with its quotes doubled. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
