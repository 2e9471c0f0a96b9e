/**
 * What each source says of a site, for sites with several sources or products, or with confirmations.
 *
 * A site whose reports and documents all come from one source, about no product, and were never confirmed, has nothing
 * here: its record in the table says all. Any other site has a head here, and a strand for each pair of a source and a
 * product: records of 64 bytes in one growing array, linked in the order in which they came. So a million sites with
 * strands cause no work for the garbage collector.
 *
 * @module
 */

import { siteBytesMax, strandsPerSiteMax } from "../../limits.ts";
import type { PackedAvailability, PackedUnit } from "../wire/packed.ts";
import { type DocumentRecord, noDocument } from "./document_records.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { mixed } from "./hash.ts";
import type { LogEntry } from "./log_entry.ts";
import { noOrigin, type OriginNumber, Origins } from "./origins.ts";
import { SharedTexts } from "./shared_texts.ts";
import { Slots } from "./slots.ts";
import {
  asOfAt,
  availabilityAt,
  changedAtAt,
  checkedAtAt,
  decidingAt,
  documentAt,
  firstAt,
  headAt,
  indexAt,
  lastAt,
  namedAt,
  nextAt,
  observedAtAt,
  originAt,
  productAt,
  reachAt,
  recordBytes,
  sizeAt,
  sourceAt,
  unitAt,
} from "./strand_record.ts";

/** The number of a strand, or of the head of a site. */
export type StrandNumber = number;

/** Says that there is no such strand. */
export const noStrand: StrandNumber = 0;

/** Strands of a site among which one is found by a walk; where there are more, all of them are in an index. */
const walkedMax = 8;

/** A report of a site: that of one strand, or what those of several make together. */
export class ReadStrand {
  /** The availability. */
  availability: PackedAvailability = 0;
  /** What a count counts. */
  unit: PackedUnit = 0;
  /** When that was true; 0: there is no report. */
  observedAt = 0;
  /** When it was still so; 0: nobody has confirmed it. */
  checkedAt = 0;
  /** Since when it has been so. */
  changedAt = 0;
  /** The index of its report; 0: there is none. */
  index = 0;
  /** The origin of its report, or {@link noOrigin}. */
  origin: OriginNumber = noOrigin;
  /** When its report was recorded. */
  recordedAt = 0;
  /** The strand that says its report; {@link noStrand}: the site has none. */
  strand: StrandNumber = noStrand;
  /** The record of the last document of its source, or {@link noDocument}. */
  document: DocumentRecord = noDocument;

  /** As of when it is known. */
  get asOf(): number {
    return Math.max(this.observedAt, this.checkedAt);
  }

  /** Makes it say nothing. */
  clear(): void {
    this.availability =
      this.unit =
      this.observedAt =
      this.checkedAt =
      this.changedAt =
      this.recordedAt =
      this.index =
        0;
    this.origin = noOrigin;
    this.strand = noStrand;
    this.document = noDocument;
  }
}

/** The strands of all sites. */
export class Strands {
  readonly #records = new GrowingBytes(64 * recordBytes, siteBytesMax);
  // The same memory in two ways, which is another one after each new head or strand. Only this class writes into it.
  /** The records, in floats. */
  floats: Float64Array = new Float64Array(this.#records.buffer);
  /** The records, in integers. */
  integers: Int32Array = new Int32Array(this.#records.buffer);
  #end = 1;
  /** The strands of sites that have many. */
  readonly #index = new Slots((a, b) => this.#compareKeys(a, b));
  /** The sources by their numbers. */
  readonly sources: SharedTexts = new SharedTexts();
  /** The products by their numbers. */
  readonly products: SharedTexts = new SharedTexts();
  readonly #origins: Origins;

  /** Without strands. @param origins keeps where the reports come from that they say. */
  constructor(origins: Origins = new Origins()) {
    this.#origins = origins;
  }

  /** Whether there is room for that many heads and strands. */
  hasRoom(count: number): boolean {
    return recordBytes * (this.#end + count) <= siteBytesMax;
  }

  #add(): number {
    const number = this.#end++;
    if (recordBytes * this.#end > this.#records.buffer.byteLength) {
      this.#records.grow(recordBytes * this.#end);
      this.floats = new Float64Array(this.#records.buffer);
      this.integers = new Int32Array(this.#records.buffer);
    }
    return number;
  }

  /** A head, for which there must be room, of a site whose newest observation is `reach`. */
  addHead(reach: number): StrandNumber {
    const head = this.#add();
    this.floats[recordBytes / 8 * head + reachAt] = reach;
    return head;
  }

  /** The newest observation that was ever reported of a site. */
  reach(head: StrandNumber): number {
    return this.floats[recordBytes / 8 * head + reachAt];
  }

  /** Somebody has reported an observation of that time. */
  raiseReach(head: StrandNumber, observedAt: number): void {
    if (observedAt > this.reach(head)) this.floats[recordBytes / 8 * head + reachAt] = observedAt;
  }

  /** As of when it is known what the site shows. */
  asOf(head: StrandNumber): number {
    return this.floats[recordBytes / 8 * head + asOfAt];
  }

  /** When what the site shows was confirmed, or 0. */
  checkedAt(head: StrandNumber): number {
    return this.floats[recordBytes / 8 * head + checkedAtAt];
  }

  /** Notes what the site shows. */
  setShown(head: StrandNumber, { asOf, checkedAt, strand }: ReadStrand): void {
    this.floats[recordBytes / 8 * head + asOfAt] = asOf;
    this.floats[recordBytes / 8 * head + checkedAtAt] = checkedAt;
    this.integers[recordBytes / 4 * head + namedAt] = strand;
  }

  /** The strand whose report the site names; {@link noStrand} if nothing was reported. */
  named(head: StrandNumber): StrandNumber {
    return this.integers[recordBytes / 4 * head + namedAt];
  }

  /** Whether a site can have no other strand, except the one of reports without a source. */
  isFull(head: StrandNumber): boolean {
    return this.integers[recordBytes / 4 * head + sizeAt] >= strandsPerSiteMax - 1 || !this.hasRoom(1);
  }

  /** How many strands a site has. */
  size(head: StrandNumber): number {
    return this.integers[recordBytes / 4 * head + sizeAt];
  }

  /** Adds a strand, for which there must be room. */
  add(head: StrandNumber, source: number, product: number): StrandNumber {
    const strand = this.#add();
    const [own, first] = [recordBytes / 4 * strand, recordBytes / 4 * head];
    this.integers[own + sourceAt] = source;
    this.integers[own + productAt] = product;
    this.integers[own + headAt] = head;
    const last = this.integers[first + lastAt];
    this.integers[last === noStrand ? first + firstAt : recordBytes / 4 * last + nextAt] = strand;
    this.integers[first + lastAt] = strand;
    const size = ++this.integers[first + sizeAt];
    if (size > walkedMax + 1) this.#enter(strand);
    else if (size > walkedMax) {
      for (let each = this.first(head); each !== noStrand; each = this.next(each)) this.#enter(each);
    }
    return strand;
  }

  #enter(strand: StrandNumber): void {
    const own = recordBytes / 4 * strand;
    const [head, source] = [this.integers[own + headAt], this.integers[own + sourceAt]];
    this.#index.put(strand, hashOfKey(head, source, this.integers[own + productAt]));
  }

  #compareKeys(a: StrandNumber, b: StrandNumber): number {
    const own = recordBytes / 4 * b;
    return this.#compareTo(a, this.integers[own + headAt], this.source(b), this.product(b));
  }

  #compareTo(strand: StrandNumber, head: StrandNumber, source: number, product: number): number {
    const own = recordBytes / 4 * strand;
    return this.integers[own + headAt] - head || this.source(strand) - source || this.product(strand) - product;
  }

  /** The first strand of a site. */
  first(head: StrandNumber): StrandNumber {
    return this.integers[recordBytes / 4 * head + firstAt];
  }

  /** The strand after this one, or {@link noStrand}. */
  next(strand: StrandNumber): StrandNumber {
    return this.integers[recordBytes / 4 * strand + nextAt];
  }

  /** The strand of a source and a product, or {@link noStrand}. */
  find(head: StrandNumber, source: number, product: number): StrandNumber {
    if (this.size(head) > walkedMax) {
      const hash = hashOfKey(head, source, product);
      return this.#index.find(hash, (strand) => this.#compareTo(strand, head, source, product));
    }
    for (let strand = this.first(head); strand !== noStrand; strand = this.next(strand)) {
      const own = recordBytes / 4 * strand;
      if (this.integers[own + sourceAt] === source && this.integers[own + productAt] === product) return strand;
    }
    return noStrand;
  }

  /** The number of a strand's source, or 0. */
  source(strand: StrandNumber): number {
    return this.integers[recordBytes / 4 * strand + sourceAt];
  }

  /** The number of a strand's product, or 0. */
  product(strand: StrandNumber): number {
    return this.integers[recordBytes / 4 * strand + productAt];
  }

  /** As of when it is known what a strand says; 0 if it has no report. */
  strandAsOf(strand: StrandNumber): number {
    const own = recordBytes / 8 * strand;
    return Math.max(this.floats[own + observedAtAt], this.floats[own + checkedAtAt]);
  }

  /** The origin of a strand's report, or {@link noOrigin}. */
  origin(strand: StrandNumber): OriginNumber {
    return this.integers[recordBytes / 4 * strand + originAt];
  }

  /** The index of a strand's report; 0: it has none. */
  index(strand: StrandNumber): number {
    return this.integers[recordBytes / 4 * strand + indexAt];
  }

  /** The record of a strand's document, or {@link noDocument}. */
  document(strand: StrandNumber): DocumentRecord {
    return this.integers[recordBytes / 4 * strand + documentAt];
  }

  /** Gives a strand a document. */
  setDocument(strand: StrandNumber, record: DocumentRecord): void {
    this.integers[recordBytes / 4 * strand + documentAt] = record;
  }

  /** Reads what a strand says. */
  read(strand: StrandNumber, said: ReadStrand): void {
    const [floats, integers] = [recordBytes / 8 * strand, recordBytes / 4 * strand];
    said.availability = this.floats[floats + availabilityAt];
    said.observedAt = this.floats[floats + observedAtAt];
    said.checkedAt = this.floats[floats + checkedAtAt];
    said.changedAt = this.floats[floats + changedAtAt];
    said.unit = this.integers[integers + unitAt];
    said.index = this.integers[integers + indexAt];
    said.document = this.integers[integers + documentAt];
    this.readOrigin(strand, said);
  }

  /** Reads where the report comes from that a strand says. */
  readOrigin(strand: StrandNumber, said: ReadStrand): void {
    said.strand = strand;
    said.origin = this.origin(strand);
    said.recordedAt = this.#origins.recordedAt(said.origin, this.floats[recordBytes / 8 * strand + observedAtAt]);
  }

  /** Makes a strand say that; the origin that it had is taken care of. */
  write(strand: StrandNumber, said: ReadStrand): void {
    this.put(strand, said);
    this.decide(this.integers[recordBytes / 4 * strand + headAt]);
  }

  /** The same, until {@link decide} is called. */
  put(strand: StrandNumber, said: ReadStrand): void {
    const [floats, integers] = [recordBytes / 8 * strand, recordBytes / 4 * strand];
    this.floats[floats + availabilityAt] = said.availability;
    this.floats[floats + observedAtAt] = said.observedAt;
    this.floats[floats + checkedAtAt] = said.checkedAt;
    this.floats[floats + changedAtAt] = said.changedAt;
    this.integers[integers + unitAt] = said.unit;
    this.integers[integers + originAt] = said.origin;
    this.integers[integers + indexAt] = said.index;
    this.integers[integers + documentAt] = said.document;
  }

  /** Makes a report what a strand says. It is not older than what the strand says. */
  report(strand: StrandNumber, report: LogEntry): void {
    const { availability, unit, observedAt, index } = report;
    const [floats, integers] = [recordBytes / 8 * strand, recordBytes / 4 * strand];
    const isSame = this.integers[integers + indexAt] !== 0 && this.integers[integers + unitAt] === unit &&
      this.floats[floats + availabilityAt] === availability;
    if (!isSame) this.floats[floats + changedAtAt] = observedAt;
    this.floats[floats + availabilityAt] = availability;
    this.floats[floats + observedAtAt] = observedAt;
    this.floats[floats + checkedAtAt] = 0;
    this.integers[integers + unitAt] = unit;
    this.integers[integers + originAt] = this.#origins.put(this.origin(strand), report);
    this.integers[integers + indexAt] = index;
    this.#decideWith(strand);
  }

  /** What a strand says was still so then, which is later than it was known. */
  confirm(strand: StrandNumber, checkedAt: number): void {
    this.floats[recordBytes / 8 * strand + checkedAtAt] = checkedAt;
    this.#decideWith(strand);
  }

  /**
   * The strand that decides what its site shows: it is known as of the latest time, and of several its report came
   * last. {@link noStrand} if nothing was reported.
   */
  deciding(head: StrandNumber): StrandNumber {
    return this.integers[recordBytes / 4 * head + decidingAt];
  }

  /** Whether what one strand says is newer than what another one says. */
  isNewer(strand: StrandNumber, other: StrandNumber): boolean {
    return (this.strandAsOf(strand) - this.strandAsOf(other) || this.index(strand) - this.index(other)) > 0;
  }

  /** A strand says something newer than before: it decides, or the one that has decided until now. */
  #decideWith(strand: StrandNumber): void {
    const head = this.integers[recordBytes / 4 * strand + headAt];
    const before = this.deciding(head);
    if (before === noStrand || this.isNewer(strand, before)) {
      this.integers[recordBytes / 4 * head + decidingAt] = strand;
    }
  }

  /** A strand of a site says something else, which may be older than before. */
  decide(head: StrandNumber): void {
    let newest = noStrand;
    for (let strand = this.first(head); strand !== noStrand; strand = this.next(strand)) {
      if (this.index(strand) === 0) continue;
      if (newest === noStrand || this.isNewer(strand, newest)) newest = strand;
    }
    this.integers[recordBytes / 4 * head + decidingAt] = newest;
  }
}

function hashOfKey(head: StrandNumber, source: number, product: number): number {
  return mixed(mixed(mixed(head, 0), source), product);
}
