/**
 * The record of a site, for every format that writes one.
 *
 * @module
 */

import type { FullSite } from "../database/values.ts";
import type { ExportRecord } from "./records.ts";

/** The record of a site. */
export function exportRecordOf(site: FullSite): ExportRecord {
  const { name, zip, availability, unit, observedAt, retired, report, document, identifiers } = site;
  const { who, source, note } = report ?? {};
  // A site without a report shows what every new one shows.
  const shown = report === undefined ? {} : { unit, observedAt, who, source, note };
  return { name, zip, availability, ...shown, retired, document, identifiers };
}
