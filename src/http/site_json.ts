/**
 * A site as the API gives it.
 *
 * @module
 */

import type { Site } from "../client.ts";

/** A site in an answer. */
export type SiteJson<S extends Site = Site> = Omit<S, "observedAt"> & { readonly observedAt?: number };

/** One that nobody has reported yet has no `observedAt`, which is 0 inside: no program is to take that for a time. */
export function siteJson<S extends Site>(site: S): SiteJson<S> {
  if (site.observedAt !== 0) return site;
  const { observedAt: _, ...rest } = site;
  return rest;
}

/** Where a site is, below where the gateway is: a path takes any name but those that are steps in it. */
export function sitePath(name: string): string {
  const escaped = encodeURIComponent(name);
  return name === "." || name === ".." ? `api/site?name=${escaped}` : `api/sites/${escaped}`;
}

/** Where an entry of a site is, as a page of its history that has no other, below where the gateway is. */
export function entryPath(name: string, index: number): string {
  const page = `order=oldest&after=${index - 1}&limit=1`;
  const escaped = encodeURIComponent(name);
  return name === "." || name === ".."
    ? `api/site/history?name=${escaped}&${page}`
    : `api/sites/${escaped}/history?${page}`;
}
