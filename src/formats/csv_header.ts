/**
 * The header of a CSV: which column is which.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { type InputPlace, type OnProblem, tellAt } from "./problems.ts";
import { type FieldName, fieldNames, recordFields } from "./record_fields.ts";

const [name, zip, availability, ...others] = fieldNames;

/** Those that a list prints: every CSV must have them. */
const neededColumns = [availability, zip, name];

/** The columns in the order in which they are written. */
export const csvColumns: readonly FieldName[] = [...neededColumns, ...others];

/** The meaning of a column: a field of ours, or something else of that name. */
type CsvColumn = { readonly field: FieldName } | { readonly beside: string };

/** The columns of an input, and how it calls the ZIP code. */
export type Header = NonNullable<ReturnType<typeof readHeader>>;

const byTitle = new Map<string, FieldName>(fieldNames.map((field) => [plain(recordFields[field][0]), field]));
const byAlias = new Map<string, FieldName>(
  fieldNames.flatMap((field) => recordFields[field].slice(1).map((alias) => [alias, field])),
);

/**
 * Reads a header, and tells what is wrong with it.
 *
 * @returns undefined if nothing can be read under such a header.
 */
export function readHeader(names: readonly string[], place: InputPlace, onProblem: OnProblem) {
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
      const both = `${quotedShort(before)} and ${quotedShort(name)}`;
      refuse("column-repeated", `The columns ${both} are the same; leave out one`);
    }
    seen.set(key, name);
    columns.push(field === undefined ? { beside: name.trim() } : { field });
  }
  for (const field of neededColumns.filter((field) => !seen.has(field))) {
    const [first = ""] = names;
    const hint = names.length === 1 && /[;\t|]/.test(first) ? "separate the columns by commas" : "add it";
    const [title] = recordFields[field];
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
