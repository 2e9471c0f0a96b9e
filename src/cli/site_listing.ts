/**
 * How sites are listed.
 *
 * @module
 */

import { formatAvailability, type Site } from "../database/values.ts";
import type { Listing } from "./listing.ts";
import { csvHeader, csvRow, siteJson } from "./render.ts";

/** Sites in the order of what a list is read for. */
export const siteListing: Listing<Site> = {
  csvHeader,
  csvRow,
  json: siteJson,
  columns: [
    { head: "Availability", rank: 1, isFigure: true },
    { head: "ZIP Code", rank: 2, widthMin: 5 },
    { head: "Site Name", rank: 0 },
  ],
  cells: ({ availability, zip, name }) => [formatAvailability(availability), zip, name],
};

/**
 * The same, each site with a number, by which it can be chosen.
 *
 * @param numberOf called once for each site, in order.
 */
export function numberedListing(numberOf: (site: Site) => number | undefined): Listing<Site> {
  return {
    ...siteListing,
    csvRow: (site) => {
      // CSV is for programs, and has no number of its own; the rows can be counted.
      numberOf(site);
      return siteListing.csvRow(site);
    },
    columns: [{ head: "No.", rank: 1, isFigure: true }, ...siteListing.columns],
    cells: (site) => [String(numberOf(site) ?? ""), ...siteListing.cells(site)],
  };
}
