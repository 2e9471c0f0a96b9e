/**
 * Entries of the log as text: a line for who watches, the rows of a history.
 *
 * @module
 */

import type { Entry } from "../client.ts";
import { printable } from "../quoted.ts";
import { formatAvailability } from "../database/values.ts";
import type { Listing } from "./listing.ts";
import { availabilityText, csvLineOf, jsonLine } from "./render.ts";
import { exactTime, formatTime } from "./times.ts";

/** Columns in a watched line for the index, the time and what has happened: most fit, and the others are not cut. */
const indexWidth = 7;
const timeWidth = 20;
const whatWidth = 16;

/** Columns in a history for a time with its minutes, and an ellipsis for the rest: a shorter one would tell another time. */
const minutesWidth = 17;

/** What has happened, in a word or two; with all that a person has said of it. */
export function whatOf(entry: Entry): string {
  switch (entry.kind) {
    case "added":
      return "added";
    case "report":
      return availabilityText(entry) + (entry.outOfDate ? " (out of date)" : "");
    case "retired":
      return `retired: ${entry.reason}`;
    case "reopened":
      return "reopened";
    case "documented":
      return "documented";
  }
}

/** When it was recorded. What a new database holds has no such time: nobody has recorded it. */
function recordedOf({ recordedAt }: Entry): string {
  return recordedAt === 0 ? "from the start" : formatTime(recordedAt);
}

/** When it was true, where that is not when it was recorded. */
function observedOf(entry: Entry): string {
  return entry.kind === "report" && entry.observedAt !== entry.recordedAt ? formatTime(entry.observedAt) : "";
}

function noteOf(entry: Entry): string {
  return "note" in entry ? entry.note ?? "" : "";
}

/** An entry as one line, in columns as far as they go: index, time, what, site, and who, whence and why. */
export function entryLine(entry: Entry): string {
  const observed = observedOf(entry);
  const { who, source } = entry;
  const note = noteOf(entry);
  const more = [
    ...(entry.kind === "added" ? [`ZIP ${entry.zip}`] : []),
    ...(observed === "" ? [] : [`observed ${observed}`]),
    ...(who === undefined ? [] : [`by ${who}`]),
    ...(source === undefined ? [] : [`from ${source}`]),
    ...(note === "" ? [] : [`note: ${note}`]),
  ];
  const columns = [
    String(entry.index).padStart(indexWidth),
    recordedOf(entry).padEnd(timeWidth),
    whatOf(entry).padEnd(whatWidth),
    entry.site,
    ...(more.length === 0 ? [] : [`(${more.join(", ")})`]),
  ];
  return printable(columns.join("  "));
}

/** An entry as a JSON object on one line. */
export function entryJson(entry: Entry): string {
  const document = entry.kind === "documented" ? entry.document : undefined;
  return jsonLine(
    {
      ...entry,
      recordedAt: exactTime(entry.recordedAt),
      ...(entry.kind === "report" ? { observedAt: exactTime(entry.observedAt) } : {}),
      ...(entry.kind === "documented" ? { document: undefined } : {}),
    },
    document,
  );
}

const csvColumns = [
  "Entry",
  "Kind",
  "Recorded At",
  "Availability",
  "Unit",
  "Observed At",
  "Out Of Date",
  "Who",
  "Source",
  "Note",
];

function csvRow(entry: Entry): string {
  const isReport = entry.kind === "report";
  return csvLineOf([
    String(entry.index),
    entry.kind,
    exactTime(entry.recordedAt),
    isReport ? formatAvailability(entry.availability) : "",
    (isReport ? entry.unit : undefined) ?? "",
    isReport ? exactTime(entry.observedAt) : "",
    isReport ? formatAvailability(entry.outOfDate) : "",
    printable(entry.who ?? ""),
    printable(entry.source ?? ""),
    printable(entry.kind === "retired" ? entry.reason : noteOf(entry)),
  ]);
}

/** How the entries of one site are listed. */
export const entryListing: Listing<Entry> = {
  csvHeader: csvLineOf(csvColumns),
  csvRow,
  json: entryJson,
  columns: [
    { head: "Entry", rank: 2, isFigure: true },
    { head: "Recorded", rank: 1, widthMin: minutesWidth },
    { head: "What", rank: 0 },
    { head: "Observed", rank: 3, widthMin: minutesWidth },
    { head: "Who", rank: 4 },
    { head: "Source", rank: 6 },
    { head: "Note", rank: 5 },
  ],
  cells: (entry) => [
    String(entry.index),
    recordedOf(entry),
    whatOf(entry),
    observedOf(entry),
    entry.who ?? "",
    entry.source ?? "",
    noteOf(entry),
  ],
};
