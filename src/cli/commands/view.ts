/**
 * `view NAME`: one site.
 *
 * @module
 */

import { formatId } from "../../database/look_alikes.ts";
import type { FullSite } from "../../database/values.ts";
import { defineCommand, flag } from "../../front/typed_command.ts";
import { availabilityText, fullSiteJson } from "../render.ts";
import { clientTask } from "../task.ts";
import { type TableColumn, tableFor } from "../table.ts";
import { formatTime } from "../times.ts";
import { printOutcome, siteTask } from "./one_site.ts";
import { nameOperand } from "./operands.ts";

/** Something that is known of a site, with its name. */
type SiteField = [called: string, value: string];

/** The command. */
export const viewCommand = defineCommand({
  name: "view",
  summary: "print one site: name, ZIP code, availability",
  examples: ['view "Rite Aid, Millville"', 'view "Rite Aid, Millville" --table'],
  operands: [nameOperand],
  options: {
    table: flag("print all that the site shows: its id, when and by whom it was reported, the note, the entry number"),
    json: flag("print the same, and the document, as one JSON object on one line"),
  },
  exclusive: ["table", "json"],
  make: ({ operands: [name], options: { table, json } }) => {
    if (!table && !json) return siteTask((client) => client.view(name));
    return clientTask(async (client, around) => {
      const outcome = await client.details(name);
      if (outcome.kind !== "site") return await printOutcome(outcome, client, around, json);
      const { site } = outcome;
      await around.stdout.write(json ? `${fullSiteJson(site)}\n` : tableFor(columns, around).rows(fieldsOf(site)));
    });
  },
});

const columns: readonly TableColumn<SiteField>[] = [
  { head: "Field", rank: 0, cell: ([called]) => called },
  { head: "Value", rank: 1, cell: ([, value]) => value },
];

/** All that is known of a site. */
function fieldsOf(site: FullSite): SiteField[] {
  const { report, document, identifiers = [], aliases = [] } = site;
  const fields: [string, string | undefined][] = [
    ["Site Name", site.name],
    ["Id", formatId(site.id)],
    ["ZIP Code", site.zip],
    ["Availability", availabilityText(site)],
    ["Observed", site.observedAt === 0 ? undefined : formatTime(site.observedAt)],
    ["Recorded", report === undefined ? undefined : formatTime(report.recordedAt)],
    ["Who", report?.who],
    ["Source", report?.source],
    ["Note", report?.note],
    ["Entry", report === undefined ? undefined : String(report.index)],
    ["Retired", site.retired],
    ...identifiers.map(({ system, value }): SiteField => ["Identifier", `${system}=${value}`]),
    ...aliases.map(({ id, name }): SiteField => ["Alias", `${name} (${formatId(id)})`]),
    ["Document", document === undefined ? undefined : `${document.length} characters; --json prints it`],
  ];
  return fields.filter((field): field is SiteField => field[1] !== undefined);
}
