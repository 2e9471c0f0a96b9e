/**
 * Which changes somebody wants to hear of: one meaning for the command line, events, changes and the Atom feed.
 *
 * A site is wanted by what it is now, such as its ZIP code. An arrival is one by what the site showed just before; with
 * a product or a source, by what was said of that.
 *
 * @module
 */

import type { Entry } from "../database/entries.ts";
import { type FullSite, parseText, parseZip } from "../database/values.ts";
import { productBytesMax, sourceBytesMax } from "../limits.ts";
import { Vicinity, type VicinityWishes } from "../places/vicinity.ts";

/** What somebody wants to hear of; absent: all. */
export interface ChangeWishes extends VicinityWishes {
  /** How the ZIP codes of the sites begin. */
  readonly zip?: string;
  /** Only reports and confirmations of this product, and that such a report was taken back. */
  readonly product?: string;
  /** Only changes by this source, and that a report of it was taken back. */
  readonly source?: string;
  /** Only arrivals. */
  readonly available?: boolean;
}

/** The source and the product of a change, if it has any. */
export interface ChangeSubject {
  readonly source?: string;
  readonly product?: string;
}

/** The source and the product of an entry. An entry that takes a report back has those of the report. */
export function changeSubject(entry: Entry): ChangeSubject {
  if (entry.kind === "retracted") return typeof entry.shows === "object" ? changeSubject(entry.shows) : {};
  const { source } = entry;
  return entry.kind === "report" || entry.kind === "confirmed" ? { source, product: entry.product } : { source };
}

/** A test of changes. */
export interface ChangeFilter {
  /** Whether only arrivals are wanted. */
  readonly onlyArrivals: boolean;
  /** Whether it looks at the documents of sites. */
  readonly needsDocument: boolean;
  /** Whether only changes of a source or a product are wanted. */
  readonly isOfSaid: boolean;
  /** Whether the changes of a site are wanted. */
  wantsSite(site: Pick<FullSite, "zip" | "document">): boolean;
  /** Whether the changes of a source and a product are wanted. */
  wantsSubject(subject: ChangeSubject): boolean;
}

/**
 * Makes the test.
 *
 * @returns undefined if all changes are wanted.
 * @throws {ValueError} if a ZIP code cannot be one, nobody knows where it is, or a text is not valid.
 */
export async function changeFilter(wishes: ChangeWishes): Promise<ChangeFilter | undefined> {
  const { available: onlyArrivals = false } = wishes;
  const zip = wishes.zip === undefined ? "" : parseZip(wishes.zip);
  const vicinity = await Vicinity.wanted(wishes);
  const product = parseText(wishes.product, "a product", productBytesMax);
  const source = parseText(wishes.source, "a source", sourceBytesMax);
  const isOfSaid = product !== undefined || source !== undefined;
  if (zip === "" && vicinity === undefined && !onlyArrivals && !isOfSaid) return undefined;
  return {
    onlyArrivals,
    needsDocument: vicinity !== undefined,
    isOfSaid,
    wantsSite: (site) => site.zip.startsWith(zip) && (vicinity === undefined || vicinity.milesTo(site) !== undefined),
    wantsSubject: (subject) =>
      (product === undefined || subject.product === product) && (source === undefined || subject.source === source),
  };
}
