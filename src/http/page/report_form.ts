/**
 * What a person types to report a site, and the report that it makes; and the report that takes one back.
 *
 * @module
 */

import type { Availability, FullSite, Site, Unit } from "../../database/values.ts";
import { cannotTake, formatAvailability, parseAvailability, parseText } from "../../database/values.ts";
import { restoredFrom, undoNote } from "./undo_note.ts";
import { noteBytesMax, observedAheadMsMax } from "../../limits.ts";

/** A report as it is sent. */
export interface Report {
  readonly value: Availability;
  readonly unit?: Unit;
  readonly note?: string;
  /** In ms since 1970; absent: now. */
  readonly observedAt?: number;
  readonly who?: string;
}

/** The fields as they stand. */
export interface TypedReport {
  readonly value: string;
  readonly unit: Unit | "";
  readonly note: string;
  /** As the browser gives a local time, such as `2026-11-30T14:05`; empty: now. */
  readonly observed: string;
}

/** The fields that a person begins with. A site that nobody has reported has no number to begin with. */
export function fieldsFor({ availability, unit, observedAt }: Site): TypedReport {
  return { value: observedAt === 0 ? "" : formatAvailability(availability), unit: unit ?? "", note: "", observed: "" };
}

/**
 * Reads the fields.
 *
 * @param nowMs the time now, in ms since 1970.
 * @throws {ValueError} if one of them makes no sense.
 */
export function reportOf({ value, unit, note, observed }: TypedReport, nowMs: number): Report {
  const availability = parseAvailability(value);
  const said = parseText(note, "a note", noteBytesMax);
  return {
    value: availability,
    // Only a count has a unit.
    ...typeof availability === "number" && unit !== "" && { unit },
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
}

/**
 * The report that takes a change back: it says what the site showed before, and since when, and is refused if the site
 * no longer shows the change. It has the time of the change: a report with an earlier one would not be shown.
 */
export function undoOf({ before, entry, observedAt }: Change): Report & { readonly ifEntry: number } {
  const { availability, unit } = before;
  const isReported = before.observedAt !== 0;
  const since = restoredFrom(before.report?.note, before.observedAt) ?? before.observedAt;
  return {
    value: isReported ? availability : "unknown",
    ...isReported && unit !== undefined && { unit },
    note: undoNote(entry, since),
    observedAt,
    ifEntry: entry,
  };
}
