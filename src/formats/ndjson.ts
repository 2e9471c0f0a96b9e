/**
 * Sites as NDJSON: one JSON object per line, for each site or report.
 *
 * Fields that are not ours go into the site's document, under `ndjson`. A site's document is written as the object that
 * it is; the instant of a report as ISO 8601, and read as that or as milliseconds since 1970.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import { type JsonObject, parseObject } from "./json_text.ts";
import { type InputLine, type LineOptions, readLines } from "./lines.ts";
import { madeOf, type OnProblem } from "./problems.ts";
import { fieldNames, readRecord, writtenFields } from "./record_fields.ts";
import type { Bytes, ExportRecord, ImportRecord } from "./records.ts";

const known: ReadonlySet<string> = new Set(fieldNames);

/**
 * Reads NDJSON in UTF-8. It holds a bounded piece of the input at a time, and skips empty lines.
 *
 * @param onProblem is called soon after each line that was repaired or refused.
 */
export async function* readNdjson(bytes: Bytes, onProblem: OnProblem): AsyncGenerator<ImportRecord> {
  for await (const [{ line }, object] of readObjects(bytes, { onProblem })) {
    const fields = Object.fromEntries(Object.entries(object).filter(([name]) => !known.has(name)));
    const record = readRecord(line, object, { key: "ndjson", fields, zipName: "zip" }, onProblem);
    if (record !== undefined) yield record;
  }
}

/** The objects in the lines of NDJSON, whatever they are of. Empty lines have none, and faulty ones are told. */
export async function* readObjects(bytes: Bytes, options: LineOptions): AsyncGenerator<[InputLine, JsonObject]> {
  for await (const lines of readLines(bytes, options)) {
    for (const line of lines) {
      if (line.text.trim() === "") continue;
      const object = madeOf(line, options.onProblem, () => parseObject(line.text));
      if (object !== undefined) yield [line, object];
    }
  }
}

/** One line of NDJSON for a site. The same site has the same line, always. */
export function ndjsonLine(record: ExportRecord): string {
  const fields = writtenFields(record);
  const members = fieldNames.flatMap((name) => {
    const value = fields[name];
    // A document may have numbers that a double does not hold.
    return value === undefined ? [] : [`"${name}":${name === "document" ? value : JSON.stringify(value)}`];
  });
  return `${printable(`{${members.join(",")}}`)}\n`;
}
