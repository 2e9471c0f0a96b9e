/**
 * Every kind of problem that a reader may find, with what becomes of it.
 *
 * The words are stable: scripts look for them in the report of an import.
 *
 * @module
 */

/**
 * What a reader does about a problem: `repaired` where only one repair is possible, `kept` where the value goes in as
 * it is although it is wrong or doubtful, `skipped` where what is left out says nothing about the availability of
 * vaccine, `refused` where the line, or what it says, is left out and should have counted.
 */
type ProblemEffect = "repaired" | "kept" | "skipped" | "refused";

/** All kinds, in the order in which a summary shows them: its effect, and what follows the number of several. */
export const problemKinds = {
  // The text.
  "bom": ["repaired", "byte order marks at the beginning of a file, left out"],
  "gzip-none": ["kept", "files whose name ends in .gz, and that are not packed, read as they are"],
  "utf-16": ["refused", "files in UTF-16"],
  "not-utf-8": ["refused", "lines that are not UTF-8"],
  "line-too-long": ["refused", "lines that are too long"],
  "lone-carriage-return": ["refused", "files whose lines end in a carriage return alone"],
  // CSV.
  "csv-empty": ["refused", "empty files"],
  "column-missing": ["refused", "columns that are missing"],
  "column-repeated": ["refused", "columns that appear twice"],
  "column-unnamed": ["refused", "columns without a name"],
  "column-second": ["kept", "columns that count only where another one is empty"],
  "column-unknown": ["kept", "columns of unknown name, kept in the sites' documents"],
  "separator-line": ["repaired", "first lines that name the separator, such as sep=;"],
  "row-blank": ["skipped", "files with rows in which nothing is"],
  "cells-blank": ["skipped", "files with empty fields behind the last column"],
  "field-count": ["refused", "lines with too many or too few fields"],
  "quote-unclosed": ["refused", "quotes that are never closed"],
  "csv-syntax": ["refused", "lines with a misplaced quote"],
  // JSON.
  "not-json": ["refused", "lines that are not JSON"],
  "not-object": ["refused", "lines that are not JSON objects"],
  "raw-tab": ["repaired", "lines with a tab inside a text of JSON, taken as a space"],
  "field-renamed": ["repaired", "fields under another name"],
  "field-unknown": ["kept", "fields of unknown name, kept in the sites' documents"],
  // What a record says.
  "name-invalid": ["refused", "names that a site cannot have"],
  "zip-missing": ["refused", "sites without a ZIP code"],
  "zip-invalid": ["refused", "invalid ZIP codes"],
  "zip-lost-zero": ["repaired", "ZIP codes that had lost their leading zero"],
  "zip-plus-four": ["repaired", "ZIP codes of nine digits, of which the first five are the site's"],
  "zip-extension": ["kept", "ZIP codes without four digits after the hyphen; these digits were not used"],
  "zip-as-number": ["repaired", "ZIP codes that were a JSON number"],
  "zip-guard": ["repaired", "ZIP codes in what keeps a spreadsheet from changing them"],
  "zip-decimal": ["repaired", "ZIP codes that were a decimal number"],
  "zip-state": ["repaired", "ZIP codes with their state before them"],
  "zip-length": ["kept", "ZIP codes that do not have five digits"],
  "availability-invalid": ["refused", "invalid availabilities"],
  "unit-invalid": ["refused", "invalid units"],
  "instant-invalid": ["refused", "invalid instants"],
  "instant-short": ["repaired", "instants without seconds, or without the minutes of their offset"],
  "instant-space": ["repaired", "instants with a space in place of the T"],
  "instant-leap": ["repaired", "instants in a second 60, taken as the end of the second before"],
  "instant-date": ["repaired", "dates alone, taken as the first moment of that day in UTC"],
  "instant-future": ["refused", "reports from the future"],
  "text-invalid": ["refused", "texts that are too long or have forbidden characters"],
  "report-missing": ["refused", "lines that describe a report without an availability"],
  "record-foreign": ["refused", "records of other systems"],
  "identifier-invalid": ["refused", "identifiers that a site cannot have"],
  "document-invalid": ["refused", "documents that are not JSON objects"],
  "document-too-large": ["refused", "documents that are too large"],
  // SMART Scheduling Links.
  "publisher-error": ["kept", "errors that the publisher itself lists"],
  "output-unknown": ["refused", "files of the manifest that were not read"],
  "output-other": ["skipped", "files of the manifest that are not about availability"],
  "output-nested": ["repaired", "lists of files inside the list of files"],
  "feed-empty": ["kept", "feeds without a Location"],
  "resource-type": ["refused", "resources of another type than their file"],
  "id-missing": ["refused", "resources without an id"],
  "id-as-number": ["repaired", "ids that were a JSON number"],
  "id-invalid": ["kept", "ids with characters that no id may have"],
  "location-test": ["kept", "Locations that look like a publisher's test"],
  "location-inactive": ["kept", "Locations that are not active, where nothing is available"],
  "location-gone": ["kept", "sites that their feed lists no more, where nobody knows what is available"],
  "location-repeated": ["repaired", "Locations that appear twice, the same in all"],
  "location-ambiguous": ["refused", "Locations that share an id and differ"],
  "schedule-repeated": ["repaired", "Schedules that appear twice, the same in all"],
  "schedule-inactive": ["kept", "Schedules that are not active, whose Slots do not count"],
  "schedule-other": ["skipped", "Schedules of another service than immunization, with their Slots"],
  "none-but-free": ["kept", "Schedules that an aggregator says have none, and that have free Slots, which count"],
  "schedule-ambiguous": ["refused", "Schedules that share an id and differ"],
  "slot-repeated": ["repaired", "Slots that appear twice, the same in all"],
  "slot-past": ["skipped", "Slots that had ended when the feed was made"],
  "slot-in-error": ["skipped", "Slots that the publisher has marked as entered in error"],
  "slot-free-empty": ["kept", "free Slots with a capacity of 0"],
  "slot-id-shared": ["repaired", "Slots that share an id with others, told apart"],
  "name-shortened": ["repaired", "Locations whose name was too long, cut at its end"],
  "state-name": ["repaired", "states by their names, taken as their two letters"],
  "name-shared": ["repaired", "Locations that share their name with others, told apart"],
  "name-taken": ["refused", "Locations whose name is that of another site"],
  "feed-moved": ["kept", "feeds that have moved to another URL, whose sites were found again"],
  "possible-duplicate": ["kept", "new sites with an identifier that a site of another name has"],
  "schedule-unresolved": ["refused", "Schedules that belong to no Location"],
  "slot-unresolved": ["refused", "Slots that belong to no Schedule"],
  "of-refused": ["refused", "Schedules and Slots of something that was refused"],
  "status-unknown": ["refused", "Slots of unknown status"],
  "end-before-start": ["refused", "Slots that end before they begin"],
  "offset-impossible": ["kept", "Slots with an offset from UTC that their place does not have at that time"],
  "capacity-text": ["repaired", "capacities that were a text"],
  "capacity-type": ["repaired", "capacities that were a number of another type"],
  "capacity-invalid": ["kept", "capacities that are not counts, and were not used"],
  "dose-out-of-range": ["kept", "Schedules with a dose that does not exist"],
  "vtrcks-unknown": ["kept", "invalid VTrckS PINs"],
  "source-unusable": ["kept", "sources that are too long or have forbidden characters, left out"],
  "slots-by-day": ["kept", "sites whose document has no room for their Slots, and has them added up by day"],
  "slots-left-out": ["kept", "sites whose document has no room for all their Slots"],
  "document-left-out": ["kept", "sites whose Location is too large to be kept"],
  // What the database says.
  "address-differs": ["repaired", "records of another site of the same name and ZIP code, told apart by address"],
  "zip-corrected": ["repaired", "sites whose ZIP code their source has corrected"],
  "zip-other": ["kept", "sites that have another ZIP code than their record, and keep it"],
  "identifiers-left-out": ["kept", "sites that have no room for more identifiers"],
  "identifier-other": ["kept", "identifiers that sites have with another value, and keep"],
  "published-id-other": ["kept", "published ids that were not taken, since the site or another one has its own"],
  "zip-differs": ["refused", "records of sites that exist with another ZIP code"],
  "site-retired": ["refused", "records of sites that are retired"],
  "not-taken": ["refused", "records that the database did not take"],
} as const satisfies Record<string, readonly [ProblemEffect, string]>;

/** A stable word for problems of one sort. */
export type ProblemKind = keyof typeof problemKinds;

/** What becomes of a problem of that kind. */
export function effectOf(kind: ProblemKind): ProblemEffect {
  return problemKinds[kind][0];
}
