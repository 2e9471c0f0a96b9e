/**
 * Takes back what an import has reported: one report after the other, in the order of the log.
 *
 * @module
 */

import type { Entry, RetractOutcome, VaxlogClient } from "../library/client.ts";
import type { ImportId } from "./import_id.ts";

/** Reports of an import that are taken back at a time: enough to fill requests, and few to wait for. */
const retractionsTogether = 256;

/** What became of the reports of an import. */
export interface RetractionCounts {
  /** Reports that were taken back now. */
  retracted: number;
  /** Reports that had been taken back before. */
  before: number;
}

/** How each change is recorded. */
type HowRecorded = NonNullable<Parameters<VaxlogClient["retract"]>[1]>;

/**
 * Takes back all reports of an import. It may be repeated, and continues where it was cut off.
 *
 * @param onProgress is told the index of the last entry that was looked at.
 * @returns the counts, and the first outcome that was a refusal: then the rest was left as it is.
 */
export async function retractImport(
  client: VaxlogClient,
  { first, last, recordedAt }: ImportId,
  origin: HowRecorded,
  onProgress: (index: number) => void = () => {},
): Promise<RetractionCounts & { readonly refusal?: Exclude<RetractOutcome, { readonly kind: "site" }> }> {
  const counts: RetractionCounts = { retracted: 0, before: 0 };
  const isOfImport = (entry: Entry) => entry.kind === "report" && entry.recordedAt === recordedAt;
  for await (const page of client.changes({ after: first - 1, limit: last - first + 1 })) {
    const reports = page.filter(isOfImport);
    const open = reports.filter((entry) => entry.kind === "report" && entry.retracted !== true);
    counts.before += reports.length - open.length;
    for (let at = 0; at < open.length; at += retractionsTogether) {
      const some = open.slice(at, at + retractionsTogether);
      const outcomes = await Promise.all(some.map(({ index, siteId }) => client.retract(index, { ...origin, siteId })));
      for (const outcome of outcomes) {
        if (outcome.kind !== "site") return { ...counts, refusal: outcome };
        if (outcome.effect === "same") counts.before++;
        else counts.retracted++;
      }
    }
    onProgress(page[page.length - 1].index);
  }
  return counts;
}
