/**
 * The record of a site, for every format that writes one.
 *
 * @module
 */

import { asOf } from "../database/site_rules.ts";
import { shownParts } from "../database/source_rules.ts";
import type { FullSite, SourceReport } from "../database/values.ts";
import { readLinksDocument } from "./links_document.ts";
import type { ExportProduct, ExportRecord } from "./records.ts";

/** The record of a site. @param sources what its sources say, where its products are wanted. */
export function exportRecordOf(site: FullSite, sources: readonly SourceReport[] = []): ExportRecord {
  const { name, zip, availability, unit, observedAt, checkedAt, retired, report } = site;
  const { document, identifiers, locationId } = site;
  const { who, source, note } = report ?? {};
  // A site without a report shows what every new one shows.
  const shown = report === undefined ? {} : { unit, observedAt, checkedAt, who, source, note };
  const known = { retired, document, identifiers, locationId };
  return { name, zip, availability, ...shown, shownProducts: productsShown(sources), ...known };
}

/** The products that a site shows together, in order; undefined if it shows a report about all that it has. */
function productsShown(sources: readonly SourceReport[]): readonly ExportProduct[] | undefined {
  const reported = sources.filter(({ index }) => index !== 0);
  if (reported.length === 0) return undefined;
  const products = shownParts(reported).flatMap((part) => {
    const { product, availability, unit } = part;
    return product === undefined ? [] : [{ product, availability, unit, asOf: asOf(part) }];
  });
  return products.length === 0 ? undefined : products.sort((a, b) => a.product < b.product ? -1 : 1);
}

/**
 * The records of a site, one for what each source says of each product, so that an import gives the same. They are in
 * the order of their reports: of two that are known as of the same time, the later decides what the site shows.
 *
 * @param sources what each source says of the site, and of those that were merged into it.
 */
export function exportRecordsOf(site: FullSite, sources: readonly SourceReport[]): ExportRecord[] {
  const { name, zip, retired, identifiers, locationId, document: primary } = site;
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
  // The first one says which site it is. A site that is retired takes no reports.
  return records.map((record, at) => ({
    ...record,
    ...at === 0 && { identifiers, locationId },
    ...at === records.length - 1 && { retired },
  }));
}
