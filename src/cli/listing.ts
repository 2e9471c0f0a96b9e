/**
 * Many things of one kind, printed page by page as they come: as CSV, as a JSON array, or as a table.
 *
 * @module
 */

import { flag } from "../front/typed_command.ts";
import { csvField } from "../formats/csv.ts";
import { printable } from "../quoted.ts";
import type { Surroundings } from "./surroundings.ts";
import { type TableColumn, tableFor } from "./table.ts";

/** The columns of CSV: what stands in the first line, and what each says of an item. */
export type CsvColumns<T> = readonly (readonly [head: string, of: (item: T) => string])[];

/** How things of one kind are printed. */
export interface Listing<T> {
  /** As CSV. */
  readonly csv: CsvColumns<T>;
  /** As a table. */
  readonly columns: readonly TableColumn<T>[];
  /** As a JSON object on one line, without its end. */
  json(item: T): string;
}

/** In which form. */
type Form = "csv" | "json" | "table";

/** The options that choose a form. */
export const formOptions = {
  table: flag("print a table that fits the window"),
  csv: flag("print CSV, with a header"),
  json: flag("print a JSON array, one object per line"),
};

/** The names of {@link formOptions}, of which one at most may be given. */
export const formNames = ["table", "csv", "json"] as const;

/** The form that was chosen, or else the usual one. */
export function formOf(given: { readonly [Name in Form]?: true }, usual: Form): Form {
  return formNames.find((name) => given[name]) ?? usual;
}

/** Prints all pages. If the first one cannot be had, nothing is printed, not even a header. */
export async function printListing<T>(
  pages: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  listing: Listing<T>,
  form: Form,
  around: Surroundings,
): Promise<void> {
  if (form === "csv") return await printCsv(pages, listing.csv, around);
  const { stdout } = around;
  const table = tableFor(listing.columns, around);
  const isJson = form === "json";
  let isFirst = true;
  for await (const page of pages) {
    if (page.length === 0) continue;
    const before = isFirst ? "[\n" : ",\n";
    await stdout.write(isJson ? before + page.map(listing.json).join(",\n") : table.rows(page));
    isFirst = false;
  }
  if (isJson) await stdout.write(isFirst ? "[]\n" : "\n]\n");
  else await stdout.write(isFirst ? table.rows([]) : table.end());
}

/** {@link printListing}, as CSV. */
export async function printCsv<T>(
  pages: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  columns: CsvColumns<T>,
  { stdout }: Surroundings,
): Promise<void> {
  // The header goes out with the first page.
  let text = csvHeader(columns);
  for await (const page of pages) {
    await stdout.write(text + page.map((item) => csvRow(columns, item)).join(""));
    text = "";
  }
  if (text !== "") await stdout.write(text);
}

/** The first line of CSV. */
export function csvHeader<T>(columns: CsvColumns<T>): string {
  return csvLine(columns.map(([head]) => head));
}

/** A line of CSV about an item. */
export function csvRow<T>(columns: CsvColumns<T>, item: T): string {
  return csvLine(columns.map(([, of]) => printable(of(item))));
}

/**
 * Fields quoted as in RFC 4180, but a line feed alone at the end, the same on a terminal, in a file and in a pipe. RFC
 * 4180 wants a carriage return before it; every reader of CSV takes both, `grep` and `cut` do not.
 */
function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(",")}\n`;
}
