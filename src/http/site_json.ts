/**
 * A site as the API gives it.
 *
 * @module
 */

import type { Site, SiteJson } from "../database/values.ts";

/** A site without a report has no `observedAt`: inside it is 0, which no program must take for a time. */
export function siteJson<S extends Site>(site: S): SiteJson<S> {
  if (site.observedAt !== 0) return site;
  const { observedAt: _, ...rest } = site;
  return rest;
}

/** The path of a site, relative to the gateway. A name that is a step in a path, `.` or `..`, goes into the query. */
export function sitePath(name: string): string {
  const escaped = encodeURIComponent(name);
  return name === "." || name === ".." ? `api/site?name=${escaped}` : `api/sites/${escaped}`;
}

/** The path of an entry of a site, relative to the gateway: a page of its history with that entry alone. */
export function entryPath(name: string, index: number): string {
  const page = `order=oldest&after=${index - 1}&limit=1`;
  const escaped = encodeURIComponent(name);
  return name === "." || name === ".."
    ? `api/site/history?name=${escaped}&${page}`
    : `api/sites/${escaped}/history?${page}`;
}
