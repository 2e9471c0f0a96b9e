/**
 * `list`: the sites, sorted by name.
 *
 * @module
 */

import { formatAvailability, type Site } from "../../database/values.ts";
import { formNames, formOf, formOptions, type Listing, printListing } from "../listing.ts";
import { defineCommand } from "../options.ts";
import { csvHeader, csvRow, siteJson } from "../render.ts";
import { exitCodes } from "../surroundings.ts";

/** How sites are listed. */
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

/** The command. */
export const listCommand = defineCommand({
  verb: "list",
  summary: "prints all sites, sorted by name",
  operands: [],
  options: formOptions,
  exclusive: formNames,
  make: ({ options }) => ({
    run: async ({ client, around }) => {
      await printListing(client.list(), siteListing, formOf(options, "csv"), around);
      return exitCodes.ok;
    },
  }),
});
