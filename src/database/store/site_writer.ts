/**
 * Sites and entries as they stand in the outputs (`outputs.ts`, `entries.ts`).
 *
 * @module
 */

import { type ByteWriter, putVarint } from "../../bytes.ts";
import { noteBytesMax } from "../../limits.ts";
import { entryKinds, entryNumbersMax, reportBits } from "../wire/entries.ts";
import { LogEntry, noEntry } from "./log_entry.ts";
import { reportMarks } from "../wire/outputs.ts";
import { tagOf, unitShift, writeAvailability } from "../wire/packed.ts";
import type { SiteLog } from "./site_log.ts";
import type { SitePlace } from "./site_table.ts";
import type { TextRange } from "../wire/text_range.ts";

/** Bytes of a state without a reason, at most. */
export const bareStateBytesMax = 1 + 5 + 8 + 8;

const ellipsis = new TextEncoder().encode("…");

/** Writes what is known of sites. */
export class SiteWriter {
  readonly #sites: SiteLog;
  readonly #entry = new LogEntry();

  /** A writer of the sites of `sites`. */
  constructor(sites: SiteLog) {
    this.#sites = sites;
  }

  /**
   * Puts the state of a site, without the reason of a retired one, into bytes with room for {@link bareStateBytesMax}.
   *
   * @returns where it ends.
   */
  putBareState(bytes: Uint8Array, at: number, site: SitePlace): number {
    const { table } = this.#sites;
    const availability = table.availability(site);
    bytes[at] = tagOf(availability) | table.bits(site);
    at = putVarint(bytes, at + 1, table.zip(site));
    if (availability >= 0) at = putVarint(bytes, at, availability);
    return putVarint(bytes, at, table.observedAt(site));
  }

  /** Appends the state of a site. A reason of more than `reasonBytesMax` bytes is cut. */
  state(writer: ByteWriter, site: SitePlace, reasonBytesMax: number): void {
    writer.advance(this.putBareState(writer.room(bareStateBytesMax), writer.length, site));
    const { table, log } = this.#sites;
    if (!table.isRetired(site)) return;
    log.read(table.retirement(site), this.#entry);
    writeCut(writer, this.#entry.note, reasonBytesMax);
  }

  /** Appends the report that a site shows. */
  report(writer: ByteWriter, site: SitePlace): void {
    const { table, log } = this.#sites;
    writer.varint(table.shownIndex(site));
    if (table.shown(site) === noEntry) return;
    if (table.isShownPlain(site)) return writer.byte(0);
    const entry = this.#entry;
    log.read(table.shown(site), entry);
    const isRecordedThen = entry.recordedAt === entry.observedAt;
    writer.byte(entry.marked | (isRecordedThen ? 0 : reportMarks.recordedAt));
    if (!isRecordedThen) writer.varint(entry.recordedAt);
    writeTexts(writer, entry);
  }

  /** Appends everything that is known of a site but its name and its history. */
  full(writer: ByteWriter, site: SitePlace): void {
    this.state(writer, site, noteBytesMax);
    this.report(writer, site);
    const { table, log } = this.#sites;
    if (table.document(site) === noEntry) return writer.byte(0);
    log.read(table.document(site), this.#entry);
    writer.blob(this.#entry.document.view());
  }

  /** Appends the least that lists say of a site. */
  brief(writer: ByteWriter, site: SitePlace): void {
    const { table } = this.#sites;
    writer.varint(table.zip(site));
    writeAvailability(writer, table.availability(site));
  }

  /** Bytes that {@link entry} may write. */
  entryBytesMax(entry: LogEntry): number {
    return entryNumbersMax + this.#sites.table.name(entry.site).length + entry.textBytes +
      (entry.kind === entryKinds.documented ? entry.document.length : 0);
  }

  /** Appends an entry. */
  entry(writer: ByteWriter, entry: LogEntry): void {
    const { kind } = entry;
    writer.varint(entry.index);
    writer.byte(kind | entry.marked);
    writer.blob(this.#sites.table.name(entry.site));
    writer.varint(entry.recordedAt);
    if (kind === entryKinds.added) writer.varint(entry.zip);
    else if (kind === entryKinds.report) writeReport(writer, entry);
    else if (kind === entryKinds.documented) writer.blob(entry.document.view());
    writeTexts(writer, entry);
  }
}

function writeTexts(writer: ByteWriter, { who, source, note }: LogEntry): void {
  if (who.length > 0) writer.blob(who.view());
  if (source.length > 0) writer.blob(source.view());
  if (note.length > 0) writer.blob(note.view());
}

function writeReport(writer: ByteWriter, entry: LogEntry): void {
  const { availability, unit, observedAt, outOfDate } = entry;
  const isObservedThen = observedAt === entry.recordedAt;
  writer.byte(
    tagOf(availability) | unit << unitShift | (outOfDate ? reportBits.outOfDate : 0) |
      (isObservedThen ? 0 : reportBits.observedAt),
  );
  if (availability >= 0) writer.varint(availability);
  if (!isObservedThen) writer.varint(observedAt);
}

function writeCut(writer: ByteWriter, text: TextRange, bytesMax: number): void {
  if (text.length <= bytesMax) return writer.blob(text.view());
  let end = text.start + bytesMax - ellipsis.length;
  // Not in the middle of a character: its later bytes are marked.
  while ((text.bytes[end] & 0xc0) === 0x80) end--;
  writer.varint(end - text.start + ellipsis.length);
  writer.raw(text.bytes.subarray(text.start, end));
  writer.raw(ellipsis);
}
