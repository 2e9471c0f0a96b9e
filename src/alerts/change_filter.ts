/**
 * Which changes somebody wants to hear of: one meaning for the command line, events, changes and the Atom feed.
 *
 * A site is wanted by what it is now, such as its ZIP code. An arrival is one by what the site showed just before.
 *
 * @module
 */

import { type FullSite, parseZip } from "../database/values.ts";
import { Vicinity, type VicinityWishes } from "../places/vicinity.ts";

/** What somebody wants to hear of; absent: all. */
export interface ChangeWishes extends VicinityWishes {
  /** How the ZIP codes of the sites begin. */
  readonly zip?: string;
  /** Only arrivals. */
  readonly available?: boolean;
}

/** A test of changes. */
export interface ChangeFilter {
  /** Whether only arrivals are wanted. */
  readonly onlyArrivals: boolean;
  /** Whether it looks at the documents of sites. */
  readonly needsDocument: boolean;
  /** Whether the changes of a site are wanted. */
  wantsSite(site: Pick<FullSite, "zip" | "document">): boolean;
}

/**
 * Makes the test.
 *
 * @returns undefined if all changes are wanted.
 * @throws {ValueError} if a ZIP code cannot be one, or nobody knows where it is.
 */
export async function changeFilter(wishes: ChangeWishes): Promise<ChangeFilter | undefined> {
  const { available: onlyArrivals = false } = wishes;
  const zip = wishes.zip === undefined ? "" : parseZip(wishes.zip);
  const vicinity = await Vicinity.wanted(wishes);
  if (zip === "" && vicinity === undefined && !onlyArrivals) return undefined;
  return {
    onlyArrivals,
    needsDocument: vicinity !== undefined,
    wantsSite: (site) => site.zip.startsWith(zip) && (vicinity === undefined || vicinity.milesTo(site) !== undefined),
  };
}
