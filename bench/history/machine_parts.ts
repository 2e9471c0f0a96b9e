/**
 * What the database of a program that is measured is made with, from the wishes in its URL.
 *
 * @module
 */

import type { MachineParts } from "../../src/database/store/machine_parts.ts";

/** How large the parts of a history are, if not as usual. */
export type HistorySizes = Pick<MachineParts, "segmentEntries" | "documentBytes">;

/** Bytes of a log that is sealed: as many as the disk takes. */
export const sealedLogBytes = Infinity;

/** The wishes for these sizes. */
export function wishesFor({ segmentEntries, documentBytes }: HistorySizes): string {
  const wishes = new URLSearchParams();
  if (segmentEntries !== undefined) wishes.set("entries", String(segmentEntries));
  if (documentBytes !== undefined) wishes.set("documents", String(documentBytes));
  return wishes.toString();
}

/** What somebody wishes who was started by this URL. */
export function partsWished(url: string): HistorySizes & Pick<MachineParts, "logBytes"> {
  const wishes = new URL(url).searchParams;
  const numberOf = (name: string) => wishes.has(name) ? Number(wishes.get(name)) : undefined;
  return { segmentEntries: numberOf("entries"), documentBytes: numberOf("documents"), logBytes: sealedLogBytes };
}
