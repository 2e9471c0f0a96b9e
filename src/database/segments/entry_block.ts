/**
 * Entries of a block that were read: all, or those of one run. Any of them is at hand.
 *
 * The numbers of the entries are in arrays, and texts stay where they are in the block. So an entry takes about 60
 * bytes, and no object. What an entry says is told from those before it, so for a run the block is read up to its end.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import { timeMsMax } from "../../limits.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { checkUnit, countTag, isPackedZip } from "../wire/packed.ts";
import type { TextRange } from "../wire/text_range.ts";
import type { Anchors } from "./anchors.ts";
import type { BlockPlace, BlockRuns, Run } from "./block_runs.ts";
import { readOffsets, readReaches, readTimes } from "./block_times.ts";
import { blockEntriesMax } from "./block_writer.ts";
import { checked, type EntryColumn, entryMarks, numberMax, readColumns, ReadResiduals, unfolded } from "./columns.ts";
import { inlineText, type SegmentEntry } from "./segment_entry.ts";

const nothing = new Uint32Array(0);
const noNumbers = new Float64Array(0);

/** Texts that may have a number. */
type NumberedText = "who" | "source" | "product" | "by";

const numbersOf = () => new Uint32Array(blockEntriesMax);
const floatsOf = () => new Float64Array(blockEntriesMax);

/** Columns, as they are read; the wanted entries are then copied. A block is read at once, so all share these. */
const scratch = {
  offsets: numbersOf(),
  recordedAt: floatsOf(),
  observedAt: floatsOf(),
  reach: floatsOf(),
  availability: floatsOf(),
  who: numbersOf(),
  source: numbersOf(),
  product: numbersOf(),
  by: numbersOf(),
  own: floatsOf(),
  ownMore: floatsOf(),
  lengthAt: numbersOf(),
  textAt: numbersOf(),
} as const;

/** Reads the lengths of texts. */
const lengths = new ByteReader(new Uint8Array(0));

/** Entries of a block, which follow each other. */
export class EntryBlock {
  /** Where the first of them is in the block. */
  readonly start: number;
  /** Where the one after the last of them is. */
  readonly end: number;
  readonly #first: number;
  readonly #bytes: Uint8Array;
  readonly #runs: BlockRuns;
  // These two have all entries of the block, the others have only those that were wanted.
  readonly #kinds: Uint8Array;
  readonly #marks: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #recordedAt: Float64Array;
  readonly #observedAt: Float64Array;
  readonly #reach: Float64Array;
  readonly #availability: Float64Array;
  readonly #who: Uint32Array;
  readonly #source: Uint32Array;
  readonly #product: Uint32Array;
  readonly #by: Uint32Array;
  /** What only some kinds have, the first and the second number. */
  readonly #own: Float64Array;
  readonly #ownMore: Float64Array;
  /** Where the lengths of an entry's texts and these texts are in the block. */
  readonly #lengthAt: Uint32Array;
  readonly #textAt: Uint32Array;

  /**
   * Reads a block.
   *
   * @param bytes unpacked; they may not change.
   * @param columns the names of its columns.
   * @param run whose entries are wanted; absent: all.
   * @throws {DecodeError} if they are not a block of the segment.
   */
  constructor(
    bytes: Uint8Array,
    columns: readonly string[],
    { count, first, entries }: BlockPlace,
    anchors: Anchors,
    runs: BlockRuns,
    run?: Run,
  ) {
    const [start, end] = [this.start, this.end] = [run?.start ?? 0, run?.end ?? count];
    this.#first = first;
    this.#bytes = bytes;
    this.#runs = runs;
    const named = readColumns(bytes, columns);
    const kinds = this.#kinds = named.kind.view(count);
    const marks = this.#marks = named.marks.view(count);
    checkKinds(kinds, marks, end);
    const kept = <T extends Uint32Array | Float64Array>(array: T) => array.slice(start, end) as T;
    const { offsets, recordedAt, observedAt, reach } = scratch;
    readOffsets(named, runs, end, entries, offsets);
    for (let at = 0; at < end; at++) {
      const time = anchors.at(offsets[at]) + unfolded(named.recordedAt.varint());
      recordedAt[at] = checked(time, timeMsMax, "a time");
    }
    readTimes(named.observedAt, runs, kinds, marks, recordedAt, end, observedAt);
    readReaches(named.reach, runs, kinds, observedAt, recordedAt, end, reach);
    [this.#offsets, this.#recordedAt] = [kept(offsets), kept(recordedAt)];
    [this.#observedAt, this.#reach] = [kept(observedAt), kept(reach)];
    this.#availability = readCounts(named.value, kinds, end) ? kept(scratch.availability) : noNumbers;
    const readNumbers = (name: NumberedText) =>
      readTextNumbers(named[name], marks, entryMarks[name], end, scratch[name]) ? kept(scratch[name]) : nothing;
    this.#who = readNumbers("who");
    this.#source = readNumbers("source");
    this.#product = readNumbers("product");
    this.#by = readNumbers("by");
    const { zip, edits, into, of, document } = named;
    const hasOwn = [zip, edits, into, of, document].some((column) => column.remaining > 0);
    const hasTexts = named.length.remaining > 0;
    readOwn(named, kinds, marks, end);
    [this.#own, this.#ownMore] = hasOwn ? [kept(scratch.own), kept(scratch.ownMore)] : [noNumbers, noNumbers];
    [this.#lengthAt, this.#textAt] = hasTexts ? [kept(scratch.lengthAt), kept(scratch.textAt)] : [nothing, nothing];
    if (run !== undefined) return;
    // Those of the runs were read before.
    for (const name of columns as readonly EntryColumn[]) if (!runColumns.has(name)) named[name].end();
  }

  /** How many they are. */
  get count(): number {
    return this.end - this.start;
  }

  /** The index of the entry at a place of the block, from {@link start} to {@link end}. */
  indexAt(at: number): number {
    return this.#first + this.#offsets[at - this.start];
  }

  /** The reach of the entry at a place of the block. */
  reachAt(at: number): number {
    return this.#reach[at - this.start];
  }

  /** Puts the places of the entries of a whole block by their offsets. @param base the place of the first one. */
  putPlaces(places: Uint32Array, base: number): void {
    const offsets = this.#offsets;
    for (let at = 0; at < offsets.length; at++) places[offsets[at]] = base + at;
  }

  /** Reads the entry at a place of the block. Its texts are views, which are good as long as the bytes are. */
  read(at: number, entry: SegmentEntry): void {
    const [kindBits, marks] = [this.#kinds[at], this.#marks[at]];
    const kind = kindBits & 15;
    const place = at - this.start;
    entry.clearTexts();
    entry.whoNumber =
      entry.sourceNumber =
      entry.productNumber =
      entry.byNumber =
        inlineText;
    entry.kind = kind;
    entry.site = this.#runs.siteAt(at);
    entry.index = this.#first + this.#offsets[place];
    entry.recordedAt = this.#recordedAt[place];
    entry.reach = this.#reach[place];
    if (kind === entryKinds.report) {
      const tag = kindBits >>> 4 & 3;
      entry.availability = tag === countTag ? this.#availability[place] : -1 - tag;
      entry.unit = kindBits >>> 6;
      entry.outOfDate = (marks & entryMarks.outOfDate) !== 0;
      entry.isExplicit = (marks & entryMarks.explicit) !== 0;
      entry.observedAt = this.#observedAt[place];
    } else if (kind === entryKinds.confirmed) {
      entry.observedAt = this.#observedAt[place];
    }
    const hasTexts = this.#lengthAt.length > 0;
    let textAt = 0;
    if (hasTexts) {
      lengths.begin(this.#bytes, this.#lengthAt[place], this.#bytes.length);
      textAt = this.#textAt[place];
    }
    const readText = (text: TextRange) => {
      const end = textAt + lengths.varint();
      text.set(this.#bytes, textAt, end);
      textAt = end;
    };
    if (kind !== entryKinds.report && kind !== entryKinds.confirmed) this.#readKind(at, place, entry, readText);
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
      entry.whoNumber = this.#who[place];
      if (entry.whoNumber === inlineText) readText(entry.who);
    }
    if ((marks & entryMarks.source) !== 0) {
      entry.sourceNumber = this.#source[place];
      if (entry.sourceNumber === inlineText) readText(entry.source);
    }
    if ((marks & entryMarks.note) !== 0) readText(entry.note);
    if ((marks & entryMarks.product) !== 0) {
      entry.productNumber = this.#product[place];
      if (entry.productNumber === inlineText) readText(entry.product);
    }
    if ((marks & entryMarks.by) !== 0) {
      entry.byNumber = this.#by[place];
      if (entry.byNumber === inlineText) readText(entry.by);
    }
  }

  /** Reads what only its kind has. */
  #readKind(at: number, place: number, entry: SegmentEntry, readText: (text: TextRange) => void): void {
    switch (entry.kind) {
      case entryKinds.added:
        entry.zip = this.#own[place];
        return readText(entry.name);
      case entryKinds.edited:
        entry.edits = this.#ownMore[place];
        if ((entry.edits & editMarks.zip) !== 0) entry.zip = this.#own[place];
        if ((entry.edits & editMarks.name) !== 0) readText(entry.newName);
        if ((entry.edits & editMarks.identifiers) !== 0) readText(entry.identifiers);
        return;
      case entryKinds.documented:
        entry.isExplicit = (this.#marks[at] & entryMarks.explicit) !== 0;
        entry.observedAt = this.#observedAt[place];
        entry.documentNumber = this.#own[place];
        if (entry.documentNumber === 0) {
          readText(entry.document);
          entry.documentLength = entry.document.length;
        } else {
          entry.documentLength = lengths.varint();
          entry.document.clear();
        }
        return;
      case entryKinds.merged:
      case entryKinds.unmerged:
        entry.into = this.#own[place];
        return;
      case entryKinds.published:
        return readText(entry.locationId);
      case entryKinds.retracted:
      case entryKinds.redacted:
        entry.of = this.#own[place];
        entry.shows = this.#ownMore[place];
    }
  }
}

/** What the runs of a block are told by: see `BlockRuns`. */
const runColumns: ReadonlySet<EntryColumn> = new Set<EntryColumn>(["site", "count", "before"]);

function checkKinds(kinds: Uint8Array, marks: Uint8Array, end: number): void {
  const others = entryMarks.who | entryMarks.source | entryMarks.note | entryMarks.product | entryMarks.by;
  for (let at = 0; at < end; at++) {
    const kind = kinds[at] & 15;
    // A report may have any unit that there is, and any marks.
    if (kind === entryKinds.report) {
      if (kinds[at] >>> 6 > 0) checkUnit(kinds[at] >>> 6);
      continue;
    }
    const allowed = kind === entryKinds.documented ? others | entryMarks.extra | entryMarks.explicit : others;
    if (kind > entryKinds.redacted || kinds[at] > 15 || (marks[at] & ~allowed) !== 0) {
      throw new DecodeError(`an entry begins with ${kinds[at]} and ${marks[at]}`);
    }
  }
}

/** Reads the counts of reports. Returns whether there are any. */
function readCounts(reader: ByteReader, kinds: Uint8Array, end: number): boolean {
  const hasCounts = reader.remaining > 0;
  const residuals = new ReadResiduals(reader, 2, true);
  const { availability } = scratch;
  let before = 0;
  for (let at = 0; at < end; at++) {
    if ((kinds[at] & 15) !== entryKinds.report || (kinds[at] >>> 4 & 3) !== countTag) continue;
    const value = residuals.next() + (residuals.way === 0 ? 0 : before);
    availability[at] = before = checked(value, Number.MAX_SAFE_INTEGER, "a count");
  }
  return hasCounts;
}

/** Reads the numbers of texts of one kind. Returns whether there are any. */
function readTextNumbers(
  reader: ByteReader,
  marks: Uint8Array,
  mark: number,
  end: number,
  numbers: Uint32Array,
): boolean {
  const hasNumbers = reader.remaining > 0;
  let last = inlineText;
  for (let at = 0; at < end; at++) {
    if ((marks[at] & mark) === 0) continue;
    if (!hasNumbers) throw new DecodeError("a text that is there has no number");
    const number = reader.varint();
    if (number > 1) last = checked(number - 1, numberMax, "the number of a text");
    else if (number === 0 && last === inlineText) {
      throw new DecodeError("the first text is the same as the one before");
    }
    numbers[at] = number === 1 ? inlineText : last;
  }
  return hasNumbers;
}

/** Reads what only some kinds have, and where their texts are. */
function readOwn(named: Record<EntryColumn, ByteReader>, kinds: Uint8Array, marks: Uint8Array, end: number): void {
  const { length: lengths, text: texts } = named;
  const { own, ownMore, lengthAt, textAt, who, source, product, by } = scratch;
  let document = 0;
  for (let at = 0; at < end; at++) {
    const [kind, mark] = [kinds[at] & 15, marks[at]];
    lengthAt[at] = lengths.position;
    textAt[at] = texts.position;
    let count = 0;
    if (kind !== entryKinds.report && kind !== entryKinds.confirmed) {
      if (kind === entryKinds.documented) {
        const number = named.document.varint();
        own[at] = 0;
        if (number === 0) count = 1;
        else {
          own[at] = document = checked(document + unfolded(number - 1), Number.MAX_SAFE_INTEGER, "a document");
          if (document === 0) throw new DecodeError("a document has the number 0");
          ownMore[at] = lengths.varint();
        }
      } else count = readNumbersOf(kind, at, named);
    }
    // Most entries have no text here.
    if ((mark & entryMarks.note) !== 0) count++;
    if ((mark & entryMarks.who) !== 0 && who[at] === inlineText) count++;
    if ((mark & entryMarks.source) !== 0 && source[at] === inlineText) count++;
    if ((mark & entryMarks.product) !== 0 && product[at] === inlineText) count++;
    if ((mark & entryMarks.by) !== 0 && by[at] === inlineText) count++;
    for (; count > 0; count--) texts.skip(lengths.varint());
  }
}

/** Reads the numbers of a rare kind. Returns how many texts of its own it has. */
function readNumbersOf(kind: number, at: number, named: Record<EntryColumn, ByteReader>): number {
  const { own, ownMore } = scratch;
  switch (kind) {
    case entryKinds.added:
      own[at] = readZip(named.zip);
      return 1;
    case entryKinds.edited: {
      const edits = named.edits.byte();
      if (edits >= 2 * editMarks.identifiers) throw new DecodeError(`the marks of an edit are ${edits}`);
      ownMore[at] = edits;
      if ((edits & editMarks.zip) !== 0) own[at] = readZip(named.zip);
      return ((edits & editMarks.name) === 0 ? 0 : 1) + ((edits & editMarks.identifiers) === 0 ? 0 : 1);
    }
    case entryKinds.merged:
    case entryKinds.unmerged:
      own[at] = checked(named.into.varint(), numberMax, "a site");
      return 0;
    case entryKinds.published:
      return 1;
    case entryKinds.retracted:
    case entryKinds.redacted:
      own[at] = named.of.varint();
      ownMore[at] = named.shows.varint();
      return 0;
    default:
      return 0;
  }
}

function readZip(reader: ByteReader): number {
  const zip = reader.varint();
  if (!isPackedZip(zip)) throw new DecodeError(`${zip} is not a ZIP code`);
  return zip;
}
