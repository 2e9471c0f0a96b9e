/**
 * Sites by the age of what they show: since it was observed, or confirmed.
 *
 * @module
 */

import { type AgeWishes, isOfAge } from "../database/age_rules.ts";
import type { Site } from "../library/client.ts";
import { formatSpan, longestAgeMs } from "../front/spans.ts";
import { option } from "../front/typed_command.ts";
import { staleAfterMs } from "../limits.ts";
import { parseSpan } from "../formats/times.ts";

/** Selects sites by when they were observed. */
export const freshnessOptions = {
  fresh: option("AGE", "keep only sites observed or confirmed within this time, such as 24h", parseAge),
  stale: {
    ...option("[AGE]", `keep only sites without that for this time, or ever (${formatSpan(staleAfterMs)})`, parseAge),
    usual: formatSpan(staleAfterMs),
  },
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

/**
 * The sites of these ages.
 *
 * @param now ms since 1970.
 * @param limit the most sites; absent: all.
 */
export async function* sitesOfAge<S extends Site>(
  pages: AsyncIterable<readonly S[]> | Iterable<readonly S[]>,
  wishes: AgeWishes,
  now: number,
  limit = Infinity,
): AsyncGenerator<readonly S[]> {
  let left = limit;
  for await (const page of pages) {
    const wanted = page.filter((site) => isOfAge(site, wishes, now)).slice(0, left);
    if (wanted.length > 0) yield wanted;
    left -= wanted.length;
    if (left === 0) return;
  }
}
