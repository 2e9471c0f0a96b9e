/**
 * Entries become a block: columns of what they have (`columns.ts`).
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { tagOf } from "../wire/packed.ts";
import type { TextRange } from "../wire/text_range.ts";
import type { Anchors } from "./anchors.ts";
import {
  beforeStates,
  type EntryColumn,
  entryColumns,
  entryMarks,
  folded,
  Residuals,
  writeColumns,
} from "./columns.ts";
import { inlineText, type SegmentEntry } from "./segment_entry.ts";

/** Entries of a block, at most: it is packed, and unpacked, in about half a millisecond. */
export const blockEntriesMax = 1024;

/** Bytes of texts after which a block ends: so one with long notes does not take longer. */
export const blockTextBytes: number = 64 * 1024;

/** Bytes for which there is room at first, for each entry: most blocks have fewer. */
const entryBytes = 64;

/** Says that a run is the first one of its site, or that the run before ends the block before. */
export const links = { none: 0, blockBefore: 1 } as const;

/** The numbers of texts before the first entry of a block. */
const noNumbers = { who: inlineText, source: inlineText, product: inlineText, by: inlineText };

/** Gathers the entries of a block. */
export class BlockWriter {
  readonly #first: number;
  readonly #anchors: Anchors;
  readonly #columns = entryColumns.map(() => new ByteWriter());
  readonly #named = Object.fromEntries(entryColumns.map((name, at) => [name, this.#columns[at]])) as Record<
    EntryColumn,
    ByteWriter
  >;
  readonly #block: ByteWriter;
  readonly #reaches: Residuals;
  readonly #firsts: Residuals;
  readonly #steps: Residuals;
  readonly #observed: Residuals;
  readonly #values: Residuals;
  // What the entries of the block say that later ones are told from.
  readonly #offsets: Float64Array;
  readonly #times: Float64Array;
  #count = 0;
  #site = 0;
  #start = 0;
  #priorStart = 0;
  #priorCount = 0;
  #reach = 0;
  #timeInRun = -1;
  #firstTime = -1;
  #priorFirstTime = -1;
  #value = 0;
  #document = 0;
  #lastNumbers = { ...noNumbers };

  /**
   * Blocks of a segment.
   *
   * @param first the index of its first entry.
   * @param anchors about when its entries were recorded.
   * @param count how many it has.
   */
  constructor(first: number, anchors: Anchors, count: number) {
    this.#first = first;
    this.#anchors = anchors;
    // A short segment needs little memory.
    const most = Math.min(count, blockEntriesMax);
    this.#block = new ByteWriter(entryBytes * most);
    this.#reaches = new Residuals(2, most);
    this.#firsts = new Residuals(1, most);
    this.#steps = new Residuals(2, most, true);
    this.#observed = new Residuals(3, most);
    this.#values = new Residuals(2, most, true);
    this.#offsets = new Float64Array(most);
    this.#times = new Float64Array(most);
    this.#clear();
  }

  /** How many entries the block has. */
  get count(): number {
    return this.#count;
  }

  /** Whether it has as many as a block can have. */
  get isFull(): boolean {
    return this.#count === blockEntriesMax || this.#named.text.length >= blockTextBytes;
  }

  #clear(): void {
    this.#count =
      this.#site =
      this.#start =
      this.#priorStart =
      this.#priorCount =
        0;
    this.#value = this.#document = 0;
    this.#reach =
      this.#timeInRun =
      this.#firstTime =
      this.#priorFirstTime =
        -1;
    this.#lastNumbers = { ...noNumbers };
  }

  /**
   * Adds an entry, which comes after those before by its site, and then by its index.
   *
   * @param link where the entries of its site before it are, if it begins a run (`columns.ts`).
   */
  add(entry: SegmentEntry, link: number): void {
    const { site } = entry;
    const offset = entry.index - this.#first;
    const at = this.#count;
    this.#offsets[at] = offset;
    this.#times[at] = -1;
    if (at === 0 || site !== this.#site) this.#begin(entry, offset, link);
    else this.#step(at, offset);
    const named = this.#named;
    named.recordedAt.varint(folded(entry.recordedAt - this.#anchors.at(offset)));
    this.#say(entry, at);
    this.#count++;
  }

  /** Begins a run. */
  #begin({ kind, site, reach, observedAt, recordedAt }: SegmentEntry, offset: number, link: number): void {
    const named = this.#named;
    const at = this.#count;
    if (at > 0) named.count.varint(at - this.#start - 1);
    named.site.varint(site - this.#site);
    this.#site = site;
    const isRaised = kind === entryKinds.report && observedAt === reach;
    const state = reach === 0 ? beforeStates.zero : isRaised ? beforeStates.raised : beforeStates.stored;
    named.before.varint((link << beforeStates.bits) + state);
    if (state === beforeStates.stored) {
      const expected = isObserved(kind) ? observedAt : recordedAt;
      this.#reaches.add(expected - reach, (this.#reach < 0 ? recordedAt : this.#reach) - reach);
      this.#reach = reach;
    }
    const isFirst = at === 0;
    this.#firsts.add(offset - (isFirst ? 0 : this.#offsets[this.#start]), 0);
    this.#priorStart = this.#start;
    this.#priorCount = at - this.#start;
    this.#start = at;
    if (this.#firstTime >= 0) this.#priorFirstTime = this.#firstTime;
    this.#timeInRun = this.#firstTime = -1;
  }

  /** Continues a run. */
  #step(at: number, offset: number): void {
    const offsets = this.#offsets;
    const step = offset - offsets[at - 1] - 1;
    const position = at - this.#start;
    const prior = this.#priorStart + position;
    const expected = position < this.#priorCount ? offsets[prior] - offsets[prior - 1] - 1 : 0;
    this.#steps.add(step, step - expected);
  }

  /** Says what an entry has beside its index, its site and when it was recorded. */
  #say(entry: SegmentEntry, at: number): void {
    const { kind, marked, more } = entry;
    const named = this.#named;
    const isReport = kind === entryKinds.report;
    const isDocument = kind === entryKinds.documented;
    const isMade = isDocument && entry.isExplicit && entry.observedAt > 0;
    const isTold = isReport && (entry.isExplicit || entry.observedAt !== entry.recordedAt);
    named.kind.byte(isReport ? kind | tagOf(entry.availability) << 4 | entry.unit << 6 : kind);
    named.marks.byte(
      ((marked & textMarks.who) === 0 ? 0 : entryMarks.who) |
        ((marked & textMarks.source) === 0 ? 0 : entryMarks.source) |
        ((marked & textMarks.note) === 0 ? 0 : entryMarks.note) |
        ((more & moreMarks.product) === 0 ? 0 : entryMarks.product) |
        ((more & moreMarks.by) === 0 ? 0 : entryMarks.by) |
        (isTold ? entryMarks.told : 0) | (isDocument && (more & moreMarks.extra) !== 0 ? entryMarks.extra : 0) |
        (isReport && entry.outOfDate ? entryMarks.outOfDate : 0) |
        (isMade || (isReport && entry.isExplicit) ? entryMarks.explicit : 0),
    );
    if (isTold || isMade || kind === entryKinds.confirmed) this.#sayTime(entry, at);
    if (isReport && entry.availability >= 0) {
      this.#values.add(entry.availability, entry.availability - this.#value);
      this.#value = entry.availability;
    }
    if (kind !== entryKinds.report && kind !== entryKinds.confirmed) this.#sayOwn(entry);
    if ((marked | more) !== 0) this.#sayTexts(entry);
  }

  #sayTime({ observedAt, recordedAt }: SegmentEntry, at: number): void {
    const position = at - this.#start;
    const prior = position < this.#priorCount ? this.#times[this.#priorStart + position] : -1;
    const before = this.#timeInRun >= 0 ? this.#timeInRun : this.#priorFirstTime;
    const expected = before >= 0 ? before : recordedAt;
    this.#observed.add(observedAt - recordedAt, observedAt - expected, observedAt - (prior >= 0 ? prior : expected));
    this.#times[at] = this.#timeInRun = observedAt;
    if (this.#firstTime < 0) this.#firstTime = observedAt;
  }

  /** Says what only its kind has. */
  #sayOwn(entry: SegmentEntry): void {
    const { kind, edits } = entry;
    const named = this.#named;
    if (kind === entryKinds.added) {
      named.zip.varint(entry.zip);
      this.#sayText(entry.name);
    } else if (kind === entryKinds.edited) {
      named.edits.byte(edits);
      if ((edits & editMarks.zip) !== 0) named.zip.varint(entry.zip);
      if ((edits & editMarks.name) !== 0) this.#sayText(entry.newName);
      if ((edits & editMarks.identifiers) !== 0) this.#sayText(entry.identifiers);
    } else if (kind === entryKinds.documented) {
      const { documentNumber } = entry;
      named.document.varint(documentNumber === 0 ? 0 : 1 + folded(documentNumber - this.#document));
      if (documentNumber === 0) return this.#sayText(entry.document);
      this.#document = documentNumber;
      named.length.varint(entry.documentLength);
    } else if (kind === entryKinds.merged || kind === entryKinds.unmerged) {
      named.into.varint(entry.into);
    } else if (kind === entryKinds.published) {
      this.#sayText(entry.locationId);
    } else if (kind === entryKinds.retracted || kind === entryKinds.redacted) {
      named.of.varint(entry.of);
      named.shows.varint(entry.shows);
    }
  }

  #sayTexts(entry: SegmentEntry): void {
    const { marked, more } = entry;
    if ((marked & textMarks.who) !== 0) this.#sayShared("who", entry.whoNumber, entry.who);
    if ((marked & textMarks.source) !== 0) this.#sayShared("source", entry.sourceNumber, entry.source);
    if ((marked & textMarks.note) !== 0) this.#sayText(entry.note);
    if ((more & moreMarks.product) !== 0) this.#sayShared("product", entry.productNumber, entry.product);
    if ((more & moreMarks.by) !== 0) this.#sayShared("by", entry.byNumber, entry.by);
  }

  #sayShared(column: "who" | "source" | "product" | "by", number: number, text: TextRange): void {
    const last = this.#lastNumbers;
    if (number === inlineText) {
      this.#named[column].byte(1);
      return this.#sayText(text);
    }
    this.#named[column].varint(number === last[column] ? 0 : number + 1);
    last[column] = number;
  }

  #sayText(text: TextRange): void {
    const { length, text: texts } = this.#named;
    length.varint(text.length);
    const at = texts.length;
    text.putInto(texts.room(text.length), at);
    texts.advance(at + text.length);
  }

  /** Ends the block. Returns its bytes: a view, which the next block overwrites; and where its pieces begin. */
  end(): { readonly bytes: Uint8Array; readonly borders: readonly number[] } {
    const named = this.#named;
    named.count.varint(this.#count - this.#start - 1);
    this.#reaches.write(named.reach);
    this.#firsts.write(named.first);
    this.#steps.write(named.step, named.low);
    this.#observed.write(named.observedAt);
    this.#values.write(named.value);
    const borders = writeColumns(this.#columns, this.#block);
    this.#clear();
    return { bytes: this.#block.view(), borders };
  }
}

/** Whether entries of a kind always say when something was so. */
export function isObserved(kind: number): boolean {
  return kind === entryKinds.report || kind === entryKinds.confirmed;
}
