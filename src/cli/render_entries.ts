/**
 * Entries of the log as text: a line for a watcher, the rows of a history.
 *
 * @module
 */

import type { EditedEntry, Entry, ReportEntry } from "../library/client.ts";
import { printable } from "../quoted.ts";
import { formatAvailability } from "../database/values.ts";
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
function whatOf(entry: Entry): string {
  if (entry.kind === "report") {
    const said = [entry.outOfDate ? "out of date" : "", entry.retracted ? "retracted" : ""].filter((word) =>
      word !== ""
    );
    return availabilityText(entry) + (said.length === 0 ? "" : ` (${said.join(", ")})`);
  }
  if (entry.kind === "published") return `published as ${entry.locationId}`;
  if (entry.kind === "retracted" || entry.kind === "redacted") return `${entry.kind} ${entry.of}`;
  if (entry.kind === "edited") return `edited: ${editsOf(entry).join(", ")}`;
  if (entry.kind === "merged") return `merged into ${entry.into.name}`;
  if (entry.kind === "unmerged") return `unmerged from ${entry.into.name}`;
  return entry.kind === "retired" ? `retired: ${entry.reason}` : entry.kind;
}

/** What an edit has changed, each in a few words. */
function editsOf({ name, zip, identifiers }: EditedEntry): string[] {
  const known = identifiers?.map(({ system, value }) => `${system}=${value}`).join(" ");
  return [
    ...name === undefined ? [] : [`name ${name}`],
    ...zip === undefined ? [] : [`ZIP ${zip}`],
    ...known === undefined ? [] : [known === "" ? "no identifiers" : `identifiers ${known}`],
  ];
}

/** When it was recorded. What a new database holds has no such time: nobody has recorded it. */
function recordedOf({ recordedAt }: Entry): string {
  return recordedAt === 0 ? "from the start" : formatTime(recordedAt);
}

/** When it was true, where that is not when it was recorded. */
const observedOf = ofReport(({ observedAt, recordedAt }) => observedAt === recordedAt ? "" : formatTime(observedAt));

function noteOf(entry: Entry): string {
  if (entry.redacted) return "(redacted)";
  return "note" in entry ? entry.note ?? "" : "";
}

/** An entry as one line, in columns as far as they go: index, time, what, site, and who, whence and why. */
export function entryLine(entry: Entry): string {
  const more = [
    ["ZIP", entry.kind === "added" ? entry.zip : ""],
    ["observed", observedOf(entry)],
    ["by", entry.who ?? ""],
    ["from", entry.source ?? ""],
    ["note:", noteOf(entry)],
  ].flatMap(([word, text]) => text === "" ? [] : [`${word} ${text}`]);
  const columns = [
    String(entry.index).padStart(indexWidth),
    recordedOf(entry).padEnd(timeWidth),
    whatOf(entry).padEnd(whatWidth),
    entry.site,
    ...more.length === 0 ? [] : [`(${more.join(", ")})`],
  ];
  return printable(columns.join("  "));
}

/** An entry as a JSON object on one line. */
export function entryJson(entry: Entry): string {
  const document = entry.kind === "documented" ? entry.document : undefined;
  const observedAt = entry.kind === "report" ? exactTime(entry.observedAt) : undefined;
  return jsonLine({ ...entry, recordedAt: exactTime(entry.recordedAt), observedAt, document: undefined }, document);
}

/** What a report says, and nothing of another entry. */
function ofReport(say: (report: ReportEntry) => string): (entry: Entry) => string {
  return (entry) => entry.kind === "report" ? say(entry) : "";
}

/** How the entries of one site are listed. */
export const entryListing: Listing<Entry> = {
  csv: [
    ["Entry", ({ index }) => String(index)],
    ["Kind", ({ kind }) => kind],
    ["Recorded At", ({ recordedAt }) => exactTime(recordedAt)],
    ["Availability", ofReport(({ availability }) => formatAvailability(availability))],
    ["Unit", ofReport(({ unit = "" }) => unit)],
    ["Observed At", ofReport(({ observedAt }) => exactTime(observedAt))],
    ["Out Of Date", ofReport(({ outOfDate }) => formatAvailability(outOfDate))],
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
