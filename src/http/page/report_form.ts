/**
 * What a person types to report a site, and the report that it makes.
 *
 * @module
 */

import type { Availability, Site, Unit } from "../../database/values.ts";
import { cannotTake, formatAvailability, parseAvailability, parseText } from "../../database/values.ts";
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
