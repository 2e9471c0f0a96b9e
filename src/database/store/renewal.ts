/**
 * Takes over a log of an earlier version: with its documents in its entries, and without old segments.
 *
 * It has the rules of then until its replica has executed again what the journal says, so that the outputs are those of
 * then. After that, all entries are taken again by the rules of today. The result follows from the entries alone, so
 * replicas that do it at other moments have the same state.
 *
 * @module
 */

import { LogEntry } from "./log_entry.ts";
import type { MachineParts } from "./machine_parts.ts";
import { SiteLog } from "./site_log.ts";

/** Entries that are taken in one step. */
const entriesPerStep = 256;

/** Whether a log is one of an earlier version. */
export function isEarlier({ documents, log }: SiteLog): boolean {
  return documents.keepsInline || !log.keepsRoom;
}

/** Takes all entries of such a log again, some in each step. Returns the sites with their log as it is today. */
export function* renewing(earlier: SiteLog, parts: MachineParts): Generator<void, SiteLog> {
  const sites = new SiteLog(parts);
  sites.log.keepsBound = earlier.log.keepsBound;
  sites.keys = earlier.keys;
  const entry = new LogEntry();
  const { log } = earlier;
  for (let [index, place] = [1, log.last === 0 ? 0 : log.placeOf(1)]; index <= log.last; index++) {
    log.read(place, entry);
    place = entry.end;
    sites.record(entry);
    if (index % entriesPerStep === 0) yield;
  }
  // They have the same places.
  for (const places of earlier.order.freeze()) {
    for (const site of places) sites.order.append(site);
    yield;
  }
  return sites;
}
