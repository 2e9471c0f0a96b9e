/**
 * Entries as they stand in the outputs (`entries.ts`).
 *
 * @module
 */

import { type ByteWriter, putVarint } from "../../bytes.ts";
import { byBytesMax, nameBytesMax, noteBytesMax, productBytesMax, sourceBytesMax, whoBytesMax } from "../../limits.ts";
import {
  entryKinds,
  entryNumbersMax,
  extensionBits,
  extensionMark,
  idMark,
  plainKindMax,
  reportBits,
} from "../wire/entries.ts";
import { editMarks, shownAfter, textMarks } from "../wire/entry_fields.ts";
import { tagOf, unitShift } from "../wire/packed.ts";
import { extensionOf, LogEntry, madeOf } from "./log_entry.ts";
import type { SiteLog } from "./site_log.ts";
import type { SitePlace } from "./site_record.ts";
import { redactedText } from "./site_writer.ts";
import type { TextRange } from "../wire/text_range.ts";

/** Bytes that the report may take that a site shows when another one is taken back: within that one's entry. */
const shownBytesMax = entryNumbersMax + nameBytesMax + whoBytesMax + sourceBytesMax + noteBytesMax + productBytesMax +
  byBytesMax;

/** Bytes of what most entries have beside {@link writeTexts}, at most. */
const headBytesMax = entryNumbersMax + nameBytesMax + productBytesMax;

/** Bytes that {@link writeTexts} appends, at most. */
const textsBytesMax = whoBytesMax + sourceBytesMax + noteBytesMax + byBytesMax + 4 * 2;

/** Writes entries of the log. */
export class EntryWriter {
  readonly #sites: SiteLog;
  readonly #before = new LogEntry();
  /** Whether what is written is for a client that knows that sites have ids. */
  knowsIds = true;

  /** A writer of the entries of `sites`. */
  constructor(sites: SiteLog) {
    this.#sites = sites;
  }

  /** Bytes that {@link entry} may write. */
  entryBytesMax(entry: LogEntry): number {
    const { table } = this.#sites;
    const { site, into, kind, textBytes, ownTextBytes } = entry;
    const isMerge = kind === entryKinds.merged || kind === entryKinds.unmerged;
    const namesBytes = table.name(site).length + (isMerge ? table.name(into).length : 0);
    const shownBytes = kind === entryKinds.retracted ? shownBytesMax : redactedText.length;
    return entryNumbersMax + namesBytes + textBytes + ownTextBytes + shownBytes;
  }

  /** Appends an entry. Returns false if no block is left for its document: what was appended is not whole then. */
  entry(writer: ByteWriter, entry: LogEntry): boolean {
    const { kind, site } = entry;
    const isRedacted = this.#veil(entry);
    const isRetracted = kind === entryKinds.report && this.#sites.retractions.has(entry.index);
    const { table } = this.#sites;
    const extension = extensionOf(entry) | (isRetracted ? extensionBits.retracted : 0) |
      (isRedacted ? extensionBits.redacted : 0);
    const bytes = writer.room(headBytesMax);
    let at = putVarint(bytes, writer.length, entry.index);
    bytes[at++] = (kind > plainKindMax ? 0 : kind) | entry.marked | (this.knowsIds ? idMark : 0) |
      (extension === 0 ? 0 : extensionMark);
    if (extension !== 0) bytes[at++] = extension;
    if (this.knowsIds) at = putVarint(bytes, at, table.id(site));
    // So the names that sites had at any index of the log follow from the entries up to there.
    at = kind === entryKinds.added ? putText(bytes, at, entry.name) : table.putName(bytes, at, site);
    at = putVarint(bytes, at, entry.recordedAt);
    if (kind === entryKinds.report) at = putReport(bytes, at, entry);
    writer.advance(at);
    if (kind === entryKinds.added) writer.varint(entry.zip);
    else if (kind === entryKinds.documented) {
      const { documents, blocks } = this.#sites;
      if (entry.documentNumber === 0) writer.blob(entry.document.view());
      else if (!documents.write(writer, blocks, entry.documentNumber, entry.documentLength)) return false;
      if ((extension & extensionBits.time) !== 0) writer.varint(madeOf(entry));
    } else if (kind === entryKinds.edited) writeEdits(writer, entry);
    else if (kind === entryKinds.confirmed) {
      writer.varint(entry.observedAt);
      writer.blob(entry.product.view());
    } else if (kind === entryKinds.published) writer.blob(entry.locationId.view());
    else if (kind === entryKinds.retracted) this.#retracted(writer, entry);
    else if (kind === entryKinds.redacted) {
      writer.varint(entry.of);
      writer.varint(entry.shows);
    } else if (kind === entryKinds.merged || kind === entryKinds.unmerged) this.#namedSite(writer, entry.into);
    if ((entry.marked | entry.more) !== 0) writeTexts(writer, entry);
    return true;
  }

  #retracted(writer: ByteWriter, { site, of, shows }: LogEntry): void {
    const isReport = shows > shownAfter.report;
    writer.varint(of);
    writer.varint(isReport ? shownAfter.report + 1 : shows);
    if (!isReport) return;
    const index = shows - shownAfter.report;
    if (!this.#sites.history.find(site, index, this.#before)) throw new Error(`entry ${index} is of another site`);
    this.entry(writer, this.#before);
  }

  /** Removes from an entry that was redacted what is not to be said. Returns whether it was redacted. */
  #veil(entry: LogEntry): boolean {
    if (!this.#sites.redactions.has(entry.index)) return false;
    entry.marked &= ~(textMarks.who | textMarks.note);
    entry.who.clear();
    entry.note.clear();
    if (entry.kind !== entryKinds.retired) return true;
    // No site is retired without a reason.
    entry.marked |= textMarks.note;
    entry.note.copy(redactedText);
    return true;
  }

  #namedSite(writer: ByteWriter, site: SitePlace): void {
    writer.varint(this.#sites.table.id(site));
    writer.blob(this.#sites.table.name(site));
  }
}

function writeEdits(writer: ByteWriter, { edits, newName, zip, identifiers }: LogEntry): void {
  writer.byte(edits);
  if ((edits & editMarks.name) !== 0) writer.blob(newName.view());
  if ((edits & editMarks.zip) !== 0) writer.varint(zip);
  if ((edits & editMarks.identifiers) !== 0) writer.blob(identifiers.view());
}

function putReport(bytes: Uint8Array, at: number, entry: LogEntry): number {
  const { availability, unit, observedAt, outOfDate, product } = entry;
  const isObservedThen = observedAt === entry.recordedAt;
  bytes[at++] = tagOf(availability) | unit << unitShift | (outOfDate ? reportBits.outOfDate : 0) |
    (isObservedThen ? 0 : reportBits.observedAt) | (product.length === 0 ? 0 : reportBits.product);
  if (availability >= 0) at = putVarint(bytes, at, availability);
  if (!isObservedThen) at = putVarint(bytes, at, observedAt);
  return product.length === 0 ? at : putText(bytes, at, product);
}

/** Appends those of the texts that any entry may have, except for a product. */
function writeTexts(writer: ByteWriter, { who, source, note, by }: LogEntry): void {
  const bytes = writer.room(textsBytesMax);
  let at = writer.length;
  if (who.length > 0) at = putText(bytes, at, who);
  if (source.length > 0) at = putText(bytes, at, source);
  if (note.length > 0) at = putText(bytes, at, note);
  if (by.length > 0) at = putText(bytes, at, by);
  writer.advance(at);
}

function putText(bytes: Uint8Array, at: number, text: TextRange): number {
  at = putVarint(bytes, at, text.length);
  text.putInto(bytes, at);
  return at + text.length;
}
