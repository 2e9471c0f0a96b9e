/**
 * Sites as text: JSON, a line for a person, the rows of a list.
 *
 * @module
 */

import { availabilityText } from "../alerts/change_text.ts";
import { printable } from "../quoted.ts";
import { asOf } from "../database/site_rules.ts";
import {
  type BriefSite,
  formatAvailability,
  type FullSite,
  type ShownReport,
  type Site,
  type SourceReport,
} from "../database/values.ts";
import { formatAge } from "../front/spans.ts";
import type { NearbySite } from "../places/nearby.ts";
import type { CsvColumns, Listing } from "./listing.ts";
import type { TableColumn } from "./table.ts";
import { exactTime, formatTime } from "../formats/times.ts";

/** How long ago what a site shows was observed or confirmed, such as `2 h 5 min`. @param now ms since 1970. */
export function ageText(site: Pick<Site, "observedAt" | "checkedAt">, now: number): string {
  return site.observedAt === 0 ? "never reported" : formatAge(now - asOf(site));
}

/** A site as one line: site, ZIP and availability, in that order, and why it is retired. */
export function siteLine(site: Site): string {
  const retired = site.retired === undefined ? "" : `, retired: ${printable(site.retired)}`;
  return `${printable(site.name)}, ZIP ${site.zip}, availability ${availabilityText(site)}${retired}`;
}

/** The fields of a site as JSON shows them, in their order. */
export function siteFields(site: Site): Record<string, unknown> {
  const { id, name, zip, availability, unit, observedAt, checkedAt, retired } = site;
  const isReported = observedAt !== 0;
  return {
    ...{ id, name, zip, availability, unit },
    observedAt: isReported ? exactTime(observedAt) : undefined,
    checkedAt: checkedAt === undefined ? undefined : exactTime(checkedAt),
    neverReported: isReported ? undefined : true,
    retired,
  };
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
export function fullSiteJson(site: FullSite, sources: readonly SourceReport[]): string {
  const { report, document, identifiers, aliases } = site;
  const reported = report === undefined ? undefined : reportFields(report);
  const said = sources.length === 0 ? undefined : sources.map(sourceFields);
  return jsonLine({ ...siteFields(site), identifiers, aliases, report: reported, sources: said }, document);
}

/** What a source says, as JSON shows it. Its document is left out: `--json` has that of the site. */
function sourceFields(said: SourceReport): Record<string, unknown> {
  const { source, product, availability, unit, observedAt, checkedAt, changedAt, index, recordedAt } = said;
  const time = (ms: number | undefined) => ms === undefined || ms === 0 ? undefined : exactTime(ms);
  return {
    ...{ source, product, availability, unit },
    ...{ observedAt: time(observedAt), checkedAt: time(checkedAt), changedAt: time(changedAt) },
    ...{ entry: index === 0 ? undefined : index, recordedAt: time(recordedAt) },
    ...{ who: said.who, by: said.by, note: said.note, site: said.site },
  };
}

/** The three columns of CSV. */
export const siteCsv: CsvColumns<BriefSite> = [
  ["Availability", ({ availability }) => formatAvailability(availability)],
  ["ZIP Code", ({ zip }) => zip],
  ["Site Name", ({ name }) => name],
];

/** What there is, in any table. */
export const availabilityColumn: TableColumn<Pick<BriefSite, "availability">> = {
  head: "Availability",
  short: "Avail.",
  rank: 1,
  isFigure: true,
  cell: ({ availability }) => formatAvailability(availability),
};

/** Sites with all that a list shows of them. */
export const siteListing: Listing<Site> = {
  csv: siteCsv,
  json: siteJson,
  columns: [
    availabilityColumn,
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

/** The same with the age of what each shows. @param now ms since 1970. */
export function agedListing(now: number): Listing<Site> {
  const age = { head: "Age", rank: 3, widthMin: 14, cell: (site: Site) => ageText(site, now) };
  const [availability, unit, zip, name, ...others] = siteListing.columns;
  // Only a name of some length is told from others.
  return { ...siteListing, columns: [availability, unit, zip, { ...name, widthMin: 20 }, age, ...others] };
}

/** Sites with how far away they are. @param now ms since 1970. */
export function nearbyListing(now: number): Listing<NearbySite> {
  return {
    csv: siteCsv,
    json: ({ miles, ...site }) => jsonLine({ ...siteFields(site), miles }),
    columns: [
      { head: "Miles", rank: 1, isFigure: true, cell: ({ miles }) => miles.toFixed(1) },
      ...agedListing(now).columns,
    ],
  };
}

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
