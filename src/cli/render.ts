/**
 * Sites as text: CSV, JSON, a line for a person.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import { type BriefSite, formatAvailability, type FullSite, type ShownReport, type Site } from "../database/values.ts";
import { csvField } from "../formats/csv.ts";
import { exactTime } from "./times.ts";

/** The first line of a list. */
export const csvHeader = "Availability,ZIP Code,Site Name\n";

/**
 * One line of a list: fields quoted as in RFC 4180, but a line feed alone at the end, the same on a terminal, in a file
 * and in a pipe. RFC 4180 wants a carriage return before it; every reader of CSV takes both, `grep` and `cut` do not.
 */
export function csvRow({ availability, zip, name }: BriefSite): string {
  return csvLineOf([formatAvailability(availability), zip, printable(name)]);
}

/** Any line of CSV, with its end. */
export function csvLineOf(fields: readonly string[]): string {
  return `${fields.map(csvField).join(",")}\n`;
}

/** An availability with what it counts: `40 doses`, `True`. */
export function availabilityText({ availability, unit }: Pick<Site, "availability" | "unit">): string {
  const text = formatAvailability(availability);
  return unit === undefined ? text : `${text} ${unit}`;
}

/** A site as one line: site, ZIP and availability, in that order, and why it is retired. */
export function siteLine(site: Site): string {
  const retired = site.retired === undefined ? "" : `, retired: ${printable(site.retired)}`;
  return `${printable(site.name)}, ZIP ${site.zip}, availability ${availabilityText(site)}${retired}`;
}

/** The fields of a site as JSON shows them, in their order. */
export function siteFields({ name, zip, availability, unit, observedAt, retired }: Site): Record<string, unknown> {
  return { name, zip, availability, unit, observedAt: observedAt === 0 ? undefined : exactTime(observedAt), retired };
}

/** The fields of the report that a site shows, as JSON shows them. */
export function reportFields({ index, recordedAt, who, source, note }: ShownReport): Record<string, unknown> {
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
  const { report, document } = site;
  return jsonLine({ ...siteFields(site), report: report === undefined ? undefined : reportFields(report) }, document);
}

/** Marks what a piece of text is, on a terminal that shows it. */
export interface Style {
  /** What is asked. */
  prompt(text: string): string;
  /** What went wrong. */
  bad(text: string): string;
  /** What went well. */
  good(text: string): string;
  /** What happened beside. */
  notice(text: string): string;
}

/** Text as it is. */
export const plain: Style = {
  prompt: (text) => text,
  bad: (text) => text,
  good: (text) => text,
  notice: (text) => text,
};

/** Text with ANSI codes around it. */
export const coloured: Style = {
  prompt: (text) => `\x1b[1m${text}\x1b[22m`,
  bad: (text) => `\x1b[31m${text}\x1b[39m`,
  good: (text) => `\x1b[32m${text}\x1b[39m`,
  notice: (text) => `\x1b[33m${text}\x1b[39m`,
};
