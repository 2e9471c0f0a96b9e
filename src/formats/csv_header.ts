/**
 * The header of a CSV: which column is which.
 *
 * @module
 */

import { isPlaceColumn } from "../database/place.ts";
import { quotedShort } from "../quoted.ts";
import { type InputPlace, type OnProblem, tellAt } from "./problems.ts";
import { fieldCalled, type FieldName, fieldNames, plainName, recordFields } from "./record_fields.ts";

const [name, zip, availability, ...others] = fieldNames;

/** Those that a list prints: every CSV must have them. */
const neededColumns = [availability, zip, name];

/** The columns in the order in which they are written: those of what a site shows, not of each source and product. */
export const csvColumns: readonly FieldName[] = [
  ...neededColumns,
  ...others.filter((field) => field !== "product" && field !== "checkedAt"),
];

/**
 * The meaning of a column: a field of ours, the same where another column of that field is empty, or something else of
 * that name.
 */
type CsvColumn = { readonly field: FieldName } | { readonly orElse: FieldName } | { readonly beside: string };

/** The columns of an input, and how it calls the ZIP code. */
export type Header = NonNullable<ReturnType<typeof readHeader>>;

/**
 * Reads a header, and tells what is wrong with it.
 *
 * @param names without those of empty columns at its end.
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
  const titled = new Set(names.map((name) => fieldCalled(name)).map((called) => called?.isTitle && called.field));
  // UNIVAF has both: whether there is any, and how many if that is known.
  const isCounted = names.some((name) => plainName(name) === "availablecount");
  for (const [index, name] of names.entries()) {
    const called = fieldCalled(name);
    const meant = called?.isTitle || !titled.has(called?.field) ? called?.field : undefined;
    // A product may have a code of several systems: the first is it.
    const field = meant === "product" && seen.has(meant) ? undefined : meant;
    if (isCounted && field === "availability" && plainName(name) === "available") {
      columns.push({ orElse: field });
      const what = `The column ${quotedShort(name)} counts only where the one with the count is empty`;
      tellAt(onProblem, place, "column-second", what);
      continue;
    }
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
  const keptUnder = seen.has("product") ? "products" : "csv";
  for (const column of columns) {
    // Where a site is and how to reach it is known, and shown.
    if (!("beside" in column) || isPlaceColumn(plainName(column.beside))) continue;
    const what = `The column ${quotedShort(column.beside)} is unknown`;
    tellAt(onProblem, place, "column-unknown", `${what}; the sites' documents keep it under "${keptUnder}"`);
  }
  // An export of ours has all columns under their titles, and says everything exactly as it is.
  const isOurs = csvColumns.every((field) => names.includes(recordFields[field][0]));
  return { columns, zipName: seen.get("zip")?.trim() ?? "", isOurs };
}
