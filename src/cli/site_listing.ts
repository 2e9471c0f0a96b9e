/**
 * How sites are listed.
 *
 * @module
 */

import { type BriefSite, formatAvailability, type Site } from "../database/values.ts";
import type { CsvColumns, Listing } from "./listing.ts";
import { siteJson } from "./render.ts";
import { formatTime } from "./times.ts";

/** The three columns of CSV. */
export const siteCsv: CsvColumns<BriefSite> = [
  ["Availability", ({ availability }) => formatAvailability(availability)],
  ["ZIP Code", ({ zip }) => zip],
  ["Site Name", ({ name }) => name],
];

/** Sites with all that a list shows of them. */
export const siteListing: Listing<Site> = {
  csv: siteCsv,
  json: siteJson,
  columns: [
    {
      head: "Availability",
      short: "Avail.",
      rank: 1,
      isFigure: true,
      cell: ({ availability }) => formatAvailability(availability),
    },
    { head: "Unit", rank: 4, widthMin: 5, cell: ({ unit = "" }) => unit },
    { head: "ZIP Code", short: "ZIP", rank: 2, widthMin: 5, cell: ({ zip }) => zip },
    { head: "Site Name", rank: 0, cell: ({ name }) => name },
    {
      head: "Observed",
      rank: 3,
      widthMin: 10,
      cell: ({ observedAt }) => observedAt === 0 ? "" : formatTime(observedAt),
    },
    { head: "Retired", rank: 5, cell: ({ retired = "" }) => retired },
  ],
};

/** A site with its number, for a person to choose it; the sites after the first 10,000 have none. */
export type NumberedSite = Site & { readonly number: number | undefined };

/** The same with the numbers in a table. CSV is for programs, and has no number of its own; its rows can be counted. */
export const numberedListing: Listing<NumberedSite> = {
  ...siteListing,
  columns: [
    { head: "No.", rank: 1, isFigure: true, cell: ({ number = "" }) => `${number}` },
    ...siteListing.columns,
  ],
};
