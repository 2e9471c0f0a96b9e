/**
 * `list`: the sites, sorted by name.
 *
 * @module
 */

import { parseName } from "../../database/values.ts";
import { defineCommand, flag, option } from "../../front/typed_command.ts";
import { UsageError } from "../../front/usage_error.ts";
import { nearbySites } from "../../places/nearby.ts";
import { freshnessOptions, sitesOfAge } from "../freshness.ts";
import { formNames, formOf, formOptions, printCsv, printListing } from "../listing.ts";
import { agedListing, nearbyListing, siteCsv } from "../render.ts";
import { clientTask } from "../task.ts";
import { checkNear, limitOption, nearOptions, originOptions, productOption, zipOption } from "./operands.ts";

/** The command. */
export const listCommand = defineCommand({
  name: "list",
  summary: "print the sites, sorted by name",
  details: [
    "The output is CSV with three columns, on a terminal too. --table and --json show more of each site. Retired " +
    "sites are left out unless --retired is given.",
    "With --near, the nearest site comes first. A site is where a feed says it is, or else in the middle of its ZIP " +
    "code.",
    "The age of a site is the time since what it shows was observed, or confirmed last. A site without a report is " +
    "not fresh. It lists as 0; --table and --json say that nobody has reported it.",
    "With --product or --source, the list has only sites with such reports, and shows the newest of these.",
  ],
  examples: [
    "list",
    "list --fresh 24h --available",
    "list --product 208 --stale --table",
    "list --zip 083 --available --table",
    'list --after "Rite Aid, Millville" --limit 20',
    "list --near 02138 --within 5mi --available --table",
  ],
  operands: [],
  options: {
    ...zipOption,
    available: flag("keep only sites with vaccine: True, or a count of 1 or more"),
    retired: flag("include retired sites"),
    limit: limitOption("sites"),
    after: option("NAME", "keep only sites whose name comes after this one", parseName),
    ...nearOptions,
    ...freshnessOptions,
    ...productOption("keep only sites with reports about this product"),
    source: { ...originOptions.source, help: "keep only sites with reports of this source" },
    ...formOptions,
  },
  exclusive: formNames,
  make: ({ options: { table, csv, json, near, within, after, fresh, stale, limit, ...filter }, now }) => {
    if (fresh !== undefined && stale !== undefined) throw new UsageError("Give either --fresh or --stale, not both");
    checkNear({ near, within });
    if (near !== undefined && after !== undefined) {
      throw new UsageError('"--after" does not go with "--near", which lists by distance: use --limit');
    }
    const age = { fresh, stale };
    const hasAge = fresh !== undefined || stale !== undefined;
    return clientTask(async (client, around) => {
      const form = formOf({ table, csv, json }, "csv");
      if (near !== undefined) {
        const sites = [await nearbySites(client, { near, within, ...filter })];
        await printListing(sitesOfAge(sites, age, now, limit), nearbyListing(now), form, around);
      } else if (hasAge) {
        const sites = sitesOfAge(client.list({ after, ...filter }), age, now, limit);
        await printListing(sites, agedListing(now), form, around);
        // CSV shows no more than half of what the others do.
      } else if (form === "csv") await printCsv(client.listBrief({ after, limit, ...filter }), siteCsv, around);
      else await printListing(client.list({ after, limit, ...filter }), agedListing(now), form, around);
    });
  },
});
