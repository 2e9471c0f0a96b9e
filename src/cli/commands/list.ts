/**
 * `list`: the sites, sorted by name.
 *
 * @module
 */

import { formNames, formOf, formOptions, printListing } from "../listing.ts";
import { defineCommand } from "../options.ts";
import { siteListing } from "../site_listing.ts";
import { exitCodes } from "../surroundings.ts";

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
