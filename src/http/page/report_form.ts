/**
 * What a person types to report a site, and the report that it makes; and the report that takes one back.
 *
 * @module
 */

import type { Availability, FullSite, Site, SourceReport, Unit } from "../../database/values.ts";
import { cannotTake, formatAvailability, parseAvailability, parseText } from "../../database/values.ts";
import { restoredFrom, undoNote } from "./undo_note.ts";
import { noteBytesMax, observedAheadMsMax, productBytesMax } from "../../limits.ts";

/** A report as it is sent. */
export interface Report {
  readonly value: Availability;
  readonly unit?: Unit;
  readonly product?: string;
  readonly note?: string;
  /** In ms since 1970; absent: now. */
  readonly observedAt?: number;
  readonly who?: string;
}

/** The fields as they stand. */
export interface TypedReport {
  readonly value: string;
  readonly unit: Unit | "";
  /** Empty: the report is about all that the site has. */
  readonly product: string;
  readonly note: string;
  /** As the browser gives a local time, such as `2026-11-30T14:05`; empty: now. */
  readonly observed: string;
}

/** The fields that a person begins with. A site that nobody has reported has no number to begin with. */
export function fieldsFor({ availability, unit, observedAt }: Site): TypedReport {
  const value = observedAt === 0 ? "" : formatAvailability(availability);
  return { value, unit: unit ?? "", product: "", note: "", observed: "" };
}

/**
 * Reads the fields.
 *
 * @param nowMs the time now, in ms since 1970.
 * @throws {ValueError} if one of them makes no sense.
 */
export function reportOf({ value, unit, product, note, observed }: TypedReport, nowMs: number): Report {
  const availability = parseAvailability(value);
  const said = parseText(note, "a note", noteBytesMax);
  const about = parseText(product, "a product", productBytesMax);
  return {
    value: availability,
    // Only a count has a unit.
    ...typeof availability === "number" && unit !== "" && { unit },
    ...about !== undefined && { product: about },
    ...said !== undefined && { note: said },
    ...observed !== "" && { observedAt: observedOf(observed, nowMs) },
  };
}

function observedOf(typed: string, nowMs: number): number {
  const ms = new Date(typed).getTime();
  const why = "give a time up to now by your clock, or leave it empty for now";
  if (!(ms >= 0) || ms > nowMs + observedAheadMsMax) throw cannotTake(typed, "the time of the observation", why);
  return ms;
}

/** A change that a person has made. */
export interface Change {
  /** What the site showed before. */
  readonly before: FullSite;
  /** The entry of the log that the change is. */
  readonly entry: number;
  /** When the report of that entry was observed, in ms since 1970. */
  readonly observedAt: number;
  /** The product that the report is about; absent: all that the site has. */
  readonly product?: string;
  /** The report about that product before; absent: there was none. */
  readonly saidBefore?: SourceReport;
}

/**
 * The report that takes a change back: it says what the site showed before, and since when, and is refused if the site
 * no longer shows the change. It has the time of the change: a report with an earlier one would not be shown.
 */
export function undoOf(change: Change): Report & { readonly ifEntry: number } {
  const { before, entry, observedAt, product, saidBefore } = change;
  const { availability = "unknown", unit, observedAt: reportedAt = 0 } = product === undefined
    ? before
    : saidBefore ?? ({} as Partial<SourceReport>);
  const note = product === undefined ? before.report?.note : saidBefore?.note;
  const isReported = reportedAt !== 0;
  const since = restoredFrom(note, reportedAt) ?? reportedAt;
  return {
    ...product !== undefined && { product },
    value: isReported ? availability : "unknown",
    ...isReported && unit !== undefined && { unit },
    note: undoNote(entry, since),
    observedAt,
    ifEntry: entry,
  };
}
