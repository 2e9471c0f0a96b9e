/**
 * Sites as text: CSV, JSON, a line for a person.
 *
 * @module
 */

import { printable } from "../database/quoted.ts";
import { type BriefSite, formatAvailability } from "../database/values.ts";

/** The first line of a list. */
export const csvHeader = "Availability,ZIP Code,Site Name\n";

/**
 * One line of a list: fields quoted as in RFC 4180, but a line feed alone at the end, the same on a terminal, in a file
 * and in a pipe. RFC 4180 wants a carriage return before it; every reader of CSV takes both, `grep` and `cut` do not.
 */
export function csvRow(site: BriefSite): string {
  const fields = [formatAvailability(site.availability), site.zip, printable(site.name)];
  return `${fields.map(csvField).join(",")}\n`;
}

/** A field of CSV: in quotes if it has a comma, a quote or a line break, with its quotes doubled. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A site as one line: site, ZIP and availability, in that order. */
export function siteLine(site: BriefSite): string {
  return `${printable(site.name)}, ZIP ${site.zip}, availability ${formatAvailability(site.availability)}`;
}

/** A site as a JSON object on one line, without the end of the line. */
export function siteJson({ name, zip, availability }: BriefSite): string {
  return printable(JSON.stringify({ name, zip, availability }));
}

/** Marks what a piece of text is, on a terminal that shows it. */
export interface Style {
  /** What is asked. */
  prompt(text: string): string;
  /** What went wrong. */
  bad(text: string): string;
  /** What happened beside. */
  notice(text: string): string;
}

/** Text as it is. */
export const plain: Style = { prompt: (text) => text, bad: (text) => text, notice: (text) => text };

/** Text with ANSI codes around it. */
export const coloured: Style = {
  prompt: (text) => `\x1b[1m${text}\x1b[22m`,
  bad: (text) => `\x1b[31m${text}\x1b[39m`,
  notice: (text) => `\x1b[33m${text}\x1b[39m`,
};
