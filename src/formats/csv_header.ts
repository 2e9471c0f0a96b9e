/**
 * The header of a CSV: which column is which.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { type InputPlace, tellAt } from "./places.ts";
import type { OnProblem } from "./records.ts";
import type { FieldName } from "./record_fields.ts";

/** A column that we know, as it is written, and what else it may be called: without spaces, `_` and `-`. */
interface KnownColumn {
  readonly field: FieldName;
  readonly title: string;
  readonly aliases: readonly string[];
  readonly isNeeded?: true;
}

/** The columns in the order in which they are written: the first three are those of a list. */
export const csvColumns: readonly KnownColumn[] = [
  { field: "availability", title: "Availability", aliases: ["available", "count"], isNeeded: true },
  { field: "zip", title: "ZIP Code", aliases: ["zip", "postalcode", "postcode"], isNeeded: true },
  { field: "name", title: "Site Name", aliases: ["name", "site", "locationname"], isNeeded: true },
  { field: "unit", title: "Unit", aliases: ["units"] },
  { field: "observedAt", title: "Observed At", aliases: ["observed", "validat"] },
  { field: "who", title: "Who", aliases: ["reporter", "reportedby", "by"] },
  { field: "source", title: "Source", aliases: [] },
  { field: "note", title: "Note", aliases: ["notes", "comment"] },
  { field: "retired", title: "Retired", aliases: ["retiredreason", "reason"] },
  { field: "document", title: "Document", aliases: [] },
];

/** The meaning of a column: a field of ours, or something else of that name. */
export type CsvColumn = { readonly field: FieldName } | { readonly beside: string };

/** The columns of an input. */
export interface Header {
  readonly columns: readonly CsvColumn[];
  /** How the input calls the ZIP code. */
  readonly zipName: string;
}

const byTitle = new Map(csvColumns.map(({ field, title }) => [plain(title), field]));
const byAlias = new Map(csvColumns.flatMap(({ field, aliases }) => aliases.map((name) => [name, field])));

/**
 * Reads a header, and tells what is wrong with it.
 *
 * @returns undefined if nothing can be read under such a header.
 */
export function readHeader(names: readonly string[], place: InputPlace, onProblem: OnProblem): Header | undefined {
  let isSound = true;
  const refuse = (kind: "column-unnamed" | "column-repeated" | "column-missing", what: string) => {
    isSound = false;
    tellAt(onProblem, place, kind, `${what}. Nothing was read`);
  };
  const columns: CsvColumn[] = [];
  const seen = new Map<string, string>();
  // Beside a column of the right title, one of a similar name is something else.
  const titled = new Set(names.map((name) => byTitle.get(plain(name))));
  const fieldOf = (name: string) => {
    const alias = byAlias.get(plain(name));
    return byTitle.get(plain(name)) ?? (titled.has(alias) ? undefined : alias);
  };
  for (const [index, name] of names.entries()) {
    const field = fieldOf(name);
    const key = field ?? ` ${name.trim()}`;
    const before = seen.get(key);
    if (name.trim() === "") {
      refuse("column-unnamed", `Column ${index + 1} has the name ${quotedShort(name)}; give it one`);
    } else if (before !== undefined) {
      refuse(
        "column-repeated",
        `The columns ${quotedShort(before)} and ${quotedShort(name)} are the same; leave out one`,
      );
    }
    seen.set(key, name);
    columns.push(field === undefined ? { beside: name.trim() } : { field });
  }
  for (const { field, title } of csvColumns.filter(({ isNeeded }) => isNeeded)) {
    if (seen.has(field)) continue;
    const [first = ""] = names;
    const hint = names.length === 1 && /[;\t|]/.test(first) ? "separate the columns by commas" : "add it";
    refuse("column-missing", `There is no column "${title}" in ${quotedShort(names.join(","))}; ${hint}`);
  }
  if (!isSound) return undefined;
  for (const column of columns) {
    if ("field" in column) continue;
    const what = `The column ${quotedShort(column.beside)} is unknown; the sites' documents keep it under "csv"`;
    tellAt(onProblem, place, "column-unknown", what);
  }
  return { columns, zipName: seen.get("zip")?.trim() ?? "" };
}

/** A name without what people write differently. */
function plain(name: string): string {
  return name.replace(/[\s_-]+/g, "").toLowerCase();
}
