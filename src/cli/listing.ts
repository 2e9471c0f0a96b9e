/**
 * Many things of one kind, printed page by page as they come: as CSV, as a JSON array, or as a table.
 *
 * @module
 */

import { flag } from "../front/typed_command.ts";
import { coloured, plain } from "./render.ts";
import type { Surroundings } from "./surroundings.ts";
import { type Column, Table } from "./table.ts";

/** How things of one kind are printed. */
export interface Listing<T> {
  /** The first line of CSV, with its end. */
  readonly csvHeader: string;
  /** A line of CSV, with its end. */
  csvRow(item: T): string;
  /** A JSON object on one line, without its end. */
  json(item: T): string;
  /** The columns of a table. */
  readonly columns: readonly Column[];
  /** The cells of a row of it. */
  cells(item: T): readonly string[];
}

/** In which form. */
export type Form = "csv" | "json" | "table";

/** The options that choose a form. */
export const formOptions = {
  table: flag("print a table that fits the window"),
  csv: flag("print CSV, with a header"),
  json: flag("print a JSON array, one object per line"),
};

/** The names of {@link formOptions}, of which one at most may be given. */
export const formNames = ["table", "csv", "json"] as const;

/** The form that was chosen, or the one that it has else. */
export function formOf(given: { readonly [Name in Form]?: true }, otherwise: Form): Form {
  return formNames.find((name) => given[name]) ?? otherwise;
}

/** Prints all pages. What cannot be had at all prints nothing, not even a header. */
export async function printListing<T>(
  pages: AsyncIterable<readonly T[]>,
  listing: Listing<T>,
  form: Form,
  around: Surroundings,
): Promise<void> {
  switch (form) {
    case "csv":
      return await printCsv(pages, listing, around);
    case "json":
      return await printJson(pages, listing, around);
    case "table":
      return await printTable(pages, listing, around);
  }
}

/** {@link printListing}, as CSV. */
export async function printCsv<T>(
  pages: AsyncIterable<readonly T[]>,
  listing: Pick<Listing<T>, "csvHeader" | "csvRow">,
  { stdout }: Surroundings,
): Promise<void> {
  // The header goes out with the first page.
  let text = listing.csvHeader;
  for await (const page of pages) {
    await stdout.write(text + page.map((item) => listing.csvRow(item)).join(""));
    text = "";
  }
  if (text !== "") await stdout.write(text);
}

async function printJson<T>(
  pages: AsyncIterable<readonly T[]>,
  listing: Listing<T>,
  { stdout }: Surroundings,
): Promise<void> {
  let before = "[\n";
  for await (const page of pages) {
    if (page.length === 0) continue;
    await stdout.write(before + page.map((item) => listing.json(item)).join(",\n"));
    before = ",\n";
  }
  await stdout.write(before === ",\n" ? "\n]\n" : "[]\n");
}

async function printTable<T>(
  pages: AsyncIterable<readonly T[]>,
  listing: Listing<T>,
  { stdout, columns, hasColour }: Surroundings,
): Promise<void> {
  const table = new Table(listing.columns, { width: columns(), style: hasColour ? coloured : plain });
  let isEmpty = true;
  for await (const page of pages) {
    if (page.length === 0) continue;
    await stdout.write(table.rows(page.map((item) => listing.cells(item))));
    isEmpty = false;
  }
  await stdout.write(isEmpty ? table.rows([]) : table.end());
}
