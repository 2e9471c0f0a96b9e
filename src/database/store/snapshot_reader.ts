/**
 * Reads the state from a snapshot, without doing again what the log says.
 *
 * Nothing is believed: each count is compared with what is there, and each link with what it may lead to. So bytes from
 * outside are refused, or are a state in which every command has an output.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import { logChunkBytes, mergedSitesMax, sharedTextsMax, sourceBytesMax } from "../../limits.ts";
import { digestBytes } from "../../packing.ts";
import type { Feed } from "../../snapshot.ts";
import { segmentItemsMax } from "../segments/container.ts";
import { inlineDocumentBytes } from "../segments/segment_entry.ts";
import { whyNotDocument } from "../wire/rules.ts";
import { TextRange } from "../wire/text_range.ts";
import { keyRecordBytesMax } from "./answered_keys.ts";
import type { Documents } from "./documents.ts";
import type { LogOpening } from "./entry_log.ts";
import type { EntryMarks } from "./entry_marks.ts";
import { IndexSet } from "./index_set.ts";
import { LogAgain } from "./log_again.ts";
import { inOneSegment, type MachineParts } from "./machine_parts.ts";
import { documentLengthBytes } from "./raw_documents.ts";
import { isBlank, isErased, SharedTexts } from "./shared_texts.ts";
import { ImageReader } from "./site_image.ts";
import { SiteLog } from "./site_log.ts";
import { firstPlace, noSite } from "./site_record.ts";

/** A snapshot begins with it; earlier ones begin with the number of their chunks, of which there is one at least. */
export const snapshotMark = 0;

/** The version of the format. In version 1 there were no keys. */
export const snapshotVersion = 2;

const oldestVersion = 1;

/** What a snapshot says of its log. */
export const stateFlags = { keepsRoom: 1, earlier: 2, unbound: 4 } as const;

const allFlags = stateFlags.keepsRoom | stateFlags.earlier | stateFlags.unbound;

/** Bytes that a count or length may take. */
export const countBytesMax = 8;

/** Bytes of a record, at most: a site with all the strands that it may have, each with texts of its own. */
const recordBytesMax = 1024 * 1024;

/** Texts of an entry that may be shared. */
const textsOfEntry = 4;

/** Texts with how often each is used. */
interface UsedTexts {
  readonly texts: SharedTexts;
  readonly uses: readonly number[];
}

/** Reads what follows {@link snapshotMark}. */
export function* readSmallState(feed: Feed, parts: MachineParts): Generator<void, SiteLog> {
  const { reader } = feed;
  yield* feed.need(9 * countBytesMax);
  const version = reader.varint();
  if (version < oldestVersion || version > snapshotVersion) throw new DecodeError(`the state has version ${version}`);
  const [flags, last, size, end] = [reader.varint(), reader.varint(), reader.varint(), reader.varint()];
  const isEarlier = (flags & stateFlags.earlier) !== 0;
  const keepsBound = (flags & stateFlags.unbound) === 0;
  if (flags > allFlags || (isEarlier && !keepsBound)) throw new DecodeError(`the log has the flags ${flags}`);
  const opening = { segment: reader.varint(), chunks: reader.varint(), bytes: reader.varint(), texts: reader.varint() };
  const sites = new SiteLog(isEarlier ? inOneSegment(parts) : parts);
  const { table, log, documents, reports: { strands }, retractions, redactions } = sites;
  log.keepsRoom = (flags & stateFlags.keepsRoom) !== 0;
  documents.keepsInline = log.hasTailOnly = isEarlier;
  log.keepsBound = keepsBound;
  const digests = yield* readOpening(feed, sites, opening, last);
  // The log gives those their numbers that are said first in it.
  const shared = yield* readTexts(feed, new SharedTexts());
  if (opening.texts > shared.texts.size) throw new DecodeError(`there are ${shared.texts.size} texts`);
  for (let number = 1; number <= opening.texts; number++) table.origins.texts.add(shared.texts.get(number));
  for (const texts of [strands.sources, strands.products]) yield* readTexts(feed, texts);
  for (const marks of [retractions.marks, redactions]) yield* readMarks(feed, marks, last);
  sites.sealing.putBack(digests);
  yield* readDocuments(feed, documents);
  const records = new IndexSet();
  const owners = new IndexSet();
  const images = new ImageReader(sites, shared.texts.size, last, opening.segment);
  const record = new ByteReader(new Uint8Array(0));
  while (table.next < end) {
    // Only where bytes are lacking: a generator for each record would be most of the memory that this takes.
    if (reader.remaining < countBytesMax) yield* feed.need(countBytesMax);
    const length = reader.varint();
    if (length > recordBytesMax) throw new DecodeError(`a record has ${length} bytes`);
    if (reader.remaining < length) yield* feed.need(length);
    record.begin(reader.view(length), 0, length);
    const place = table.next;
    records.add(place);
    if (images.read(record)) owners.add(place);
  }
  if (table.next !== end || table.size !== size) throw new DecodeError(`there are ${table.size} sites, not ${size}`);
  const isSite = (place: number) => owners.has(place);
  for (const [site, into] of images.aliases) merge(sites, site, into, isSite);
  yield* readOrder(feed, sites, isSite, checks(sites, isSite, (place) => records.has(place)));
  yield* readLog(feed, sites, shared, last, isSite);
  if (version > oldestVersion) yield* readKeys(feed, sites, last);
  return sites;
}

function* readKeys(feed: Feed, { keys }: SiteLog, last: number): Generator<void> {
  const { reader } = feed;
  yield* feed.need(countBytesMax);
  for (let left = reader.varint(); left > 0; left--) {
    yield* feed.need(keyRecordBytesMax);
    keys.putBack(reader, last);
  }
}

/** Reads which segments were sealed: of entries, only old ones are. */
function* readOpening(feed: Feed, { log }: SiteLog, opening: LogOpening, last: number): Generator<void, Uint8Array[]> {
  const { segment, chunks } = opening;
  const isSound = segment >= 1 && segment <= Math.max(1, log.segmentOf(last) - 1) && chunks >= segment - 1 &&
    chunks < 2 ** 31 && (segment > 1 || (chunks === 0 && opening.bytes === 0 && opening.texts === 0));
  if (!isSound) throw new DecodeError(`the log begins with segment ${segment}, and ends with entry ${last}`);
  const digests: Uint8Array[] = [];
  while (digests.length < segment - 1) {
    yield* feed.need(digestBytes);
    digests.push(feed.reader.view(digestBytes).slice());
  }
  log.open(opening);
  return digests;
}

function* readTexts(feed: Feed, texts: SharedTexts): Generator<void, UsedTexts> {
  const { reader } = feed;
  yield* feed.need(countBytesMax);
  const count = reader.varint();
  if (count > sharedTextsMax) throw new DecodeError(`there are ${count} texts`);
  const uses: number[] = [];
  const text = new TextRange();
  for (let number = 1; number <= count; number++) {
    yield* feed.need(2 * countBytesMax + sourceBytesMax);
    const bytes = reader.blob();
    text.set(bytes, 0, bytes.length);
    const isSound = bytes.length > 0 && bytes.length <= sourceBytesMax &&
      (isErased(text) ? isBlank(text) : text.decode() !== undefined);
    if (!isSound || texts.add(text) !== number) throw new DecodeError(`text ${number} cannot be`);
    uses.push(reader.varint());
  }
  return { texts, uses };
}

function* readMarks(feed: Feed, marks: EntryMarks, last: number): Generator<void> {
  const { reader } = feed;
  yield* feed.need(countBytesMax);
  const count = reader.varint();
  for (let left = count, before = 0; left > 0; left--) {
    yield* feed.need(2 * countBytesMax);
    const by = before + reader.varint();
    const of = by - reader.varint();
    if (by <= before || by > last || of < 1 || of >= by || marks.has(of)) {
      throw new DecodeError(`entry ${by} cannot mark entry ${of}`);
    }
    marks.add(of, by);
    before = by;
  }
}

function* readDocuments(feed: Feed, documents: Documents): Generator<void> {
  const { reader } = feed;
  yield* feed.need(countBytesMax);
  for (let left = reader.varint(); left > 0; left--) {
    yield* feed.need(2 * countBytesMax + digestBytes);
    documents.appendSealed(reader.varint(), reader.varint(), reader.view(digestBytes).slice());
  }
  yield* feed.need(countBytesMax);
  for (let left = reader.varint(); left > 0; left--) {
    yield* feed.need(countBytesMax);
    const count = reader.varint();
    if (count < 1 || count > segmentItemsMax) throw new DecodeError(`a segment has ${count} documents`);
    const { last, segments } = documents;
    const text = new TextRange();
    yield* feed.need(documentLengthBytes * count);
    const lengths = reader.view(documentLengthBytes * count).slice();
    for (let at = 0; at < lengths.length; at += documentLengthBytes) {
      const length = lengths[at] << 8 | lengths[at + 1];
      yield* feed.need(length);
      const document = reader.view(length);
      text.set(document, 0, length);
      const why = length < inlineDocumentBytes ? "a document is too short" : whyNotDocument(text);
      if (why !== undefined) throw new DecodeError(why);
      documents.append(document);
    }
    // Where a segment ends follows from the documents.
    if (segments.at(-1)?.first !== last + 1) throw new DecodeError(`a segment does not begin after document ${last}`);
  }
  if (documents.named.length > documents.old) throw new DecodeError("a segment of documents is sealed that is not old");
}

/** Checks what the records say of names, one in each step. */
function* checks(
  { table }: SiteLog,
  isSite: (place: number) => boolean,
  isRecord: (place: number) => boolean,
): Generator<void> {
  for (let place = firstPlace; place < table.next; place = table.after(place)) {
    if (!table.areLinksSound(place, isSite, isRecord)) {
      throw new DecodeError(`the record at ${place} leads to another one that cannot be`);
    }
    yield;
  }
}

/** A site becomes an alias again: no links lead around, and not too many lead to one. */
function merge({ merges }: SiteLog, site: number, into: number, isSite: (place: number) => boolean): void {
  const isSound = isSite(into) && !merges.isAlias(site) && merges.rootOf(into) !== site &&
    merges.membersOf(merges.rootOf(into)).length + merges.membersOf(site).length <= mergedSitesMax;
  if (!isSound) throw new DecodeError(`the site at ${site} cannot be an alias of the one at ${into}`);
  merges.merge(site, into);
}

function* readOrder(
  feed: Feed,
  { table, order, merges }: SiteLog,
  isSite: (place: number) => boolean,
  checks: Iterator<void>,
): Generator<void> {
  const { reader } = feed;
  yield* feed.need(countBytesMax);
  const count = reader.varint();
  const listed = table.size - merges.size;
  if (count !== listed) throw new DecodeError(`${listed} sites are there, and ${count} in order`);
  for (let left = count; left > 0; left--) {
    if (reader.remaining < countBytesMax) yield* feed.need(countBytesMax);
    // In order, none is there twice, so that they are all.
    const place = reader.varint();
    if (place === noSite || !isSite(place) || merges.isAlias(place)) {
      throw new DecodeError(`there is no site at ${place}`);
    }
    // The names are compared as the records lead to them, so these are checked a little ahead.
    checks.next();
    order.append(place);
    checks.next();
  }
  while (!checks.next().done);
}

function* readLog(
  feed: Feed,
  sites: SiteLog,
  shared: UsedTexts,
  last: number,
  isSite: (place: number) => boolean,
): Generator<void> {
  const { reader } = feed;
  const { log, table: { origins: { texts } } } = sites;
  const again = new LogAgain(sites, isSite);
  yield* feed.need(countBytesMax);
  for (let left = reader.varint(); left > 0; left--) {
    yield* feed.need(countBytesMax);
    const length = reader.varint();
    if (length === 0 || length > logChunkBytes) throw new DecodeError(`a chunk of the log has ${length} bytes`);
    const chunk = new Uint8Array(length);
    const replay = log.replay(chunk, (entry) => again.take(entry));
    for (let fill = 0; fill < length;) {
      const some = yield* feed.some(length - fill);
      chunk.set(some, fill);
      fill += some.length;
      replay(fill);
    }
  }
  log.endReplay();
  again.end(last);
  const isSound = texts.size === shared.texts.size &&
    shared.uses.every((count, at) =>
      count <= last * textsOfEntry && texts.get(at + 1).equals(shared.texts.get(at + 1))
    );
  if (!isSound) throw new DecodeError("the log shares other texts");
  texts.setUses(shared.uses);
}
