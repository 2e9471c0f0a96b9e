/**
 * The formats of import and export, and how one is told from the name of a file.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { manifestFile } from "../formats/links_writer.ts";
import { option } from "../front/typed_command.ts";
import { UsageError } from "../front/usage_error.ts";
import { wordOf } from "./commands/operands.ts";
import { isUrl } from "./inputs.ts";

/** A format. */
export type Format = "csv" | "ndjson" | "smart";

/** All formats. */
const formats: readonly Format[] = ["csv", "ndjson", "smart"];

/** The place that means standard input or output. */
export const standardStream = "-";

/** The option that names the format. */
export const formatOption = {
  format: option(
    "FORMAT",
    "csv, ndjson or smart (SMART Scheduling Links); by default, the name tells",
    wordOf(formats, "a format"),
  ),
};

/**
 * The format of something to import or export.
 *
 * @param given the one that was asked for.
 * @throws {UsageError} if none was, and the name does not tell.
 */
export function formatOf(place: string, given: Format | undefined): Format {
  if (given !== undefined) return given;
  const path = isUrl(place) ? URL.parse(place)?.pathname ?? place : place;
  if (/\.csv$/i.test(path)) return "csv";
  if (/\.(?:ndjson|jsonl)$/i.test(path)) return "ndjson";
  if (/\.json$/i.test(path) || path.endsWith(manifestFile)) return "smart";
  throw new UsageError(`The name ${quotedShort(place)} does not tell the format: give one with --format`);
}
