/**
 * `view NAME`: one site.
 *
 * @module
 */

import { availabilityText } from "../../alerts/change_text.ts";
import { formatId } from "../../database/look_alikes.ts";
import type { FullSite, SourceReport } from "../../database/values.ts";
import { productText } from "../../database/cvx.ts";
import { defineCommand, flag } from "../../front/typed_command.ts";
import { ageText, availabilityColumn, fullSiteJson } from "../render.ts";
import { clientTask } from "../task.ts";
import { type TableColumn, tableFor } from "../table.ts";
import { formatTime } from "../../formats/times.ts";
import { printOutcome, siteTask } from "./one_site.ts";
import { nameOperand } from "./operands.ts";

/** Something that is known of a site, with its name. */
type SiteField = [called: string, value: string];

/** The command. */
export const viewCommand = defineCommand({
  name: "view",
  summary: "print one site: name, ZIP code, availability",
  details: [
    "With --table, a second table has what each source says of each product: when that was observed, when it was " +
    "still so, and since when it has been so.",
  ],
  examples: ['view "Rite Aid, Millville"', 'view "Rite Aid, Millville" --table'],
  operands: [nameOperand],
  options: {
    table: flag("print all that the site shows: its id, when and by whom it was reported, the note, the entry number"),
    json: flag("print the same, and the document, as one JSON object on one line"),
  },
  exclusive: ["table", "json"],
  make: ({ operands: [name], options: { table, json }, now }) => {
    if (!table && !json) return siteTask((client) => client.view(name));
    return clientTask(async (client, around) => {
      const outcome = await client.details(name);
      if (outcome.kind !== "site") return await printOutcome(outcome, client, around, json);
      const { site } = outcome;
      const sources = (await Array.fromAsync(client.sources(name))).flat();
      if (json) return await around.stdout.write(`${fullSiteJson(site, sources)}\n`);
      await around.stdout.write(tableFor(columns, around).rows(fieldsOf(site, now)));
      const reported = sources.filter(({ index }) => index !== 0);
      if (reported.length === 0) return;
      const table = tableFor(sourceColumns(now), around);
      await around.stdout.write(`\n${table.rows(reported)}${table.end()}`);
    });
  },
});

const columns: readonly TableColumn<SiteField>[] = [
  { head: "Field", rank: 0, cell: ([called]) => called },
  { head: "Value", rank: 1, cell: ([, value]) => value },
];

/** What each source says of each product. @param now ms since 1970. */
function sourceColumns(now: number): readonly TableColumn<SourceReport>[] {
  const time = (ms: number | undefined) => ms === undefined ? "" : formatTime(ms);
  return [
    { head: "Source", rank: 0, cell: ({ source = "" }) => source },
    { head: "Product", rank: 1, cell: ({ product }) => product === undefined ? "" : productText(product) },
    availabilityColumn,
    { head: "Unit", rank: 3, widthMin: 5, cell: ({ unit = "" }) => unit },
    { head: "Observed", rank: 4, widthMin: 10, cell: ({ observedAt }) => time(observedAt) },
    { head: "Still so", rank: 5, widthMin: 10, cell: ({ checkedAt }) => time(checkedAt) },
    { head: "Since", rank: 6, widthMin: 10, cell: ({ changedAt }) => time(changedAt) },
    { head: "Age", rank: 2, widthMin: 6, cell: (said) => ageText(said, now) },
    { head: "Site", rank: 7, cell: ({ site }) => site?.name ?? "" },
  ];
}

/** All that is known of a site. */
function fieldsOf(site: FullSite, now: number): SiteField[] {
  const { report, document, identifiers = [], aliases = [] } = site;
  const isReported = site.observedAt !== 0;
  const fields: [string, string | undefined][] = [
    ["Site Name", site.name],
    ["Id", formatId(site.id)],
    ["ZIP Code", site.zip],
    ["Availability", isReported ? availabilityText(site) : "never reported"],
    ["Observed", isReported ? formatTime(site.observedAt) : undefined],
    ["Still so", site.checkedAt === undefined ? undefined : formatTime(site.checkedAt)],
    ["Age", isReported ? ageText(site, now) : undefined],
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
