/**
 * Sites as text: JSON, a line for a person, the rows of a list.
 *
 * @module
 */

import { availabilityText } from "../alerts/change_text.ts";
import { printable } from "../quoted.ts";
import { type BriefSite, formatAvailability, type FullSite, type ShownReport, type Site } from "../database/values.ts";
import type { NearbySite } from "../places/nearby.ts";
import type { CsvColumns, Listing } from "./listing.ts";
import { exactTime, formatTime } from "./times.ts";

/** A site as one line: site, ZIP and availability, in that order, and why it is retired. */
export function siteLine(site: Site): string {
  const retired = site.retired === undefined ? "" : `, retired: ${printable(site.retired)}`;
  return `${printable(site.name)}, ZIP ${site.zip}, availability ${availabilityText(site)}${retired}`;
}

/** The fields of a site as JSON shows them, in their order. */
export function siteFields({ id, name, zip, availability, unit, observedAt, retired }: Site): Record<string, unknown> {
  const observed = observedAt === 0 ? undefined : exactTime(observedAt);
  return { id, name, zip, availability, unit, observedAt: observed, retired };
}

/** The fields of the report that a site shows, as JSON shows them. */
function reportFields({ index, recordedAt, who, source, note }: ShownReport): Record<string, unknown> {
  return { entry: index, recordedAt: exactTime(recordedAt), who, source, note };
}

/**
 * Fields as a JSON object on one line, without the end of the line; those that are undefined are left out.
 *
 * @param document what comes last: as it is if it is JSON, so that its numbers stay as exact as they are; else as text.
 */
export function jsonLine(fields: Readonly<Record<string, unknown>>, document?: string): string {
  const text = JSON.stringify(fields);
  if (document === undefined) return printable(text);
  // Line breaks between the parts of a document mean no more than spaces do.
  const value = isJson(document) ? document.replace(/[\r\n]+/g, " ") : JSON.stringify(document);
  return printable(`${text.slice(0, -1)}${text === "{}" ? "" : ","}"document":${value}}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A site as a JSON object on one line, without the end of the line. */
export function siteJson(site: Site): string {
  return jsonLine(siteFields(site));
}

/** Everything of a site as a JSON object on one line. */
export function fullSiteJson(site: FullSite): string {
  const { report, document, identifiers, aliases } = site;
  const reported = report === undefined ? undefined : reportFields(report);
  return jsonLine({ ...siteFields(site), identifiers, aliases, report: reported }, document);
}

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

/** Sites with how far away they are. */
export const nearbyListing: Listing<NearbySite> = {
  csv: siteCsv,
  json: ({ miles, ...site }) => jsonLine({ ...siteFields(site), miles }),
  columns: [
    { head: "Miles", rank: 1, isFigure: true, cell: ({ miles }) => miles.toFixed(1) },
    ...siteListing.columns,
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
