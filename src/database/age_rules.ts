/**
 * Which sites are fresh, and which are stale: by when it was last known what they show.
 *
 * @module
 */

import { asOf } from "./site_rules.ts";
import type { Site } from "./values.ts";

/** The times that an age is counted from. */
export type AgedSite = Pick<Site, "observedAt" | "checkedAt">;

/** Which ages are wanted, in milliseconds; none: all. */
export interface AgeWishes {
  /** At most this old. */
  readonly fresh?: number;
  /** Older than this, or never reported. */
  readonly stale?: number;
}

/** How old what a site shows is, in milliseconds; Infinity if nobody has reported it. @param now ms since 1970. */
export function ageOf(site: AgedSite, now: number): number {
  return site.observedAt === 0 ? Infinity : now - asOf(site);
}

/** Whether a site has an age that is wanted. */
export function isOfAge(site: AgedSite, { fresh = Infinity, stale = -Infinity }: AgeWishes, now: number): boolean {
  const age = ageOf(site, now);
  return age <= fresh && age > stale;
}

/** Whether what a site shows is too old to rely on; a site that nobody has reported shows nothing. */
export function isStaleAt(site: AgedSite, now: number, staleAfterMs: number): boolean {
  return site.observedAt !== 0 && ageOf(site, now) > staleAfterMs;
}
