/**
 * A site as the API gives it.
 *
 * @module
 */

import type { Site, SiteJson } from "../database/values.ts";

/** A site without a report has no `observedAt`: inside it is 0, which no program must take for a time. */
export function siteJson<S extends Site>(site: S): SiteJson<S> {
  return { ...site, observedAt: site.observedAt || undefined };
}

/**
 * The path of a site, relative to the gateway; or that of an entry of it, a page of its history with that entry alone.
 * A name that is a step in a path, `.` or `..`, goes into the query.
 */
export function sitePath(name: string, entry?: number): string {
  const page = entry === undefined ? "" : `order=oldest&after=${entry - 1}&limit=1`;
  const history = entry === undefined ? "" : "/history";
  const isStep = name === "." || name === "..";
  if (isStep) return `api/site${history}?name=${name}${page === "" ? "" : `&${page}`}`;
  return `api/sites/${encodeURIComponent(name)}${history}${page === "" ? "" : `?${page}`}`;
}
