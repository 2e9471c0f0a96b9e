/**
 * Entries of the log as text: a line for a watcher, the rows of a history.
 *
 * @module
 */

import type { Entry } from "../client.ts";
import { printable } from "../quoted.ts";
import { type Availability, formatAvailability } from "../database/values.ts";
import type { Listing } from "./listing.ts";
import { availabilityText, jsonLine } from "./render.ts";
import { exactTime, formatTime } from "./times.ts";

/** Columns in a watched line for the index, the time and what has happened: most fit, and the others are not cut. */
const indexWidth = 7;
const timeWidth = 20;
const whatWidth = 16;

/**
 * Columns in a history for a time with its minutes, and an ellipsis for the rest: a shorter one would tell another
 * time.
 */
const minutesWidth = 17;

/** The event in a word or two, with all that a person has said of it. */
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

/** The report that an entry is, if it is one. */
function reportOf(entry: Entry): Extract<Entry, { kind: "report" }> | undefined {
  return entry.kind === "report" ? entry : undefined;
}

function formatted(value: Availability | undefined): string {
  return value === undefined ? "" : formatAvailability(value);
}

/** How the entries of one site are listed. */
export const entryListing: Listing<Entry> = {
  csv: [
    ["Entry", ({ index }) => String(index)],
    ["Kind", ({ kind }) => kind],
    ["Recorded At", ({ recordedAt }) => exactTime(recordedAt)],
    ["Availability", (entry) => formatted(reportOf(entry)?.availability)],
    ["Unit", (entry) => reportOf(entry)?.unit ?? ""],
    ["Observed At", (entry) => entry.kind === "report" ? exactTime(entry.observedAt) : ""],
    ["Out Of Date", (entry) => formatted(reportOf(entry)?.outOfDate)],
    ["Who", ({ who = "" }) => who],
    ["Source", ({ source = "" }) => source],
    ["Note", (entry) => entry.kind === "retired" ? entry.reason : noteOf(entry)],
  ],
  json: entryJson,
  columns: [
    { head: "Entry", rank: 2, isFigure: true, cell: ({ index }) => String(index) },
    { head: "Recorded", rank: 1, widthMin: minutesWidth, cell: recordedOf },
    { head: "What", rank: 0, cell: whatOf },
    { head: "Observed", rank: 3, widthMin: minutesWidth, cell: observedOf },
    { head: "Who", rank: 4, cell: ({ who = "" }) => who },
    { head: "Source", rank: 6, cell: ({ source = "" }) => source },
    { head: "Note", rank: 5, cell: noteOf },
  ],
};
