/**
 * The record of a site, for every format that writes one.
 *
 * @module
 */

import { asOf } from "../database/site_rules.ts";
import { shownParts } from "../database/source_rules.ts";
import type { FullSite, SourceReport } from "../database/values.ts";
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
