/**
 * Arrivals: after such a change, a site that had nothing has some.
 *
 * A report or a reopening may bring one. Where sites are merged, visitors of neither find more than before.
 *
 * @module
 */

import { isAvailable, type Site } from "../database/values.ts";

/**
 * What there was before: `none`; `unknown`: nobody knew; `never`: nobody had reported the site; `retired`: the site
 * was closed.
 */
export const absences = ["none", "unknown", "never", "retired"] as const;

/** Why visitors of a site find nothing, as far as anybody knows. */
export type Absence = typeof absences[number];

/** Why visitors of a site find nothing; undefined: they find some. */
export function absenceAt(site: Pick<Site, "availability" | "observedAt" | "retired">): Absence | undefined {
  if (site.retired !== undefined) return "retired";
  if (site.observedAt === 0) return "never";
  if (site.availability === "unknown") return "unknown";
  return isAvailable(site.availability) ? undefined : "none";
}

/**
 * What there was before a change that brought an arrival; undefined: it brought none.
 *
 * @param before the site as it was.
 * @param after the same site after the change.
 */
export function arrivalBetween(before: Site, after: Site): Absence | undefined {
  return absenceAt(after) === undefined ? absenceAt(before) : undefined;
}

/** What there was before, in words. */
export const absenceTexts: Readonly<Record<Absence, string>> = {
  none: "had none",
  unknown: "was unknown",
  never: "was never reported",
  retired: "was closed",
};
