/**
 * Entries of the log as text: a line for a watcher, the rows of a history.
 *
 * @module
 */

import { type Absence, absenceTexts } from "../alerts/arrivals.ts";
import { changeText } from "../alerts/change_text.ts";
import type { ConfirmedEntry, Entry, ReportEntry } from "../library/client.ts";
import { printable } from "../quoted.ts";
import { formatAvailability } from "../database/values.ts";
import type { Listing } from "./listing.ts";
import { jsonLine } from "./render.ts";
import { exactTime, formatTime } from "../formats/times.ts";

/** Columns in a watched line for the index, the time and what has happened: most fit, and the others are not cut. */
const indexWidth = 7;
const timeWidth = 20;
const whatWidth = 16;

/**
 * Columns in a history for a time with its minutes, and an ellipsis for the rest: a shorter one would tell another
 * time.
 */
const minutesWidth = 17;

/** When it was recorded. What a new database holds has no such time: nobody has recorded it. */
function recordedOf({ recordedAt }: Entry): string {
  return recordedAt === 0 ? "from the start" : formatTime(recordedAt);
}

/** When it was true, where that is not when it was recorded. */
const observedOf = ofClaim(({ observedAt, recordedAt }) => observedAt === recordedAt ? "" : formatTime(observedAt));

function noteOf(entry: Entry): string {
  if (entry.redacted) return "(redacted)";
  return "note" in entry ? entry.note ?? "" : "";
}

/**
 * An entry as one line, in columns as far as they go: index, time, what, site, and who, whence and why.
 *
 * @param was what the site had before, if the entry brought an arrival and that is to be said.
 */
export function entryLine(entry: Entry, was?: Absence): string {
  const more = [
    ["ZIP", entry.kind === "added" ? entry.zip : ""],
    ["observed", observedOf(entry)],
    ["by", entry.who ?? ""],
    ["token", entry.by ?? ""],
    ["from", entry.source ?? ""],
    ["note:", noteOf(entry)],
  ].flatMap(([word, text]) => text === "" ? [] : [`${word} ${text}`]);
  if (was !== undefined) more.unshift(absenceTexts[was]);
  const columns = [
    String(entry.index).padStart(indexWidth),
    recordedOf(entry).padEnd(timeWidth),
    changeText(entry).padEnd(whatWidth),
    entry.site,
    ...more.length === 0 ? [] : [`(${more.join(", ")})`],
  ];
  return printable(columns.join("  "));
}

/** An entry as a JSON object on one line. @param was as in {@link entryLine}. */
export function entryJson(entry: Entry, was?: Absence): string {
  const document = entry.kind === "documented" ? entry.document : undefined;
  const observedAt = "observedAt" in entry && entry.observedAt !== undefined ? exactTime(entry.observedAt) : undefined;
  const recordedAt = exactTime(entry.recordedAt);
  return jsonLine({ ...entry, recordedAt, observedAt, document: undefined, was }, document);
}

/** What a report says, and nothing of another entry. */
function ofReport(say: (report: ReportEntry) => string): (entry: Entry) => string {
  return (entry) => entry.kind === "report" ? say(entry) : "";
}

/** What a report or a confirmation says, and nothing of another entry. */
function ofClaim(say: (claim: ReportEntry | ConfirmedEntry) => string): (entry: Entry) => string {
  return (entry) => entry.kind === "report" || entry.kind === "confirmed" ? say(entry) : "";
}

/** How the entries of one site are listed. */
export const entryListing: Listing<Entry> = {
  csv: [
    ["Entry", ({ index }) => String(index)],
    ["Kind", ({ kind }) => kind],
    ["Recorded At", ({ recordedAt }) => exactTime(recordedAt)],
    ["Availability", ofReport(({ availability }) => formatAvailability(availability))],
    ["Unit", ofReport(({ unit = "" }) => unit)],
    ["Observed At", ofClaim(({ observedAt }) => exactTime(observedAt))],
    ["Out Of Date", ofReport(({ outOfDate }) => formatAvailability(outOfDate))],
    ["Who", ({ who = "" }) => who],
    ["Source", ({ source = "" }) => source],
    ["Note", (entry) => entry.kind === "retired" ? entry.reason : noteOf(entry)],
    ["Product", ofClaim(({ product = "" }) => product)],
    ["Token", ({ by = "" }) => by],
  ],
  json: (entry) => entryJson(entry),
  columns: [
    { head: "Entry", rank: 2, isFigure: true, cell: ({ index }) => String(index) },
    { head: "Recorded", rank: 1, widthMin: minutesWidth, cell: recordedOf },
    { head: "What", rank: 0, cell: changeText },
    { head: "Observed", rank: 3, widthMin: minutesWidth, cell: observedOf },
    { head: "Who", rank: 4, cell: ({ who = "" }) => who },
    { head: "Token", rank: 4, isRare: true, cell: ({ by = "" }) => by },
    { head: "Source", rank: 6, cell: ({ source = "" }) => source },
    { head: "Note", rank: 5, cell: noteOf },
  ],
};

/**
 * The same for the site with this id, where an entry of a site that was merged into it has the name of that one.
 *
 * @param isJoined whether there are such sites.
 */
export function entryListingOf(siteId: number, isJoined: boolean): Listing<Entry> {
  if (!isJoined) return entryListing;
  const own = { head: "Site", rank: 7, cell: (entry: Entry) => entry.siteId === siteId ? "" : entry.site };
  return { ...entryListing, columns: [...entryListing.columns, own] };
}
