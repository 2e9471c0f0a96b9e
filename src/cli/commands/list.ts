/**
 * `list`: the sites, sorted by name.
 *
 * @module
 */

import { parseName } from "../../database/values.ts";
import { defineCommand, flag, option } from "../../front/typed_command.ts";
import { formNames, formOf, formOptions, printCsv, printListing } from "../listing.ts";
import { siteCsv, siteListing } from "../render.ts";
import { freshnessOptions, sitesOfAge } from "../freshness.ts";
import { UsageError } from "../../front/usage_error.ts";
import { clientTask } from "../task.ts";
import { limitOption, zipOption } from "./operands.ts";

/** The command. */
export const listCommand = defineCommand({
  name: "list",
  summary: "print the sites, sorted by name",
  details: [
    "The output is CSV with three columns, on a terminal too. --table and --json show more of each site. Retired " +
    "sites are left out unless --retired is given.",
    "The age of a site is the time since the observation that it shows. A site without a report is not fresh.",
  ],
  examples: [
    "list",
    "list --fresh 24h --available",
    "list --zip 083 --available --table",
    'list --after "Rite Aid, Millville" --limit 20',
  ],
  operands: [],
  options: {
    ...zipOption,
    available: flag("keep only sites with vaccine: True, or a count of 1 or more"),
    retired: flag("include retired sites"),
    limit: limitOption("sites"),
    after: option("NAME", "keep only sites whose name comes after this one", parseName),
    ...freshnessOptions,
    ...formOptions,
  },
  exclusive: formNames,
  make: ({ options: { table, csv, json, fresh, stale, limit, ...filter }, now }) => {
    if (fresh !== undefined && stale !== undefined) throw new UsageError("Give either --fresh or --stale, not both");
    const options = { ...filter, limit };
    return clientTask(async (client, around) => {
      const form = formOf({ table, csv, json }, "csv");
      if (fresh !== undefined || stale !== undefined) {
        return await printListing(
          sitesOfAge(client.list(filter), { fresh, stale }, now, limit),
          siteListing,
          form,
          around,
        );
      }
      // CSV shows no more than half of what the others do.
      if (form === "csv") await printCsv(client.listBrief(options), siteCsv, around);
      else await printListing(client.list(options), siteListing, form, around);
    });
  },
});
