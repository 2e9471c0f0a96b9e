/**
 * Arrivals: after such a change, a site that had nothing has some.
 *
 * A report, a confirmation or a reopening may bring one. Where sites are merged, visitors of neither find more than
 * before. Somebody may also want to hear of one source or product alone: then the arrival is that the source says that
 * there is some of the product, and did not say so before.
 *
 * @module
 */

import type { Entry } from "../database/entries.ts";
import { type SourcedSite, sourcesOf } from "../database/source_rules.ts";
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

/** Whether an entry may bring an arrival. */
export function mayArrive({ kind }: Entry): boolean {
  return kind === "report" || kind === "confirmed" || kind === "reopened";
}

/**
 * What a source had said of a product before a report that brought an arrival there; undefined: it brought none.
 *
 * @param before the site of the report as it was by itself; undefined: nothing was reported.
 * @param after the same site after the report.
 */
export function saidArrival(before: SourcedSite | undefined, after: SourcedSite, entry: Entry): Absence | undefined {
  if (entry.kind !== "report" || !isAvailable(entry.availability)) return undefined;
  const said = saidIn(after).find(({ index }) => index === entry.index);
  // It came too late even for its source.
  if (said === undefined) return undefined;
  const { source, product } = said;
  const last = before && saidIn(before).find((each) => each.source === source && each.product === product);
  return last === undefined ? "never" : absenceAt(last);
}

function saidIn({ site, sources = sourcesOf(site) }: SourcedSite) {
  return sources;
}

/** What there was before, in words. */
export const absenceTexts: Readonly<Record<Absence, string>> = {
  none: "had none",
  unknown: "was unknown",
  never: "was never reported",
  retired: "was closed",
};
