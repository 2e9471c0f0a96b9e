/**
 * `history NAME`: what was reported of a site, the newest first.
 *
 * @module
 */

import { defineCommand, flag } from "../../front/typed_command.ts";
import { formNames, formOf, formOptions, printListing } from "../listing.ts";
import { entryListingOf } from "../render_entries.ts";
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
    "If other sites were merged into the site, their entries are there too, and the table has their names.",
    "The output is a table unless --csv or --json is given.",
  ],
  examples: ['history "Rite Aid, Millville" --limit 10', 'history "Rite Aid, Millville" --oldest-first --json'],
  operands: [nameOperand],
  options: { oldestFirst: flag("begin with the oldest"), limit: limitOption("entries"), ...formOptions },
  exclusive: formNames,
  make: ({ operands: [name], options: { oldestFirst, limit, ...form } }) =>
    clientTask(async (client, around) => {
      const outcome = await client.details(name);
      if (outcome.kind !== "site") return await printOutcome(outcome, client, around, form.json);
      const entries = client.history(name, { newestFirst: !oldestFirst, limit });
      const { id, aliases } = outcome.site;
      await printListing(entries, entryListingOf(id, aliases !== undefined), formOf(form, "table"), around);
    }),
});
