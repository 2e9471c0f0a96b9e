/**
 * How sites are listed.
 *
 * @module
 */

import { type BriefSite, formatAvailability, type Site } from "../database/values.ts";
import type { Listing } from "./listing.ts";
import { csvHeader, csvRow, siteJson } from "./render.ts";
import { formatTime } from "./times.ts";

/** Sites with all that a list shows of them. */
export const siteListing: Listing<Site> = {
  csvHeader,
  csvRow,
  json: siteJson,
  columns: [
    { head: "Availability", rank: 1, isFigure: true },
    { head: "Unit", rank: 4, widthMin: 5 },
    { head: "ZIP Code", rank: 2, widthMin: 5 },
    { head: "Site Name", rank: 0 },
    { head: "Observed", rank: 3, widthMin: 10 },
    { head: "Retired", rank: 5 },
  ],
  cells: ({ availability, unit, zip, name, observedAt, retired }) => [
    formatAvailability(availability),
    unit ?? "",
    zip,
    name,
    observedAt === 0 ? "" : formatTime(observedAt),
    retired ?? "",
  ],
};

/** Sites with the three columns of CSV alone. */
export const briefListing: Pick<Listing<BriefSite>, "csvHeader" | "csvRow"> = { csvHeader, csvRow };

/**
 * Sites of which each has a number, by which it can be chosen.
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
