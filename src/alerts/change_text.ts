/**
 * What an entry of the log says, in a few words.
 *
 * @module
 */

import type { EditedEntry, Entry } from "../database/entries.ts";
import { formatAvailability, type Site } from "../database/values.ts";
import { productText } from "../database/cvx.ts";

/** An availability with what it counts, such as `40 doses`. */
export function availabilityText({ availability, unit }: Pick<Site, "availability" | "unit">): string {
  const text = formatAvailability(availability);
  return unit === undefined ? text : `${text} ${unit}`;
}

/** The event in a word or two, with all that a person has said of it. */
export function changeText(entry: Entry): string {
  if (entry.kind === "report") {
    const said = [...entry.outOfDate ? ["out of date"] : [], ...entry.retracted ? ["retracted"] : []];
    return availabilityText(entry) + productPart(entry.product) + (said.length === 0 ? "" : ` (${said.join(", ")})`);
  }
  if (entry.kind === "confirmed") {
    return entry.product === undefined ? "still so" : `still so: ${productText(entry.product)}`;
  }
  if (entry.kind === "published") return `published as ${entry.locationId}`;
  if (entry.kind === "retracted" || entry.kind === "redacted") return `${entry.kind} ${entry.of}`;
  if (entry.kind === "edited") return `edited: ${editsOf(entry).join(", ")}`;
  if (entry.kind === "merged") return `merged into ${entry.into.name}`;
  if (entry.kind === "unmerged") return `unmerged from ${entry.into.name}`;
  return entry.kind === "retired" ? `retired: ${entry.reason}` : entry.kind;
}

function productPart(product: string | undefined): string {
  return product === undefined ? "" : ` of ${productText(product)}`;
}

/** What an edit has changed, each in a few words. */
function editsOf({ name, zip, identifiers }: EditedEntry): string[] {
  const known = identifiers?.map(({ system, value }) => `${system}=${value}`).join(" ");
  return [
    ...name === undefined ? [] : [`name ${name}`],
    ...zip === undefined ? [] : [`ZIP ${zip}`],
    ...known === undefined ? [] : [known === "" ? "no identifiers" : `identifiers ${known}`],
  ];
}
