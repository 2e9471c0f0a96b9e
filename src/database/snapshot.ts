/**
 * The whole state as bytes: the chunks of the log as they are, and the places of the sites in the order of their names.
 *
 * It is read by doing again all that the log says, with the rules that commands have, which must make the same bytes
 * again. So nothing is believed, and nothing can be in a state that no commands lead to.
 *
 * @module
 */

import { ByteReader, ByteWriter, DecodeError } from "../bytes.ts";
import { entryKinds } from "./entries.ts";
import type { LogEntry } from "./log_entry.ts";
import { whyNotDocument, whyNotNameBytes, whyNotObserved, whyNotRecorded, whyNotTexts } from "./rules.ts";
import { SiteLog } from "./site_log.ts";
import { noSite } from "./site_table.ts";

/** Bytes of a place in a snapshot. */
const placeBytes = 4;

/** It is added to the number of chunks, of which there are fewer, in a log that keeps room for the largest entry. */
const keepsRoomMark = 2 ** 20;

/** Bytes that a count or length in a snapshot may take. */
const countBytesMax = 8;

/** The whole state, as a copy. */
export function writeSnapshot({ log, order }: SiteLog): Uint8Array {
  const chunks = log.chunks();
  const places = order.items();
  // All at once: to grow is to copy.
  const writer = new ByteWriter(log.bytes + placeBytes * places.length + countBytesMax * (chunks.length + 2));
  writer.varint(chunks.length + (log.keepsRoom ? keepsRoomMark : 0));
  for (const chunk of chunks) writer.blob(chunk);
  writer.varint(places.length);
  for (const place of places) writer.uint32(place);
  return writer.view();
}

/**
 * Reads what {@link writeSnapshot} gave.
 *
 * @throws {DecodeError} if the bytes are no such state.
 */
export function readSnapshot(snapshot: Uint8Array): SiteLog {
  const reader = new ByteReader(snapshot);
  const chunks: Uint8Array[] = [];
  const head = reader.varint();
  for (let left = head % keepsRoomMark; left > 0; left--) chunks.push(reader.view(reader.varint()));
  const count = reader.varint();
  if (reader.remaining !== placeBytes * count) {
    throw new DecodeError(`${count} sites are announced in ${reader.remaining} bytes`);
  }
  const sites = new SiteLog(count);
  sites.log.keepsRoom = head >= keepsRoomMark;
  sites.log.replay(chunks, (entry) => takeAgain(sites, entry));
  if (count !== sites.table.size) throw new DecodeError(`${sites.table.size} sites are there, and ${count} in order`);
  const places = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    places[at] = reader.uint32();
    if (!sites.table.isSite(places[at])) throw new DecodeError(`there is no site at ${places[at]}`);
  }
  // In order, none is there twice, so that they are all.
  sites.order.append(places);
  return sites;
}

/** Does again what an entry says was done. Whatever it says of other entries comes out the same, or is found out. */
function takeAgain(sites: SiteLog, entry: LogEntry): void {
  refuse(whyNotRecorded(entry.recordedAt) ?? whyNotTexts(entry));
  if (!sites.hasRoom(entry)) throw new DecodeError("the log is longer than it can be");
  if (entry.kind === entryKinds.added) {
    const { bytes, start, end } = entry.name;
    refuse(whyNotNameBytes(bytes, start, end));
    if (sites.table.find(bytes, start, end) !== noSite) throw new DecodeError("a site is added that is there");
    sites.add(entry);
    return;
  }
  if (!sites.table.isSite(entry.site)) throw new DecodeError(`an entry is about a site at ${entry.site}`);
  const isRetired = sites.table.isRetired(entry.site);
  if (isRetired ? entry.kind === entryKinds.report || entry.kind === entryKinds.retired : isReopening(entry)) {
    throw new DecodeError("an entry cannot be about a site as it is");
  }
  switch (entry.kind) {
    case entryKinds.report:
      if (entry.isExplicit) refuse(whyNotObserved(entry.observedAt, entry.recordedAt));
      sites.report(entry);
      break;
    case entryKinds.retired:
      if (entry.note.length === 0) throw new DecodeError("a site is retired without a reason");
      sites.retire(entry);
      break;
    case entryKinds.reopened:
      sites.reopen(entry);
      break;
    default:
      refuse(whyNotDocument(entry.document));
      sites.document(entry);
      break;
  }
}

function isReopening(entry: LogEntry): boolean {
  return entry.kind === entryKinds.reopened;
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new DecodeError(`an entry cannot be: ${why}`);
}
