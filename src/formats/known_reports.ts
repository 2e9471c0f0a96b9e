/**
 * What the source of a record has said of its site before, and what of the record is new then. An import goes by these
 * rules, and so does a plan, which foresees what would become of records.
 *
 * @module
 */

import { placeOf } from "../database/place.ts";
import { shownParts } from "../database/source_rules.ts";
import type { FullSite, SourceReport } from "../database/values.ts";
import { documentJson } from "./json_text.ts";
import { zipIn } from "./known_sites.ts";
import { isSameAddress } from "./namesakes.ts";
import type { ImportRecord, ProductAvailability } from "./records.ts";

/** What a source has said of a site itself, not of those that were merged into it. */
export function saidBy(source: string | undefined, said: readonly SourceReport[]): readonly SourceReport[] {
  return said.filter((each) => each.source === source && each.site === undefined);
}

/** The document that a source has given. */
export function documentOf(own: readonly SourceReport[]): string | undefined {
  return own.find(({ product }) => product === undefined)?.document;
}

/** A report, as far as it may be known. */
type KnownReport = Pick<ImportRecord, "unit" | "observedAt"> & Partial<ProductAvailability>;

/** Whether a source says already what a report says. @param report without a time: at any time. */
export function isKnownReport(report: KnownReport, own: readonly SourceReport[]): boolean {
  const { product, availability, unit, observedAt } = report;
  return own.some((each) =>
    each.index > 0 && each.product === product && each.availability === availability && each.unit === unit &&
    (observedAt === undefined || (observedAt >= each.observedAt && observedAt <= asOf(each)))
  );
}

/** Whether its source has known something later than a record. @param time when that was true; undefined: now. */
export function isLate(record: ImportRecord, time: number | undefined, own: readonly SourceReport[]): boolean {
  const isMeant = ({ product }: SourceReport) => record.location !== undefined || product === record.product;
  return time !== undefined && own.some((each) => isMeant(each) && asOf(each) > time);
}

/**
 * Whether a record without a Location corrects the ZIP code of its site, of which its source has said something: one
 * that had lost a zero, or any at the same address. Others of its name may be other sites.
 */
export function isSamePlace({ zip, address }: ImportRecord, before: string, own: readonly SourceReport[]): boolean {
  if (!own.some(({ index }) => index > 0)) return false;
  if (zip.startsWith("0") && zip.replace(/^0+/, "") === before) return true;
  const there = own.map(({ document }) => placeOf(document).address).find((address) => address !== undefined);
  return address !== undefined && there !== undefined && isSameAddress(there, address);
}

/** Whether a feed gives a Location another ZIP code than it did, and is not older. */
export function isCorrected({ zip, location }: ImportRecord, own: readonly SourceReport[]): boolean {
  const before = own.map(({ document }) => zipIn(document)).find((zip) => zip !== undefined);
  return before !== undefined && before !== zip && location !== undefined &&
    own.every((each) => asOf(each) <= location.madeAt);
}

/** What a site shows. */
type Shown = Partial<Pick<FullSite, "availability" | "unit" | "observedAt" | "document">>;

/** Whether a record may be a row of an export of ours that says what its site shows now. */
export function mayBeShown(record: ImportRecord, { availability, unit, observedAt = 0 }: Shown): boolean {
  return record.isExported === true && record.location === undefined && record.availability === availability &&
    record.unit === unit && record.observedAt !== undefined && record.observedAt >= observedAt;
}

/**
 * Whether it is, and its site shows several products together, or a site that was merged into it: a report of its own
 * would stand beside those.
 */
export function isShownTogether(record: ImportRecord, site: Shown, said: readonly SourceReport[]): boolean {
  const reported = said.filter(({ index }) => index > 0);
  if (reported.length === 0 || !mayBeShown(record, site)) return false;
  const parts = shownParts(reported);
  const [first] = parts;
  return (first.product ?? first.site) !== undefined && record.observedAt === Math.max(...parts.map(asOf));
}

/** Whether a row of an export of ours has the document that its site shows: some source has given it. */
export function isShownDocument({ isExported, location, document }: ImportRecord, site: Shown): boolean {
  return isExported === true && location === undefined && document !== undefined && site.document !== undefined &&
    documentJson(document) === documentJson(site.document);
}

function asOf({ observedAt, checkedAt = observedAt }: SourceReport): number {
  return checkedAt;
}
