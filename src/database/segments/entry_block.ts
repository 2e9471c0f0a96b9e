/**
 * A block of entries that was read: any of its entries is at hand.
 *
 * The numbers of all entries are in arrays, and texts stay where they are in the block. So a block takes about 60 bytes
 * an entry, and no object for each.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";
import { timeMsMax } from "../../limits.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { checkUnit, countTag, isPackedZip } from "../wire/packed.ts";
import type { TextRange } from "../wire/text_range.ts";
import type { Anchors } from "./anchors.ts";
import { type BlockPlace, BlockRuns } from "./block_runs.ts";
import { readOffsets, readReaches, readTimes } from "./block_times.ts";
import { checked, type EntryColumn, entryMarks, numberMax, readColumns, ReadResiduals, unfolded } from "./columns.ts";
import { inlineText, type SegmentEntry } from "./segment_entry.ts";

const nothing = new Uint32Array(0);
const noNumbers = new Float64Array(0);

/** A block of entries. */
export class EntryBlock {
  /** How many entries it has. */
  readonly count: number;
  readonly #first: number;
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #recordedAt: Float64Array;
  readonly #observedAt: Float64Array;
  readonly #reach: Float64Array;
  readonly #availability: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #marks: Uint8Array;
  readonly #runs: BlockRuns;
  readonly #who: Uint32Array;
  readonly #source: Uint32Array;
  readonly #product: Uint32Array;
  readonly #by: Uint32Array;
  /** What only some kinds have, the first and the second number. */
  readonly #own: Float64Array;
  readonly #ownMore: Float64Array;
  /** Where the lengths of an entry's texts and these texts are in the block. */
  #lengthAt = nothing;
  #textAt = nothing;
  readonly #lengths: ByteReader;

  /**
   * Reads a block.
   *
   * @param bytes unpacked; they may not change.
   * @param columns the names of its columns.
   * @throws {DecodeError} if they are not a block of the segment.
   */
  constructor(bytes: Uint8Array, columns: readonly string[], place: BlockPlace, anchors: Anchors) {
    const { count, first } = place;
    this.count = count;
    this.#first = first;
    this.#bytes = bytes;
    const named = readColumns(bytes, columns);
    // Before anything is made for them: each entry has a byte at least.
    if (named.kind.remaining !== count || named.marks.remaining !== count) {
      throw new DecodeError(`a block of ${count} entries has ${named.kind.remaining} kinds`);
    }
    this.#kinds = named.kind.view(count);
    this.#marks = named.marks.view(count);
    this.#recordedAt = new Float64Array(count);
    this.#availability = named.value.remaining === 0 ? noNumbers : new Float64Array(count);
    const runs = this.#runs = new BlockRuns(named, place);
    this.#offsets = readOffsets(named, runs, count, place.entries);
    for (let at = 0; at < count; at++) {
      const offset = this.#offsets[at];
      const time = anchors.at(offset) + unfolded(named.recordedAt.varint());
      this.#recordedAt[at] = checked(time, timeMsMax, "a time");
    }
    this.#checkKinds();
    const [kinds, recordedAt] = [this.#kinds, this.#recordedAt];
    this.#observedAt = readTimes(named.observedAt, runs, kinds, this.#marks, recordedAt);
    this.#reach = readReaches(named.reach, runs, kinds, this.#observedAt, recordedAt);
    this.#readValues(named.value);
    this.#who = this.#readNumbers(named.who, entryMarks.who);
    this.#source = this.#readNumbers(named.source, entryMarks.source);
    this.#product = this.#readNumbers(named.product, entryMarks.product);
    this.#by = this.#readNumbers(named.by, entryMarks.by);
    const hasOwn = [named.zip, named.edits, named.into, named.of, named.document].some((it) => it.remaining > 0);
    this.#own = hasOwn ? new Float64Array(count) : noNumbers;
    this.#ownMore = hasOwn ? new Float64Array(count) : noNumbers;
    this.#lengths = named.length;
    this.#readOwn(named);
    for (const column of Object.values(named)) column.end();
  }

  #checkKinds(): void {
    const [kinds, marks] = [this.#kinds, this.#marks];
    const others = entryMarks.who | entryMarks.source | entryMarks.note | entryMarks.product | entryMarks.by;
    for (let at = 0; at < this.count; at++) {
      const kind = kinds[at] & 15;
      const allowed = kind === entryKinds.report
        ? 255
        : kind === entryKinds.documented
        ? others | entryMarks.extra | entryMarks.explicit
        : others;
      if (
        kind > entryKinds.redacted || (kind !== entryKinds.report && kinds[at] > 15) || (marks[at] & ~allowed) !== 0
      ) {
        throw new DecodeError(`an entry begins with ${kinds[at]} and ${marks[at]}`);
      }
      checkUnit(kinds[at] >>> 6);
    }
  }

  #readValues(reader: ByteReader): void {
    const residuals = new ReadResiduals(reader, 2, true);
    const [values, kinds] = [this.#availability, this.#kinds];
    let before = 0;
    for (let at = 0; at < this.count; at++) {
      if ((kinds[at] & 15) !== entryKinds.report) continue;
      const tag = kinds[at] >>> 4 & 3;
      if (tag !== countTag) {
        if (values.length > 0) values[at] = -1 - tag;
        continue;
      }
      const value = residuals.next() + (residuals.way === 0 ? 0 : before);
      values[at] = before = checked(value, Number.MAX_SAFE_INTEGER, "a count");
    }
  }

  #readNumbers(reader: ByteReader, mark: number): Uint32Array {
    if (reader.remaining === 0) {
      for (let at = 0; at < this.count; at++) {
        if ((this.#marks[at] & mark) !== 0) throw new DecodeError("a text that is there has no number");
      }
      return nothing;
    }
    const numbers = new Uint32Array(this.count);
    let last = inlineText;
    for (let at = 0; at < this.count; at++) {
      if ((this.#marks[at] & mark) === 0) continue;
      const number = reader.varint();
      if (number === 1) continue;
      if (number > 1) last = checked(number - 1, numberMax, "the number of a text");
      else if (last === inlineText) throw new DecodeError("the first text is the same as the one before");
      numbers[at] = last;
    }
    return numbers;
  }

  /** Reads what only some kinds have, and where their texts are. */
  #readOwn(named: Record<EntryColumn, ByteReader>): void {
    const { length: lengths, text: texts } = named;
    const hasTexts = lengths.remaining > 0;
    if (hasTexts) {
      this.#lengthAt = new Uint32Array(this.count);
      this.#textAt = new Uint32Array(this.count);
    }
    let document = 0;
    for (let at = 0; at < this.count; at++) {
      const [kind, marks] = [this.#kinds[at] & 15, this.#marks[at]];
      if (hasTexts) {
        this.#lengthAt[at] = lengths.position;
        this.#textAt[at] = texts.position;
      }
      let count = 0;
      if (kind !== entryKinds.report && kind !== entryKinds.confirmed) {
        if (kind === entryKinds.documented) {
          const number = named.document.varint();
          if (number === 0) count = 1;
          else {
            this.#own[at] = document = checked(document + unfolded(number - 1), Number.MAX_SAFE_INTEGER, "a document");
            if (document === 0) throw new DecodeError("a document has the number 0");
            this.#ownMore[at] = lengths.varint();
          }
        } else count = this.#readNumbersOf(kind, at, named);
      }
      // Most entries have no text here.
      if ((marks & entryMarks.note) !== 0) count++;
      if ((marks & entryMarks.who) !== 0 && this.#who[at] === inlineText) count++;
      if ((marks & entryMarks.source) !== 0 && this.#source[at] === inlineText) count++;
      if ((marks & entryMarks.product) !== 0 && this.#product[at] === inlineText) count++;
      if ((marks & entryMarks.by) !== 0 && this.#by[at] === inlineText) count++;
      for (; count > 0; count--) texts.skip(lengths.varint());
    }
  }

  /** Reads the numbers of a rare kind. Returns how many texts of its own it has. */
  #readNumbersOf(kind: number, at: number, named: Record<EntryColumn, ByteReader>): number {
    switch (kind) {
      case entryKinds.added:
        this.#own[at] = readZip(named.zip);
        return 1;
      case entryKinds.edited: {
        const edits = named.edits.byte();
        if (edits >= 2 * editMarks.identifiers) throw new DecodeError(`the marks of an edit are ${edits}`);
        this.#ownMore[at] = edits;
        if ((edits & editMarks.zip) !== 0) this.#own[at] = readZip(named.zip);
        return ((edits & editMarks.name) === 0 ? 0 : 1) + ((edits & editMarks.identifiers) === 0 ? 0 : 1);
      }
      case entryKinds.merged:
      case entryKinds.unmerged:
        this.#own[at] = checked(named.into.varint(), numberMax, "a site");
        return 0;
      case entryKinds.published:
        return 1;
      case entryKinds.retracted:
      case entryKinds.redacted:
        this.#own[at] = named.of.varint();
        this.#ownMore[at] = named.shows.varint();
        return 0;
      default:
        return 0;
    }
  }

  /** Its runs. */
  get runs(): BlockRuns {
    return this.#runs;
  }

  /** The index of the entry at a place of the block, from 0 to {@link count}. */
  indexAt(at: number): number {
    return this.#first + this.#offsets[at];
  }

  /** The reach of the entry at a place of the block. */
  reachAt(at: number): number {
    return this.#reach[at];
  }

  /** Puts the places of the entries by their offsets in the segment. @param base the place of the first one. */
  putPlaces(places: Uint32Array, base: number): void {
    const offsets = this.#offsets;
    for (let at = 0; at < offsets.length; at++) places[offsets[at]] = base + at;
  }

  /** Reads the entry at a place of the block. Its texts are views, which are good as long as the bytes are. */
  read(at: number, entry: SegmentEntry): void {
    const [kindBits, marks] = [this.#kinds[at], this.#marks[at]];
    const kind = kindBits & 15;
    entry.clearTexts();
    entry.whoNumber =
      entry.sourceNumber =
      entry.productNumber =
      entry.byNumber =
        inlineText;
    entry.kind = kind;
    entry.site = this.#runs.siteAt(at);
    entry.index = this.#first + this.#offsets[at];
    entry.recordedAt = this.#recordedAt[at];
    entry.reach = this.#reach[at];
    if (kind === entryKinds.report) {
      const tag = kindBits >>> 4 & 3;
      entry.availability = tag === countTag ? this.#availability[at] : -1 - tag;
      entry.unit = kindBits >>> 6;
      entry.outOfDate = (marks & entryMarks.outOfDate) !== 0;
      entry.isExplicit = (marks & entryMarks.explicit) !== 0;
      entry.observedAt = this.#observedAt[at];
    } else if (kind === entryKinds.confirmed) {
      entry.observedAt = this.#observedAt[at];
    }
    const hasTexts = this.#lengthAt.length > 0;
    const lengths = this.#lengths;
    let textAt = 0;
    if (hasTexts) {
      lengths.begin(this.#bytes, this.#lengthAt[at], this.#bytes.length);
      textAt = this.#textAt[at];
    }
    const readText = (text: TextRange) => {
      const end = textAt + lengths.varint();
      text.set(this.#bytes, textAt, end);
      textAt = end;
    };
    if (kind !== entryKinds.report && kind !== entryKinds.confirmed) this.#readKind(at, entry, readText);
    if ((marks & ~entryMarks.outOfDate & ~entryMarks.explicit & ~entryMarks.told) === 0) {
      if (kind === entryKinds.documented && (marks & entryMarks.extra) !== 0) entry.more = moreMarks.extra;
      return;
    }
    entry.marked = ((marks & entryMarks.who) === 0 ? 0 : textMarks.who) |
      ((marks & entryMarks.source) === 0 ? 0 : textMarks.source) |
      ((marks & entryMarks.note) === 0 ? 0 : textMarks.note);
    entry.more = ((marks & entryMarks.product) === 0 ? 0 : moreMarks.product) |
      ((marks & entryMarks.by) === 0 ? 0 : moreMarks.by) |
      (kind === entryKinds.documented && (marks & entryMarks.extra) !== 0 ? moreMarks.extra : 0);
    if ((marks & entryMarks.who) !== 0) {
      entry.whoNumber = this.#who[at];
      if (entry.whoNumber === inlineText) readText(entry.who);
    }
    if ((marks & entryMarks.source) !== 0) {
      entry.sourceNumber = this.#source[at];
      if (entry.sourceNumber === inlineText) readText(entry.source);
    }
    if ((marks & entryMarks.note) !== 0) readText(entry.note);
    if ((marks & entryMarks.product) !== 0) {
      entry.productNumber = this.#product[at];
      if (entry.productNumber === inlineText) readText(entry.product);
    }
    if ((marks & entryMarks.by) !== 0) {
      entry.byNumber = this.#by[at];
      if (entry.byNumber === inlineText) readText(entry.by);
    }
  }

  /** Reads what only its kind has. */
  #readKind(at: number, entry: SegmentEntry, readText: (text: TextRange) => void): void {
    switch (entry.kind) {
      case entryKinds.added:
        entry.zip = this.#own[at];
        return readText(entry.name);
      case entryKinds.edited:
        entry.edits = this.#ownMore[at];
        if ((entry.edits & editMarks.zip) !== 0) entry.zip = this.#own[at];
        if ((entry.edits & editMarks.name) !== 0) readText(entry.newName);
        if ((entry.edits & editMarks.identifiers) !== 0) readText(entry.identifiers);
        return;
      case entryKinds.documented:
        entry.isExplicit = (this.#marks[at] & entryMarks.explicit) !== 0;
        entry.observedAt = this.#observedAt[at];
        entry.documentNumber = this.#own[at];
        if (entry.documentNumber === 0) {
          readText(entry.document);
          entry.documentLength = entry.document.length;
        } else {
          entry.documentLength = this.#lengths.varint();
          entry.document.clear();
        }
        return;
      case entryKinds.merged:
      case entryKinds.unmerged:
        entry.into = this.#own[at];
        return;
      case entryKinds.published:
        return readText(entry.locationId);
      case entryKinds.retracted:
      case entryKinds.redacted:
        entry.of = this.#own[at];
        entry.shows = this.#ownMore[at];
    }
  }
}

function readZip(reader: ByteReader): number {
  const zip = reader.varint();
  if (!isPackedZip(zip)) throw new DecodeError(`${zip} is not a ZIP code`);
  return zip;
}
