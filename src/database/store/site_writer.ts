/**
 * Sites as they stand in the outputs (`outputs.ts`).
 *
 * @module
 */

import { type ByteWriter, putVarint } from "../../bytes.ts";
import { noteBytesMax } from "../../limits.ts";
import { redactedReason } from "../site_rules.ts";
import { type DocumentRecord, KnownDocument, noDocument } from "./document_records.ts";
import type { EntryFields } from "../wire/entry_fields.ts";
import { LogEntry } from "./log_entry.ts";
import { noOwnText } from "./own_texts.ts";
import { isErased } from "./shared_texts.ts";
import { reportMarks, sourceBits, sourceMarks, stateBits } from "../wire/outputs.ts";
import { packAvailability, tagOf, unitShift, writeAvailability } from "../wire/packed.ts";
import type { SiteLog } from "./site_log.ts";
import { noSite, type SitePlace } from "./site_record.ts";
import { ReadStrand } from "./strands.ts";
import { TextRange } from "../wire/text_range.ts";

/** Bytes of a state without a name and a reason, at most. */
export const bareStateBytesMax = 1 + 5 + 5 + 8 + 8 + 8;

const unknown = packAvailability("unknown");

const encoder = new TextEncoder();
const ellipsis = encoder.encode("…");

/** What a redacted reason reads. */
export const redactedText: TextRange = new TextRange();
redactedText.set(encoder.encode(redactedReason), 0, redactedReason.length);

/** Writes what is known of sites. */
export class SiteWriter {
  readonly #sites: SiteLog;
  readonly #entry = new LogEntry();
  readonly #text = new TextRange();
  readonly #document = new KnownDocument();
  /** Whether what is written is for a client that knows that sites have ids. */
  knowsIds = true;
  /** Whether it knows that sites have reports of several sources and products, and published ids. */
  knowsSources = true;
  /** How many bytes the reason had that was written last. */
  reasonBytes = 0;
  /** The report to write of the next site, if that is not the one that it shows. */
  said: ReadStrand | undefined;
  readonly #shown = new ReadStrand();

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
    if (this.said !== undefined || table.isInvolved(site)) {
      const said = this.#read(site);
      const idAt = this.#putBits(bytes, at, site, said, 0);
      return this.#putValues(bytes, this.#putId(bytes, idAt, site), site, said);
    }
    return table.putState(bytes, at, site, this.knowsIds, this.knowsSources);
  }

  /** The report to write of a site. */
  #read(site: SitePlace): ReadStrand {
    if (this.said !== undefined) return this.said;
    const [said, { reports }] = [this.#shown, this.#sites];
    const shown = this.#sites.shownBy(site);
    reports.readRecord(shown, said);
    said.checkedAt = reports.checkedAt(shown);
    return said;
  }

  #putBits(bytes: Uint8Array, at: number, site: SitePlace, { availability, unit }: ReadStrand, more: number): number {
    const bits = this.#sites.table.bits(site) & ~stateBits.unit | unit << unitShift;
    bytes[at] = tagOf(availability) | bits | (this.knowsIds ? stateBits.id : 0) | more;
    return at + 1;
  }

  #putId(bytes: Uint8Array, at: number, site: SitePlace): number {
    return this.knowsIds ? putVarint(bytes, at, this.#sites.table.id(site)) : at;
  }

  #putValues(
    bytes: Uint8Array,
    at: number,
    site: SitePlace,
    { availability, observedAt, checkedAt }: ReadStrand,
  ): number {
    at = putVarint(bytes, at, this.#sites.table.zip(site));
    if (availability >= 0) at = putVarint(bytes, at, availability);
    at = putVarint(bytes, at, observedAt);
    return this.knowsSources ? putVarint(bytes, at, checkedAt) : at;
  }

  /**
   * Appends the state of a site. A reason of more than `reasonBytesMax` bytes is cut.
   *
   * @param nameBytesMax bytes to which the name is cut; absent: the state is without the name.
   */
  state(writer: ByteWriter, site: SitePlace, reasonBytesMax: number, nameBytesMax?: number): void {
    const { table } = this.#sites;
    if (nameBytesMax === undefined) {
      writer.advance(this.putBareState(writer.room(bareStateBytesMax), writer.length, site));
    } else {
      const said = this.#read(site);
      const bytes = writer.room(bareStateBytesMax);
      writer.advance(this.#putId(bytes, this.#putBits(bytes, writer.length, site, said, stateBits.name), site));
      this.name(writer, site, nameBytesMax);
      writer.advance(this.#putValues(writer.room(bareStateBytesMax), writer.length, site, said));
    }
    if (!table.isRetired(site)) return;
    const reason = this.#text;
    table.origins.own.read(table.retirement(site), reason);
    // No site is retired without a reason.
    this.reasonBytes = writeCut(writer, isErased(reason) ? redactedText : reason, reasonBytesMax);
  }

  /** Appends the name of a site; one of more than `bytesMax` bytes is cut. */
  name(writer: ByteWriter, site: SitePlace, bytesMax: number): void {
    const bytes = this.#sites.table.name(site);
    const name = this.#entry.name;
    name.set(bytes, 0, bytes.length);
    writeCut(writer, name, bytesMax);
  }

  /** Appends the report that a site shows. */
  report(writer: ByteWriter, site: SitePlace): void {
    const { index, origin, recordedAt, observedAt } = this.#read(site);
    writer.varint(index);
    if (index === 0) return;
    const entry = this.#entry;
    this.#sites.table.origins.read(origin, recordedAt, entry);
    const isRecordedThen = recordedAt === observedAt;
    writer.byte(entry.marked | (isRecordedThen ? 0 : reportMarks.recordedAt));
    if (!isRecordedThen) writer.varint(recordedAt);
    writeTexts(writer, entry);
  }

  /**
   * Appends everything that is known of a site but its history.
   *
   * @param nameBytesMax as in {@link state}.
   * @returns false: no block is left for its document, and what was appended is not whole.
   */
  full(writer: ByteWriter, site: SitePlace, nameBytesMax?: number): boolean {
    this.state(writer, site, noteBytesMax, nameBytesMax);
    this.report(writer, site);
    const { table, merges } = this.#sites;
    if (table.document(site) === noDocument) writer.byte(0);
    else if (!this.#currentDocument(writer, table.document(site))) return false;
    if (!this.knowsIds) return true;
    writer.blob(this.#sites.identifiers.of(site));
    const aliases = table.isJoined(site) ? merges.membersOf(site).filter((member) => member !== site) : [];
    writer.varint(aliases.length);
    for (const alias of aliases) this.#namedSite(writer, alias);
    if (this.knowsSources) this.locationId(writer, site);
    return true;
  }

  /** Appends the document of a record. Returns false if no block is left for it. */
  #currentDocument(writer: ByteWriter, record: DocumentRecord): boolean {
    const [{ documents, blocks, log }, known] = [this.#sites, this.#document];
    documents.records.read(record, known);
    if (known.number !== 0) return documents.write(writer, blocks, known.number, known.length);
    if (known.isShort) writer.blob(known.kept);
    else {
      log.read(log.placeOf(known.index), this.#entry);
      writer.blob(this.#entry.document.view());
    }
    return true;
  }

  /** Appends the id under which a site is published; nothing if there is none. */
  locationId(writer: ByteWriter, site: SitePlace): void {
    const { table } = this.#sites;
    const id = table.published(site);
    if (id === noOwnText) return writer.byte(0);
    table.origins.own.read(id, this.#text);
    writer.blob(this.#text.view());
  }

  /** Appends through which alias a site was found; `noSite`: by itself. */
  alias(writer: ByteWriter, site: SitePlace): void {
    if (site === noSite) writer.varint(0);
    else this.#namedSite(writer, site);
  }

  #namedSite(writer: ByteWriter, site: SitePlace): void {
    writer.varint(this.#sites.table.id(site));
    writer.blob(this.#sites.table.name(site));
  }

  /** Appends the least that lists say of a site. */
  brief(writer: ByteWriter, site: SitePlace): void {
    const { table } = this.#sites;
    writer.varint(table.zip(site));
    writeAvailability(writer, this.said?.availability ?? table.availability(this.#sites.shownBy(site)));
  }

  /**
   * Appends what one source says of a site.
   *
   * @param source the number of the source, or 0.
   * @param product the number of the product, or 0.
   * @param named whether the site is to be named.
   * @returns as of {@link full}.
   */
  source(
    writer: ByteWriter,
    site: SitePlace,
    said: ReadStrand,
    source: number,
    product: number,
    named: boolean,
  ): boolean {
    const { reports: { strands }, table: { origins } } = this.#sites;
    const entry = this.#entry;
    const { availability, unit, observedAt, checkedAt, changedAt, recordedAt, index } = said;
    const hasReport = index !== 0;
    if (hasReport) origins.read(said.origin, recordedAt, entry);
    writer.byte(
      tagOf(hasReport ? availability : unknown) | unit << unitShift | (source === 0 ? 0 : sourceBits.source) |
        (product === 0 ? 0 : sourceBits.product) | (checkedAt === 0 ? 0 : sourceBits.checkedAt) |
        (said.document === noDocument ? 0 : sourceBits.document),
    );
    const texts = hasReport ? entry.marked & (sourceMarks.who | sourceMarks.note) : 0;
    const isRecordedThen = !hasReport || recordedAt === observedAt;
    const by = hasReport && entry.by.length > 0;
    writer.byte(
      texts | (named ? sourceMarks.site : 0) | (isRecordedThen ? 0 : sourceMarks.recordedAt) |
        (by ? sourceMarks.by : 0),
    );
    if (named) this.#namedSite(writer, site);
    if (source !== 0) writer.blob(strands.sources.get(source).view());
    if (product !== 0) writer.blob(strands.products.get(product).view());
    if (hasReport && availability >= 0) writer.varint(availability);
    writer.varint(index);
    if (hasReport) {
      writer.varint(observedAt);
      if (checkedAt !== 0) writer.varint(checkedAt);
      writer.varint(changedAt);
      if (!isRecordedThen) writer.varint(recordedAt);
      if (entry.who.length > 0) writer.blob(entry.who.view());
      if (entry.note.length > 0) writer.blob(entry.note.view());
      if (by) writer.blob(entry.by.view());
    }
    return said.document === noDocument || this.#currentDocument(writer, said.document);
  }
}

/** Appends the texts of an entry that are there, except its product and `by`. */
export function writeTexts(writer: ByteWriter, { who, source, note }: EntryFields): void {
  if (who.length > 0) writer.blob(who.view());
  if (source.length > 0) writer.blob(source.view());
  if (note.length > 0) writer.blob(note.view());
}

/** Appends a text of at most `bytesMax` bytes. Returns how many it has. */
function writeCut(writer: ByteWriter, text: TextRange, bytesMax: number): number {
  if (text.length <= bytesMax) {
    writer.blob(text.view());
    return text.length;
  }
  let end = text.start + bytesMax - ellipsis.length;
  // Not in the middle of a character: its later bytes are marked.
  while ((text.bytes[end] & 0xc0) === 0x80) end--;
  const length = end - text.start + ellipsis.length;
  writer.varint(length);
  writer.raw(text.bytes.subarray(text.start, end));
  writer.raw(ellipsis);
  return length;
}
