/**
 * A record of a name, with all that is known of its site, as bytes in a snapshot.
 *
 * - the name: blob; then a byte of {@link nameMarks}, and what they mark: the owner of the name, where the name of the
 *   site is, and which site has a name like it, each a varint;
 * - if it is a site: its id, the segment of its last entry, the place of that in the log of this segment, and its ZIP
 *   code, each a varint; a byte of {@link siteMarks}, and what they mark, as {@link ImageWriter} writes it.
 *
 * @module
 */

import { type ByteReader, ByteWriter, DecodeError } from "../../bytes.ts";
import { identifiersBytesMax, locationIdMax, noteBytesMax } from "../../limits.ts";
import { isTime } from "../values.ts";
import { whyNotIdentifiers } from "../wire/identifiers.ts";
import { checkUnit, packAvailability, readAvailability, readZip, writeAvailability } from "../wire/packed.ts";
import { whyNotName } from "../wire/rules.ts";
import { TextRange } from "../wire/text_range.ts";
import { noDocument } from "./document_records.ts";
import { whyNotLocationId } from "./edits.ts";
import { logPlaces } from "./log_entry.ts";
import { noOrigin } from "./origins.ts";
import { noOwnText } from "./own_texts.ts";
import type { SiteLog } from "./site_log.ts";
import { type NamePlace, noSite, type SitePlace } from "./site_record.ts";
import { noStrand, ReadStrand } from "./strands.ts";

/** What a record says, beside its name. */
const nameMarks = { site: 1, owner: 2, called: 4, like: 8 } as const;

/** The parts of what is known of a site. */
const siteMarks = {
  /** It shows a report, and has no strands; or it has strands, and shows that nobody knows. */
  shown: 1,
  /** The report has an origin. */
  origin: 2,
  strands: 4,
  document: 8,
  retired: 16,
  published: 32,
  identifiers: 64,
  alias: 128,
} as const;

/** The same of a strand. */
const strandMarks = { report: 1, origin: 2, document: 4 } as const;

const unknown = packAvailability("unknown");

/** Writes records. */
export class ImageWriter {
  readonly #sites: SiteLog;
  readonly #writer = new ByteWriter(1024);
  readonly #said = new ReadStrand();

  /** @param sites the records of these. */
  constructor(sites: SiteLog) {
    this.#sites = sites;
  }

  /** The record at a place, as it is. */
  write(place: NamePlace): Uint8Array {
    const { table } = this.#sites;
    const writer = this.#writer;
    writer.clear();
    writer.blob(table.nameIn(place));
    const links = table.links(place);
    const { owner, called, like } = links ?? { owner: place, called: place, like: place };
    const isSite = table.isSite(place);
    writer.byte(
      (isSite ? nameMarks.site : 0) | (owner === place ? 0 : nameMarks.owner) |
        (called === place ? 0 : nameMarks.called) | (like === place ? 0 : nameMarks.like),
    );
    if (owner !== place) writer.varint(owner);
    if (called !== place) writer.varint(called);
    if (like !== place) writer.varint(like);
    if (isSite) this.#site(place);
    return writer.copy();
  }

  #site(site: SitePlace): void {
    const { table, merges, documents, identifiers } = this.#sites;
    const [writer, { own }] = [this.#writer, table.origins];
    const hasStrands = table.hasStrands(site);
    const isUnknown = hasStrands && table.shownIndex(site) === 0 && table.availability(site) === unknown;
    const isShown = hasStrands ? isUnknown : table.shownIndex(site) !== 0;
    const hasOrigin = !hasStrands && table.origin(site) !== noOrigin;
    const [document, published] = [table.document(site), table.published(site)];
    const into = merges.intoOf(site);
    writer.varint(table.id(site));
    writer.varint(table.lastSegment(site));
    writer.varint(table.head(site));
    writer.varint(table.zip(site));
    writer.byte(
      (isShown ? siteMarks.shown : 0) | (hasOrigin ? siteMarks.origin : 0) | (hasStrands ? siteMarks.strands : 0) |
        (document === noDocument ? 0 : siteMarks.document) | (table.isRetired(site) ? siteMarks.retired : 0) |
        (published === noOwnText ? 0 : siteMarks.published) |
        (table.identifiers(site) === 0 ? 0 : siteMarks.identifiers) | (into === undefined ? 0 : siteMarks.alias),
    );
    if (hasStrands) this.#strands(site);
    else this.#only(site, isShown);
    if (document !== noDocument) documents.records.write(writer, document);
    if (table.isRetired(site)) {
      writer.varint(own.index(table.retirement(site)));
      writer.blob(own.copy(table.retirement(site)));
    }
    if (published !== noOwnText) {
      writer.varint(own.index(published));
      writer.blob(own.copy(published));
    }
    if (table.identifiers(site) !== 0) writer.blob(identifiers.of(site));
    if (into !== undefined) writer.varint(into);
  }

  /** What a site without strands shows, and the number of its only source. */
  #only(site: SitePlace, isShown: boolean): void {
    const { table } = this.#sites;
    const writer = this.#writer;
    writer.varint(table.onlySource(site));
    if (!isShown) return;
    const observedAt = table.observedAt(site);
    writer.varint(table.shownIndex(site));
    writer.byte(table.unit(site));
    writeAvailability(writer, table.availability(site));
    writer.varint(observedAt);
    writer.varint(observedAt - table.changedAt(site));
    if (table.origin(site) !== noOrigin) table.origins.write(writer, table.origin(site));
  }

  /** The newest observation of a site with strands, how many it has, and each of these. */
  #strands(site: SitePlace): void {
    const { table, reports: { strands }, documents } = this.#sites;
    const [writer, said] = [this.#writer, this.#said];
    const head = table.strands(site);
    writer.varint(strands.reach(head));
    writer.varint(strands.size(head));
    for (let strand = strands.first(head); strand !== noStrand; strand = strands.next(strand)) {
      strands.read(strand, said);
      writer.varint(strands.source(strand));
      writer.varint(strands.product(strand));
      writer.byte(
        (said.index === 0 ? 0 : strandMarks.report) | (said.origin === noOrigin ? 0 : strandMarks.origin) |
          (said.document === noDocument ? 0 : strandMarks.document),
      );
      if (said.index !== 0) {
        writer.varint(said.index);
        writer.byte(said.unit);
        writeAvailability(writer, said.availability);
        writer.varint(said.observedAt);
        writer.varint(said.checkedAt);
        writer.varint(said.changedAt);
        if (said.origin !== noOrigin) table.origins.write(writer, said.origin);
      }
      if (said.document !== noDocument) documents.records.write(writer, said.document);
    }
  }
}

/** Reads records, in their order. */
export class ImageReader {
  readonly #sites: SiteLog;
  readonly #shared: number;
  readonly #last: number;
  readonly #firstOpen: number;
  readonly #name = new TextRange();
  readonly #text = new TextRange();
  readonly #said = new ReadStrand();
  #lastId = 0;
  /** The aliases that were read, and what they lead to. */
  readonly aliases: (readonly [site: SitePlace, into: SitePlace])[] = [];

  /**
   * Begins with sites that have no records, but all texts of sources and products, and all documents.
   *
   * @param shared how many texts there are that entries share.
   * @param last the index of the last entry.
   * @param firstOpen the first segment of the log that is not sealed.
   */
  constructor(sites: SiteLog, shared: number, last: number, firstOpen: number) {
    this.#sites = sites;
    this.#shared = shared;
    this.#last = last;
    this.#firstOpen = firstOpen;
  }

  /**
   * Reads the next record, which ends with the bytes.
   *
   * @returns whether it is that of a site.
   * @throws {DecodeError} if it cannot be.
   */
  read(reader: ByteReader): boolean {
    const { table } = this.#sites;
    const name = reader.view(reader.varint());
    this.#name.set(name, 0, name.length);
    refuse(whyNotName(this.#name));
    const marks = reader.byte();
    const isSite = (marks & nameMarks.site) !== 0;
    const place = table.next;
    if (!table.hasRoom(name.length)) throw new DecodeError("there are too many sites");
    const said = (mark: number) => (marks & mark) === 0 ? place : placeOf(reader);
    const links = { owner: said(nameMarks.owner), called: said(nameMarks.called), like: said(nameMarks.like) };
    const isNew = isSite ? this.#site(reader, place) : table.putBack(this.#name);
    if (!isNew && (!isSite || links.called === place)) throw new DecodeError("a name is there twice");
    if ((marks & ~nameMarks.site) !== 0) table.setLinks(place, links);
    reader.end();
    return isSite;
  }

  /** Returns whether its name is at its place. */
  #site(reader: ByteReader, site: SitePlace): boolean {
    const { table, documents, identifiers, published } = this.#sites;
    const id = this.#index(reader);
    if (id <= this.#lastId) throw new DecodeError(`site ${id} comes after site ${this.#lastId}`);
    this.#lastId = id;
    const [segment, head] = [reader.varint(), reader.varint()];
    if (segment < 1 || head < 1 || head >= logPlaces) throw new DecodeError(`site ${id} has no entries`);
    const isNew = table.putBackSite(this.#name, id, readZip(reader));
    // The log in memory says it of all others.
    if (segment < this.#firstOpen) table.beginChain(site, segment, head);
    const marks = reader.byte();
    if ((marks & siteMarks.strands) !== 0) this.#strands(reader, site, (marks & siteMarks.shown) !== 0);
    else this.#only(reader, site, marks);
    if ((marks & siteMarks.document) !== 0) {
      table.setDocument(site, documents.records.putBack(reader, documents, this.#last));
    }
    const { own } = table.origins;
    if ((marks & siteMarks.retired) !== 0) {
      const index = this.#index(reader);
      const reason = own.putBack(reader.blob(), index, noteBytesMax);
      if (reason === noOwnText) throw new DecodeError("a site is retired without a reason");
      table.putBackRetired(site, reason);
    }
    if ((marks & siteMarks.published) !== 0) {
      const index = this.#index(reader);
      const text = this.#read(reader, locationIdMax);
      refuse(whyNotLocationId(text));
      if (published.find(text) !== noSite) throw new DecodeError("two sites are published under one id");
      published.add(site, text, index);
    }
    if ((marks & siteMarks.identifiers) !== 0) {
      const text = this.#read(reader, identifiersBytesMax);
      refuse(text.length === 0 ? "identifiers are none" : whyNotIdentifiers(text, false));
      if (!identifiers.hasRoom || !own.isAmple) throw new DecodeError("there are too many identifiers");
      identifiers.change(site, text.view(), 0);
    }
    if ((marks & siteMarks.alias) !== 0) this.aliases.push([site, placeOf(reader)]);
    return isNew;
  }

  #only(reader: ByteReader, site: SitePlace, marks: number): void {
    const { table, reports: { strands } } = this.#sites;
    const said = this.#said;
    const source = reader.varint();
    if (source > strands.sources.size) throw new DecodeError(`there is no source ${source}`);
    table.setOnlySource(site, source);
    const isShown = (marks & siteMarks.shown) !== 0;
    if (!isShown && (marks & siteMarks.origin) !== 0) throw new DecodeError("nothing has an origin");
    if (!isShown) return;
    const index = this.#index(reader);
    said.clear();
    this.#value(reader, said);
    const before = reader.varint();
    if (before > said.observedAt) throw new DecodeError(`a report has been so for ${before} ms`);
    said.changedAt = said.observedAt - before;
    if ((marks & siteMarks.origin) !== 0) said.origin = table.origins.putBack(reader, index, this.#shared);
    table.putBackShown(site, index, said);
  }

  #value(reader: ByteReader, said: ReadStrand): void {
    said.unit = reader.byte();
    checkUnit(said.unit);
    said.availability = readAvailability(reader);
    said.observedAt = this.#time(reader);
  }

  #strands(reader: ByteReader, site: SitePlace, isUnknown: boolean): void {
    const { table, reports, documents } = this.#sites;
    const said = this.#said;
    const head = reports.putBackHead(site, this.#time(reader));
    for (let left = reader.varint(); left > 0; left--) {
      const [source, product] = [reader.varint(), reader.varint()];
      const marks = reader.byte();
      said.clear();
      if ((marks & strandMarks.report) !== 0) {
        said.index = this.#index(reader);
        this.#value(reader, said);
        said.checkedAt = this.#time(reader);
        said.changedAt = this.#time(reader);
        if ((marks & strandMarks.origin) !== 0) said.origin = table.origins.putBack(reader, said.index, this.#shared);
      }
      if ((marks & strandMarks.document) !== 0) {
        said.document = documents.records.putBack(reader, documents, this.#last);
      }
      reports.putBackStrand(head, source, product, said);
    }
    reports.putBackShown(site, isUnknown);
  }

  #read(reader: ByteReader, bytesMax: number): TextRange {
    const bytes = reader.blob();
    if (bytes.length > bytesMax) throw new DecodeError(`a text has ${bytes.length} bytes, and ${bytesMax} is the most`);
    this.#text.set(bytes, 0, bytes.length);
    return this.#text;
  }

  /** The index of an entry. */
  #index(reader: ByteReader): number {
    const index = reader.varint();
    if (index < 1 || index > this.#last) throw new DecodeError(`there is no entry ${index}`);
    return index;
  }

  #time(reader: ByteReader): number {
    const time = reader.varint();
    if (!isTime(time)) throw new DecodeError(`${time} is not a time`);
    return time;
  }
}

/** The place of a record: whether there is one there shows when all were read. */
function placeOf(reader: ByteReader): number {
  const place = reader.varint();
  if (place >= 2 ** 31) throw new DecodeError(`there is no record at ${place}`);
  return place;
}

function refuse(why: string | undefined): void {
  if (why !== undefined) throw new DecodeError(`a site cannot be: ${why}`);
}
