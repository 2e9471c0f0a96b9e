/**
 * Snapshots as earlier versions wrote them.
 *
 * @module
 */

import { ByteWriter } from "../../../src/bytes.ts";
import { readingSites } from "../../../src/database/store/snapshot.ts";
import { restoreAll } from "../../../src/snapshot.ts";
import { machineParts, SiteLog, type Sites } from "./machine.ts";

/** The sites in their first segment, without documents that do not stand in their entries. */
export function earlierSnapshot(sites: Sites): Uint8Array {
  let read = new SiteLog();
  restoreAll(readingSites(machineParts, (log) => read = log), sites.snapshot());
  return earlierBytes(read.log.chunks(), read.order.freeze().flat());
}

/** A snapshot with these chunks of the log, and sites in this order. */
export function earlierBytes(chunks: readonly Uint8Array[], places: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(chunks.length + 2 ** 20);
  for (const chunk of chunks) writer.blob(chunk);
  writer.varint(places.length);
  for (const place of places) writer.uint32(place);
  return writer.copy();
}
