/**
 * Snapshots of files up to version 6 and of backups up to version 5: the chunks of the log as they were, and the places
 * of the sites in the order of their names.
 *
 * They are read by doing again all that the log says, with the rules that commands have, which must make the same bytes
 * again. So nothing is believed, and nothing can be in a state that no commands lead to.
 *
 * A snapshot begins with the number of its chunks, to which {@link keepsRoomMark} may be added. Each chunk has its
 * length before it. Then follow how many sites are in order, and their places, of 4 bytes each.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { logChunkBytes } from "../../limits.ts";
import { KnownDocument, noDocument } from "./document_records.ts";
import { whyNotLocationId, whyNotMerged } from "./edits.ts";
import { Erasures } from "./erasures.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks, textMarks } from "../wire/entry_fields.ts";
import { whyNotIdentifiers } from "../wire/identifiers.ts";
import { LogEntry } from "./log_entry.ts";
import { noOwnText } from "./own_texts.ts";
import { whyNotDocument, whyNotName, whyNotObserved, whyNotRecorded, whyNotTexts } from "../wire/rules.ts";
import type { Feed } from "../../snapshot.ts";
import { inOneSegment, type MachineParts } from "./machine_parts.ts";
import { SiteLog } from "./site_log.ts";
import { isErased } from "./shared_texts.ts";
import { noSite } from "./site_record.ts";

/** Bytes of a place in a snapshot. */
const placeBytes = 4;

/** It is added to the number of chunks, of which there are fewer, in a log that keeps room for the largest entry. */
const keepsRoomMark = 2 ** 20;

/** Bytes that a count or length in a snapshot may take. */
const countBytesMax = 8;

/**
 * Reads the rest of such a snapshot.
 *
 * @param head the number that it begins with, which is not 0.
 */
export function* readEarlier(feed: Feed, parts: MachineParts, head: number): Generator<void, SiteLog> {
  const { reader } = feed;
  const sites = new SiteLog(inOneSegment(parts));
  const erasures = new Erasures();
  if (head >= 2 * keepsRoomMark) throw new DecodeError(`the log begins with ${head}`);
  sites.log.keepsRoom = head >= keepsRoomMark;
  sites.documents.keepsInline = sites.log.hasTailOnly = sites.log.keepsBound = true;
  for (let left = head % keepsRoomMark; left > 0; left--) {
    yield* feed.need(countBytesMax);
    const length = reader.varint();
    if (length > logChunkBytes) throw new DecodeError(`a chunk of the log has ${length} bytes`);
    const chunk = new Uint8Array(length);
    const replay = sites.log.replay(chunk, (entry) => takeAgain(sites, entry, erasures));
    if (length === 0) replay(0);
    for (let fill = 0; fill < length;) {
      const some = yield* feed.some(length - fill);
      chunk.set(some, fill);
      fill += some.length;
      replay(fill);
    }
  }
  sites.log.endReplay();
  if (erasures.open > 0) throw new DecodeError(`${erasures.open} entries were overwritten, and were not redacted`);
  yield* feed.need(countBytesMax);
  const count = reader.varint();
  const { table, order, merges } = sites;
  const listed = table.size - merges.size;
  if (count !== listed) throw new DecodeError(`${listed} sites are there, and ${count} in order`);
  for (let left = count; left > 0;) {
    yield* feed.need(placeBytes);
    // In order, none is there twice, so that they are all.
    do {
      const place = reader.uint32();
      if (!table.isSite(place) || merges.isAlias(place)) throw new DecodeError(`there is no site at ${place}`);
      order.append(place);
    } while (--left > 0 && reader.remaining >= placeBytes);
  }
  return sites;
}

/** Does again what an entry says was done. Whatever it says of other entries comes out the same, or is found out. */
function takeAgain(sites: SiteLog, entry: LogEntry, erasures: Erasures): void {
  refuse(whyNotRecorded(entry.recordedAt) ?? whyNotTexts(entry, isErased) ?? erasures.take(entry));
  if (!sites.hasRoom(entry)) throw new DecodeError("the log is longer than it can be");
  const { kind, site } = entry;
  if (kind === entryKinds.added) {
    const { bytes, start, end } = entry.name;
    refuse(whyNotName(entry.name));
    if (sites.table.find(bytes, start, end) !== noSite) throw new DecodeError("a site is added that is there");
    return sites.record(entry);
  }
  if (!sites.table.isSite(site)) throw new DecodeError(`an entry is about a site at ${site}`);
  const isMisfit = sites.table.isRetired(site)
    ? kind === entryKinds.report || kind === entryKinds.confirmed || kind === entryKinds.retired
    : kind === entryKinds.reopened;
  if (isMisfit) throw new DecodeError("an entry cannot be about a site as it is");
  if (kind === entryKinds.confirmed) checkConfirmed(sites, entry);
  if (sites.reports.isCrowded(entry)) throw new DecodeError("a site has too many sources or products");
  if (kind === entryKinds.report && entry.isExplicit) refuse(whyNotObserved(entry.observedAt, entry.recordedAt));
  if (kind === entryKinds.retired && entry.note.length === 0) {
    throw new DecodeError("a site is retired without a reason");
  }
  if (kind === entryKinds.documented) checkDocument(sites, entry);
  if (kind === entryKinds.edited) checkEdit(sites, entry);
  if (kind === entryKinds.merged) checkMerge(sites, entry);
  if (kind === entryKinds.published) checkPublished(sites, entry);
  if (kind === entryKinds.retracted || kind === entryKinds.redacted) checkMark(sites, entry, erasures);
  // Only a document, the end of a merge, and what is about another entry, are about an alias.
  const into = kind === entryKinds.unmerged ? entry.into : undefined;
  const isOfAny = kind === entryKinds.documented || kind >= entryKinds.retracted;
  if (!isOfAny && sites.merges.intoOf(site) !== into) {
    throw new DecodeError("an entry cannot be about a site that was merged, or was not");
  }
  sites.record(entry);
  if (sites.log.hasOverwritten) throw new DecodeError("an entry was redacted, and what it says of people is there");
}

function checkPublished({ table, published }: SiteLog, { site, locationId }: LogEntry): void {
  refuse(whyNotLocationId(locationId));
  if (table.published(site) !== noOwnText) throw new DecodeError("a site is published a second time");
  if (published.find(locationId) !== noSite) throw new DecodeError("two sites are published under one id");
}

/** Checks an entry that takes another one back, or redacts it. */
function checkMark({ log, retractions, redactions }: SiteLog, entry: LogEntry, erasures: Erasures): void {
  const { kind, of, site } = entry;
  const isRetracted = kind === entryKinds.retracted;
  if (of < 1 || of > log.last) throw new DecodeError(`there is no entry ${of} to be marked`);
  const marked = new LogEntry();
  log.read(log.placeOf(of), marked);
  const isOther = marked.site !== site || (isRetracted && marked.kind !== entryKinds.report) ||
    (isRetracted ? retractions.has(of) : redactions.has(of));
  if (isOther) throw new DecodeError(`entry ${of} cannot be marked so`);
  if (isRetracted) return;
  if ((marked.marked & (textMarks.who | textMarks.note)) === 0) throw new DecodeError("nothing was redacted");
  erasures.close(marked);
}

function checkConfirmed({ reports }: SiteLog, entry: LogEntry): void {
  refuse(whyNotObserved(entry.observedAt, entry.recordedAt));
  const said = reports.saidBy(entry);
  if (said === undefined || entry.observedAt <= said.asOf) {
    throw new DecodeError("nothing that was reported is confirmed");
  }
}

function checkDocument({ documents, reports }: SiteLog, entry: LogEntry): void {
  if (entry.documentNumber !== 0) throw new DecodeError("the document of an entry does not stand in it");
  refuse(whyNotDocument(entry.document));
  if (!entry.isExplicit) return;
  refuse(whyNotObserved(entry.observedAt, entry.recordedAt));
  const record = reports.documentOf(entry);
  if (record === noDocument) return;
  const known = new KnownDocument();
  documents.records.read(record, known);
  if (known.madeAt > entry.observedAt) {
    throw new DecodeError("a document is older than the last");
  }
}

function checkEdit({ table }: SiteLog, { edits, newName, identifiers }: LogEntry): void {
  if ((edits & editMarks.identifiers) !== 0) refuse(whyNotIdentifiers(identifiers, false));
  if ((edits & editMarks.name) === 0) return;
  refuse(whyNotName(newName));
  if (table.find(newName.bytes, newName.start, newName.end) !== noSite) {
    throw new DecodeError("a site gets the name of another one");
  }
}

function checkMerge({ table, merges }: SiteLog, { site, into }: LogEntry): void {
  if (!table.isSite(into) || merges.isAlias(into)) throw new DecodeError(`a site is merged into one at ${into}`);
  refuse(whyNotMerged(merges, site, into));
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new DecodeError(`an entry cannot be: ${why}`);
}
