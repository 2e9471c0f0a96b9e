/**
 * `history NAME`: what was reported of a site, the newest first.
 *
 * @module
 */

import { UnknownSiteError } from "../../library/client.ts";
import { defineCommand, flag } from "../../front/typed_command.ts";
import { formNames, formOf, formOptions, printListing } from "../listing.ts";
import { entryListing } from "../render_entries.ts";
import { clientTask } from "../task.ts";
import { printOutcome } from "./one_site.ts";
import { limitOption, nameOperand } from "./operands.ts";

/** The command. */
export const historyCommand = defineCommand({
  name: "history",
  summary: "print all entries of a site, the newest first",
  details: [
    "An entry says that the site was added, what was reported and by whom, or that it was retired or reopened. A " +
    "report that was observed before the one that the site showed then is marked as out of date.",
    "The output is a table unless --csv or --json is given.",
  ],
  examples: ['history "Rite Aid, Millville" --limit 10', 'history "Rite Aid, Millville" --oldest-first --json'],
  operands: [nameOperand],
  options: { oldestFirst: flag("begin with the oldest"), limit: limitOption("entries"), ...formOptions },
  exclusive: formNames,
  make: ({ operands: [name], options: { oldestFirst, limit, ...form } }) =>
    clientTask(async (client, around) => {
      const entries = client.history(name, { newestFirst: !oldestFirst, limit });
      try {
        await printListing(entries, entryListing, formOf(form, "table"), around);
      } catch (error) {
        if (!(error instanceof UnknownSiteError)) throw error;
        const { site, alike } = error;
        return await printOutcome({ kind: "unknownSite", name: site, alike, index: 0 }, client, around);
      }
    }),
});
