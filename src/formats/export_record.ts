/**
 * The record of a site, for every format that writes one.
 *
 * @module
 */

import type { FullSite, SourceReport } from "../database/values.ts";
import { readLinksDocument } from "./links_document.ts";
import type { ExportRecord } from "./records.ts";

/** The record of a site. */
export function exportRecordOf(site: FullSite): ExportRecord {
  const { name, zip, availability, unit, observedAt, retired, report, document, identifiers } = site;
  const { who, source, note } = report ?? {};
  // A site without a report shows what every new one shows.
  const shown = report === undefined ? {} : { unit, observedAt, who, source, note };
  return { name, zip, availability, ...shown, retired, document, identifiers };
}

/**
 * The records of a site, one for what each source says of each product, so that an import gives the same. They are in
 * the order of their reports: of two that are known as of the same time, the later decides what the site shows.
 *
 * @param sources what each source says of the site, and of those that were merged into it.
 */
export function exportRecordsOf(site: FullSite, sources: readonly SourceReport[]): ExportRecord[] {
  const { name, zip, retired, document: primary } = site;
  const documents = sources.flatMap(({ document }) => document ?? []);
  // Where several may be the one that the site shows, that comes last.
  const isApart = documents.filter((document) => readLinksDocument(document) !== undefined).length > 1;
  const inOrder = sources.toSorted((a, b) => a.index - b.index);
  const reports = inOrder.filter(({ index, document }) => index > 0 || (document !== undefined && !isApart));
  const records = reports.map((said): ExportRecord => {
    const { source, product, availability, unit, observedAt, checkedAt, who, note } = said;
    const report = said.index === 0
      ? { source, availability: 0, observedAt: undefined }
      : { source, product, availability, unit, observedAt, checkedAt, who, note };
    return { name, zip, ...report, document: isApart ? undefined : said.document };
  });
  if (isApart) {
    const others = sources.filter(({ document }) => document !== undefined)
      .toSorted((a, b) => (a.source ?? "") < (b.source ?? "") ? -1 : 1)
      .toSorted((a, b) => Number(a.document === primary) - Number(b.document === primary));
    records.push(...others.map(({ source, document }) => ({ name, zip, source, availability: 0, document })));
  }
  if (records.length === 0) return [exportRecordOf(site)];
  // A site that is retired takes no reports.
  return records.map((record, at) => at === records.length - 1 ? { ...record, retired } : record);
}
