/**
 * Sites by the age of what they show.
 *
 * @module
 */

import type { Site } from "../library/client.ts";
import { formatSpan, longestAgeMs } from "../front/spans.ts";
import { option } from "../front/typed_command.ts";
import { staleAfterMs } from "../limits.ts";
import { parseSpan } from "./times.ts";

/** Selects sites by when they were observed. */
export const freshnessOptions = {
  fresh: option("AGE", "keep only sites observed within this time, such as 24h", parseAge),
  stale: option("AGE", "keep only sites not observed within this time, or never", parseAge),
};

/** Says from which age on a feed does not rely on what a site shows. */
export const staleAfterOption = {
  staleAfter: option(
    "AGE",
    `in a feed, say nothing of sites that were observed longer ago than this (${formatSpan(staleAfterMs)})`,
    parseAge,
  ),
};

function parseAge(typed: string): number {
  return parseSpan(typed, { shortest: 1_000, longest: longestAgeMs });
}

/** Which ages are wanted, in milliseconds; none: all. */
export interface Freshness {
  readonly fresh?: number;
  readonly stale?: number;
}

/**
 * The sites of these ages.
 *
 * @param now ms since 1970.
 * @param limit the most sites; absent: all.
 */
export async function* sitesOfAge<S extends Site>(
  pages: AsyncIterable<readonly S[]> | Iterable<readonly S[]>,
  { fresh = Infinity, stale = -Infinity }: Freshness,
  now: number,
  limit = Infinity,
): AsyncGenerator<readonly S[]> {
  let left = limit;
  for await (const page of pages) {
    const wanted = page.filter(({ observedAt }) => {
      // Nobody has looked at a site without a report.
      const age = observedAt === 0 ? Infinity : now - observedAt;
      return stale === -Infinity ? age <= fresh : age > stale;
    }).slice(0, left);
    if (wanted.length > 0) yield wanted;
    left -= wanted.length;
    if (left === 0) return;
  }
}
