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
import { type InputLine, readLines } from "./lines.ts";
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
  for await (const lines of readLines(bytes, { onProblem })) {
    for (const line of lines) {
      const object = objectOf(line, onProblem);
      if (object === undefined) continue;
      const fields = Object.fromEntries(Object.entries(object).filter(([name]) => !known.has(name)));
      const record = readRecord(line.line, object, { key: "ndjson", fields, zipName: "zip" }, onProblem);
      if (record !== undefined) yield record;
    }
  }
}

/**
 * The object in a line of NDJSON, whatever it is of.
 *
 * @returns undefined if the line is empty, or was refused.
 */
export function objectOf(line: InputLine, onProblem: OnProblem): JsonObject | undefined {
  if (line.text.trim() === "") return undefined;
  return madeOf(line, onProblem, () => parseObject(line.text));
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
