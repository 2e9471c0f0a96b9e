/**
 * What the database takes of a record. An import goes by these rules, and so does a plan, which foresees what would
 * become of records.
 *
 * @module
 */

import { folded, formatId } from "../database/look_alikes.ts";
import type { Site } from "../database/values.ts";
import { observedAheadMsMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { formatSpan } from "../front/spans.ts";
import { formatInstant } from "./instants.ts";
import { type OnProblem, refuse, tellAt } from "./problems.ts";
import type { ImportRecord } from "./records.ts";

/**
 * When a report without a time of its own was observed: when its input was last changed, but never in the future,
 * whatever a file says. All times are in ms since 1970.
 */
export function usualTime(changedAt: number, now: number): number {
  return Math.min(changedAt, now);
}

/** A record without its report, if that is from the future. The site itself is there, whatever a clock says. */
export function withoutFuture(record: ImportRecord, now: number, onProblem: OnProblem): ImportRecord {
  const { name, availability, observedAt = 0, checkedAt = 0 } = record;
  const latest = Math.max(observedAt, checkedAt);
  const aheadMs = latest - now;
  if (availability === undefined || aheadMs <= observedAheadMsMax) return record;
  const what = `${quotedShort(name)}: the report is of ${formatInstant(latest)}, ${formatSpan(aheadMs)} ahead of ` +
    "the clock here, and was left out; set the clocks right";
  tellAt(onProblem, record, "instant-future", what);
  return { ...record, availability: undefined, products: undefined };
}

/**
 * What commands call the site that a record is about: the record's own name, or an id where people take that name for
 * another one.
 *
 * @param found the site that the name leads to.
 * @param aliasId the id of the site whose name is like that, if it was merged into the one that was found.
 */
export function calledIn({ name }: ImportRecord, found: Site, aliasId?: number): string {
  if (found.name === name) return name;
  return isMerged(name, found) ? aliasId === undefined ? name : formatId(aliasId) : formatId(found.id);
}

/** Whether a name leads to a site into which that of the name was merged. */
export function isMerged(name: string, found: Site): boolean {
  return found.name !== name && folded(found.name) !== folded(name);
}

/** Refuses what a retired site does not take: a report, or another reason. */
export function refuseRetired({ retired }: Pick<Site, "retired">): never {
  refuse("site-retired", `it is retired: ${retired}; reopen it first`);
}
