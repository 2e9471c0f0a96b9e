/**
 * The documents of all entries, but those that are so short that they stand in their entries.
 *
 * They have numbers in the order in which they come, and are in segments: one ends as soon as it has 16 MiB, so where
 * it ends follows from the documents alone. With k the segment of the last document, the segments up to k - 2 are old.
 * Only an old one is ever sealed; its documents are then read through the reader of sealed history. All others are in
 * memory as they came. Nothing but memory depends on whether an old segment was sealed.
 *
 * @module
 */

import type { ByteWriter } from "../../bytes.ts";
import {
  type ComparedSegment,
  type Sealing,
  segmentKinds,
  segmentName,
  type SegmentPlace,
  type SegmentRef,
} from "../../history.ts";
import type { Packing } from "../../packing.ts";
import { countBefore } from "../name_order.ts";
import { DamageError } from "../segments/damage.ts";
import { documentSegmentBytes, DocumentWriter, isWholeDocumentSegment } from "../segments/document_segments.ts";
import { inlineDocumentBytes } from "../segments/segment_entry.ts";
import { nothingSealed, type SegmentReader } from "../segments/segment_reader.ts";
import type { BlockBudget } from "./block_budget.ts";
import { documentDigestBytes, DocumentRecords, type KnownDocument } from "./document_records.ts";
import type { LogEntry } from "./log_entry.ts";
import type { MachineParts } from "./machine_parts.ts";
import { RawDocuments } from "./raw_documents.ts";
import type { TextRange } from "../wire/text_range.ts";

/** A segment of documents, in memory or sealed. */
interface DocumentsSegment {
  /** The number of its first document. */
  readonly first: number;
  /** How many documents it has, and bytes of them. */
  count: number;
  bytes: number;
  /** The documents, until they are sealed. */
  raw: RawDocuments | undefined;
  /** The digest, if they are. */
  digest: Uint8Array | undefined;
}

/** All documents. */
export class Documents {
  /** The current ones. */
  readonly records: DocumentRecords = new DocumentRecords();
  readonly #packing: Packing;
  readonly #reader: SegmentReader;
  readonly #segmentBytes: number;
  /** Segment k is at k - 1. */
  readonly #segments: DocumentsSegment[] = [];
  #last = 0;
  #bytes = 0;
  #oldBytes = 0;
  #sealed = 0;
  /**
   * Whether all documents stand in their entries, as they did in earlier versions. A log that began then keeps to it:
   * outputs in its journal, which is executed again, say how many bytes the log has.
   */
  keepsInline = false;

  /** Without documents. */
  constructor({ packing, reader = nothingSealed, documentBytes = documentSegmentBytes }: MachineParts) {
    this.#packing = packing;
    this.#reader = reader;
    this.#segmentBytes = documentBytes;
  }

  /** The number of the last document; 0 if there is none. */
  get last(): number {
    return this.#last;
  }

  /** Bytes that all of them have, sealed or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of those that are in memory. */
  get openBytes(): number {
    return this.#segments.reduce((sum, { raw, bytes }) => raw === undefined ? sum : sum + bytes, 0);
  }

  /** Bytes of those in old segments. */
  get oldBytes(): number {
    return this.#oldBytes;
  }

  /** Begins a segment. Another one becomes old then. */
  #begin(segment: DocumentsSegment): void {
    this.#segments.push(segment);
    if (this.old > 0) this.#oldBytes += this.#segments[this.old - 1].bytes;
  }

  // Documents.

  /** Gives the document of an entry a number and keeps it, unless it is to stand in the entry, or has a number. */
  put(entry: LogEntry): void {
    if (entry.documentNumber !== 0) return;
    const { document } = entry;
    entry.documentLength = document.length;
    if (this.keepsInline || document.length < inlineDocumentBytes) return;
    this.append(document.view());
    entry.documentNumber = this.#last;
  }

  /** Adds a document, of at least {@link inlineDocumentBytes}. */
  append(document: Uint8Array): void {
    let segment = this.#segments.at(-1);
    if (segment === undefined || isWholeDocumentSegment(segment.count, segment.bytes, this.#segmentBytes)) {
      segment = { first: this.#last + 1, count: 0, bytes: 0, raw: new RawDocuments(), digest: undefined };
      this.#begin(segment);
    }
    segment.raw?.put(document);
    segment.count++;
    segment.bytes += document.length;
    this.#last++;
    this.#bytes += document.length;
  }

  /** Whether a document is in an old segment: an output that needs it needs one block. */
  isOld(number: number): boolean {
    const old = this.#segments[this.old];
    return old !== undefined && number < old.first;
  }

  /** How many segments are old. */
  get old(): number {
    return Math.max(0, this.#segments.length - 2);
  }

  /** The segment of a document. */
  #segmentOf(number: number): number {
    return countBefore(this.#segments, ({ first }) => first <= number);
  }

  /**
   * The document with a number, as a view.
   *
   * @param length how many bytes it has, as its entry says.
   * @throws {DamageError} if it was sealed, and is not what was sealed.
   */
  read(number: number, length: number): Uint8Array {
    const segment = this.#segmentOf(number);
    const { raw, first } = this.#segments[segment - 1];
    if (raw !== undefined) return raw.at(number - first);
    const footer = this.#reader.documentSegment(segment);
    const block = footer.blockOf(number);
    const document = footer.documentIn(this.#reader.documents(segment, block), number);
    if (document.length === length) return document;
    const what = segmentName({ kind: segmentKinds.documents, number: segment });
    throw new DamageError(what, block, `document ${number} has ${document.length} bytes, and not ${length}`);
  }

  /**
   * Appends a document to an output, with its length in front. An old one takes a block.
   *
   * @returns false: no block is left for it, and nothing was appended.
   */
  write(writer: ByteWriter, blocks: BlockBudget, number: number, length: number): boolean {
    if (this.isOld(number) && !blocks.take()) return false;
    writer.blob(this.read(number, length));
    return true;
  }

  // The current ones.

  /** Whether a document is the same as a known one. */
  isSame({ length, kept }: KnownDocument, document: TextRange): boolean {
    if (document.length !== length) return false;
    const other = this.keptOf(document);
    return kept.every((byte, at) => byte === other[at]);
  }

  /** What a record keeps of a document: all of it, or the beginning of its digest. */
  keptOf(document: TextRange): Uint8Array {
    const bytes = document.view();
    return bytes.length < inlineDocumentBytes ? bytes : this.#packing.digest(bytes).subarray(0, documentDigestBytes);
  }

  // Sealing.

  /** The next old segment that is not sealed, if there is one. */
  get unsealed(): SegmentPlace | undefined {
    return this.#sealed < this.old ? { kind: segmentKinds.documents, number: this.#sealed + 1 } : undefined;
  }

  /** Bytes of the documents of old segments that are not sealed. */
  get unsealedBytes(): number {
    let bytes = 0;
    for (let at = this.#sealed; at < this.old; at++) bytes += this.#segments[at].bytes;
    return bytes;
  }

  /** Begins to seal the segment {@link unsealed}: each step packs one block. */
  sealing(): Sealing {
    const place = this.unsealed;
    if (place === undefined) throw new Error("No segment of documents is old and not sealed");
    const { first, count, raw } = this.#segments[place.number - 1];
    if (raw === undefined) throw new Error(`${segmentName(place)} is not in memory`);
    const writer = new DocumentWriter(place.number, first, this.#packing, this.#segmentBytes);
    let at = 0;
    let hasEnded = false;
    const step = () => {
      while (at < count) {
        const bytes = writer.add(raw.at(at++));
        if (bytes.length > 0) return bytes;
      }
      if (hasEnded) return undefined;
      hasEnded = true;
      return writer.end();
    };
    return {
      place,
      step,
      get digest() {
        return writer.digest;
      },
    };
  }

  /** Says that the segment {@link unsealed} is durable and named. Its documents in memory are dropped. */
  sealed({ kind, number, digest }: SegmentRef): void {
    const { unsealed } = this;
    if (unsealed?.kind !== kind || unsealed.number !== number) {
      throw new Error(`${segmentName({ kind, number })} is not to be sealed`);
    }
    const segment = this.#segments[number - 1];
    const { first, count } = this.#reader.documentSegment(number);
    if (first !== segment.first || count !== segment.count) {
      throw new Error(`${segmentName({ kind, number })} has ${count} documents from ${first} on`);
    }
    segment.digest = digest.slice();
    segment.raw = undefined;
    this.#sealed++;
  }

  /** How a segment was sealed. Nothing of a document is ever redacted. */
  sealedAs(number: number): ComparedSegment | undefined {
    const digest = number < 1 ? undefined : this.#segments.at(number - 1)?.digest;
    return digest === undefined ? undefined : { kind: segmentKinds.documents, number, redacted: 0, digest };
  }

  /** The segments that were sealed. */
  get named(): SegmentRef[] {
    return this.#segments.flatMap(({ digest }, at) =>
      digest === undefined ? [] : [{ kind: segmentKinds.documents, number: at + 1, digest }]
    );
  }

  // A log that is read again.

  /** All segments, for a snapshot. */
  get segments(): readonly Readonly<DocumentsSegment>[] {
    return this.#segments;
  }

  /** Adds a segment that was sealed, behind others that were. */
  appendSealed(count: number, bytes: number, digest: Uint8Array): void {
    this.#begin({ first: this.#last + 1, count, bytes, raw: undefined, digest });
    this.#last += count;
    this.#bytes += bytes;
    this.#sealed++;
  }

  /**
   * The length of a document that is there.
   *
   * @param said what its entry says, which is believed where the document is sealed.
   */
  lengthOf(number: number, said: number): number | undefined {
    if (number > this.#last) return undefined;
    const { raw, first } = this.#segments[this.#segmentOf(number) - 1];
    return raw === undefined ? said : raw.at(number - first).length;
  }
}
