/**
 * What the database takes of a record. An import goes by these rules, and so does a plan, which foresees what would
 * become of records.
 *
 * @module
 */

import { folded, formatId } from "../database/look_alikes.ts";
import type { FullSite, Site } from "../database/values.ts";
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
  const { name, availability, observedAt = 0 } = record;
  const aheadMs = observedAt - now;
  if (availability === undefined || aheadMs <= observedAheadMsMax) return record;
  const what = `${quotedShort(name)}: the report is of ${formatInstant(observedAt)}, ${formatSpan(aheadMs)} ahead of ` +
    "the clock here, and was left out; set the clocks right";
  tellAt(onProblem, record, "instant-future", what);
  return { ...record, availability: undefined };
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

/** @throws {InputRefusal} if the site that a name leads to does not take a record. */
export function checkTaken(record: ImportRecord, found: Site): void {
  const { name, zip, retired } = record;
  // A site into which that of the name was merged may have another ZIP code.
  if (found.zip !== zip && !isMerged(name, found)) {
    const what = `it is there with the ZIP code ${found.zip}, and this one has ${zip}; give it another name`;
    refuse("zip-differs", what);
  }
  if (found.retired !== undefined && (retired === undefined || isNews(record, found))) refuseRetired(found);
}

/** Refuses what a retired site does not take: a report, or another reason. */
export function refuseRetired({ retired }: Site): never {
  refuse("site-retired", `it is retired: ${retired}; reopen it first`);
}

/**
 * Whether a record has a report that its site does not show. The database itself knows a report with a time again; one
 * without is always news to it, and a retired site takes none.
 */
export function isNews({ availability, unit, observedAt }: ImportRecord, site: Site): boolean {
  if (availability === undefined) return false;
  // A site that nobody has reported shows 0, and that is not a report.
  if (site.observedAt === 0 || site.availability !== availability || site.unit !== unit) return true;
  return observedAt !== undefined && (site.retired === undefined || site.observedAt !== observedAt);
}

/** Whether the database takes a report for the one that the site shows. */
export function saysWhatIsShown({ source, note, observedAt }: ImportRecord, site: FullSite): boolean {
  return observedAt === site.observedAt && site.report?.source === source && site.report?.note === note;
}
