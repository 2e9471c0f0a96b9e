/**
 * The whole state as bytes: what is known of each site, and the part of the log that is in memory.
 *
 * | part            | what it is                                                                             |
 * |-----------------|----------------------------------------------------------------------------------------|
 * | head            | {@link snapshotMark}, {@link snapshotVersion}, counts, and what was sealed of the log  |
 * | texts           | those that entries share, with how often each is used; sources; products               |
 * | marks           | the entries that were taken back or redacted, each with the one that did it            |
 * | documents       | the segments of documents: of sealed ones the digests, of the others the documents     |
 * | records         | each name, and all that is known of its site (`site_image.ts`)                         |
 * | order           | the places of the sites in the order of their names                                    |
 * | log             | the chunks of the log as they are                                                      |
 * | keys            | those of commands, with what these were answered (`answered_keys.ts`)                  |
 *
 * It is made as it is taken. What never changes is shared with the state. The numbers that change with each command are
 * copied when it is begun. A record is copied when it is about to change (`barrier.ts`), so commands that are executed
 * meanwhile do not show. The bytes follow from the state alone.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import type { SegmentRef } from "../../history.ts";
import { Made, Reading, type Restoring, type Snapshot } from "../../snapshot.ts";
import type { FrozenKeys } from "./answered_keys.ts";
import { Images } from "./barrier.ts";
import { readEarlier } from "./earlier_log.ts";
import type { LogOpening } from "./entry_log.ts";
import type { EntryMarks } from "./entry_marks.ts";
import type { MachineParts } from "./machine_parts.ts";
import type { SharedTexts } from "./shared_texts.ts";
import { ImageWriter } from "./site_image.ts";
import type { SiteLog } from "./site_log.ts";
import { firstPlace } from "./site_record.ts";
import { countBytesMax, readSmallState, snapshotMark, snapshotVersion, stateFlags } from "./snapshot_reader.ts";

/** Bytes that are gathered before they are given. */
const gatheredBytes = 16 * 1024;

/** Bytes of a record, about. */
const recordBytesAbout = 56;

/** The segments that were sealed, in the order of their numbers, those of entries first. */
export function namedBy({ sealing, documents }: SiteLog): SegmentRef[] {
  return [...sealing.named, ...documents.named];
}

/** The whole state, which later commands do not change. */
export function freezeSites(sites: SiteLog): Snapshot {
  const { table, log, order, documents, reports: { strands }, retractions, redactions } = sites;
  const writer = new ImageWriter(sites);
  const images = new Images(firstPlace, table.next, (place) => writer.write(place));
  table.barrier.begin(images);
  const texts = [table.origins.texts, strands.sources, strands.products].map((texts) => texts.freeze());
  const marks = [retractions.marks, redactions].map((marks) => [marks, marks.size] as const);
  const frozen: Frozen = {
    flags: (log.keepsRoom ? stateFlags.keepsRoom : 0) | (documents.keepsInline ? stateFlags.earlier : 0) |
      (log.keepsBound ? 0 : stateFlags.unbound),
    last: log.last,
    sites: table.size,
    end: table.next,
    opening: log.opening,
    digests: sites.sealing.named.map(({ digest }) => digest),
    texts,
    marks,
    sealed: documents.named.map(({ digest }, at) => ({ ...documents.segments[at], digest })),
    raw: documents.segments.slice(documents.named.length).flatMap(({ raw }) => raw === undefined ? [] : [raw.parts()]),
    places: order.freeze(),
    chunks: log.chunks(),
    keys: sites.keys.freeze(),
    after: (place) => table.after(place),
  };
  const estimate = recordBytesAbout * table.size + log.openBytes + documents.openBytes + sites.keys.bytes;
  return new Made(estimate, pieces(frozen, images), () => table.barrier.end(images));
}

/** A state at one moment, but its records. */
interface Frozen {
  readonly flags: number;
  readonly last: number;
  readonly sites: number;
  readonly end: number;
  readonly opening: LogOpening;
  readonly digests: readonly Uint8Array[];
  readonly texts: readonly ReturnType<SharedTexts["freeze"]>[];
  readonly marks: readonly (readonly [marks: EntryMarks, count: number])[];
  readonly sealed: readonly { readonly count: number; readonly bytes: number; readonly digest: Uint8Array }[];
  readonly raw: readonly ReturnType<RawParts["parts"]>[];
  readonly places: readonly (readonly number[])[];
  readonly chunks: readonly Uint8Array[];
  readonly keys: FrozenKeys;
  after(place: number): number;
}

type RawParts = import("./raw_documents.ts").RawDocuments;

function* pieces(frozen: Frozen, images: Images): Generator<Uint8Array, void> {
  const writer = new ByteWriter(2 * gatheredBytes);
  const { flags, last, sites, end, texts, marks, sealed, raw, places, chunks } = frozen;
  const { segment, chunks: before, bytes, texts: known } = frozen.opening;
  for (const count of [snapshotMark, snapshotVersion, flags, last, sites, end, segment, before, bytes, known]) {
    writer.varint(count);
  }
  for (const digest of frozen.digests) {
    writer.raw(digest);
    if (writer.length >= gatheredBytes) yield flush(writer);
  }
  for (const { texts: each, uses } of texts) {
    writer.varint(each.length);
    for (const [at, text] of each.entries()) {
      writer.blob(text.view());
      writer.varint(uses[at]);
      if (writer.length >= gatheredBytes) yield flush(writer);
    }
  }
  for (const [each, count] of marks) {
    writer.varint(count);
    for (let number = 1, before = 0; number <= count; number++) {
      const { of, by } = each.at(number);
      writer.varint(by - before);
      writer.varint(by - of);
      before = by;
      if (writer.length >= gatheredBytes) yield flush(writer);
    }
  }
  writer.varint(sealed.length);
  for (const { count, bytes, digest } of sealed) {
    writer.varint(count);
    writer.varint(bytes);
    writer.raw(digest);
    if (writer.length >= gatheredBytes) yield flush(writer);
  }
  writer.varint(raw.length);
  for (const parts of raw) {
    // The first part has two bytes for each.
    writer.varint(parts[0].length / 2);
    yield flush(writer);
    for (const part of parts) yield part instanceof Uint8Array ? part : part.bytes();
  }
  for (let place = firstPlace; place < end;) {
    // The name of a record never changes, nor where the next one is.
    const next = frozen.after(place);
    writer.blob(images.take(place));
    place = next;
    if (writer.length >= gatheredBytes) yield flush(writer);
  }
  writer.varint(places.reduce((sum, { length }) => sum + length, 0));
  for (const some of places) {
    for (const place of some) writer.varint(place);
    if (writer.length >= gatheredBytes) yield flush(writer);
  }
  writer.varint(chunks.length);
  for (const chunk of chunks) {
    writer.varint(chunk.length);
    yield flush(writer);
    yield chunk;
  }
  writer.varint(frozen.keys.size);
  yield flush(writer);
  yield* frozen.keys.parts;
}

function flush(writer: ByteWriter): Uint8Array {
  const bytes = writer.copy();
  writer.clear();
  return bytes;
}

/**
 * Begins to read what {@link freezeSites} gave, or an earlier version of it.
 *
 * @param parts those of the machine.
 * @param finish is given what was read.
 */
export function readingSites(parts: MachineParts, finish: (sites: SiteLog) => void): Restoring {
  return new Reading(
    function* (feed) {
      yield* feed.need(countBytesMax);
      const head = feed.reader.varint();
      return yield* head === snapshotMark ? readSmallState(feed, parts) : readEarlier(feed, parts, head);
    },
    finish,
    namedBy,
  );
}
