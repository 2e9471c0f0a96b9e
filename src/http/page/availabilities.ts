/**
 * Sites and availabilities as the page shows them.
 *
 * @module
 */

import type { Availability, Site, SiteJson, Unit } from "../../database/values.ts";
import { formatAvailability, isAvailable, units } from "../../database/values.ts";
import { isStale } from "./ages.ts";

/** A site of a response as the rules of the database have it. */
export function siteOf<S extends Site>(json: SiteJson<S>): Omit<S, "observedAt"> & { readonly observedAt: number } {
  return { ...json, observedAt: json.observedAt ?? 0 };
}

/** What a count may count, and what the page calls it; "" if nobody said. */
export const unitNames: readonly (readonly [unit: Unit | "", text: string])[] = [
  ["", "no unit"],
  ...units.map((unit) => [unit, unit] as const),
];

/** An availability with its unit, such as `40 doses`. */
export function formatWithUnit(value: Availability, unit: Unit | undefined): string {
  return unit === undefined ? formatAvailability(value) : `${formatAvailability(value)} ${unit}`;
}

/** What the page says of a site that nobody has reported: the 0 that the database has for it is not a count. */
export const noReport = "no report";

/** What a site shows, with its unit. */
export function shownText({ availability, unit, observedAt }: Site): string {
  return observedAt === 0 ? noReport : formatWithUnit(availability, unit);
}

/** What visitors find: something, nothing, or nobody knows. */
export function findsOf(value: Availability): "some" | "none" | "unknown" {
  if (value === "unknown") return "unknown";
  return isAvailable(value) ? "some" : "none";
}

/** When it was last known what a site shows, in ms since 1970; 0: never. */
export function momentOf({ observedAt, checkedAt = observedAt }: Site): number {
  return checkedAt;
}

/** What visitors find at a site; `stale`: something a day ago, which may be gone now. */
export function findsAt(site: Site, now: number): ReturnType<typeof findsOf> | "stale" {
  const { availability, observedAt } = site;
  const finds = observedAt === 0 ? "unknown" : findsOf(availability);
  return finds === "some" && isStale(momentOf(site), now) ? "stale" : finds;
}

/** Whether two sites show the same report, as far as a person can see. */
export function isSameReport(one: Site, other: Site): boolean {
  return one.availability === other.availability && one.unit === other.unit && one.observedAt === other.observedAt;
}
