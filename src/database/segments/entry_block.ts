/**
 * A block of entries that was read: any of its entries is at hand.
 *
 * The numbers of all entries are in arrays, and texts stay where they are in the block. So a block takes about 50 bytes
 * an entry, and no object for each.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";
import { timeMsMax } from "../../limits.ts";
import { countBefore } from "../name_order.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks, moreMarks, textMarks } from "../wire/entry_fields.ts";
import { checkUnit, countTag, isPackedZip } from "../wire/packed.ts";
import type { TextRange } from "../wire/text_range.ts";
import type { Anchors } from "./anchors.ts";
import { isObserved, links as segmentLinks } from "./block_writer.ts";
import {
  beforeStates,
  checked,
  type EntryColumn,
  entryMarks,
  readColumns,
  ReadResiduals,
  unfolded,
} from "./columns.ts";
import { inlineText, type SegmentEntry } from "./segment_entry.ts";

const siteMax = 2 ** 32 - 1;

/** Numbers of texts, and places of sites, are whole numbers of 32 bits. */
const numberMax = 2 ** 32 - 1;

const nothing = new Uint32Array(0);
const noNumbers = new Float64Array(0);

/** The entries of a site that follow each other in a block. */
export interface Run {
  /** The site. */
  readonly site: number;
  /** Where its first entry is in the block. */
  readonly start: number;
  /** Where the run ends. */
  readonly end: number;
  /** Where the entries before it are: `links`, or d + 1: in the segment d before this one. */
  readonly link: number;
}

/** What is known of a segment that a block must fit. */
export interface BlockPlace {
  /** The number of the segment. */
  readonly number: number;
  /** The number of the block. */
  readonly block: number;
  /** The index of the first entry of the segment. */
  readonly first: number;
  /** How many entries the segment has. */
  readonly entries: number;
  /** How many of them the block has. */
  readonly count: number;
}

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
  readonly #runSites: Uint32Array;
  /** Where each run begins, and where the last one ends. */
  readonly #runStarts: Uint32Array;
  readonly #runLinks: Uint32Array;
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
  #run = 0;

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
    this.#offsets = new Uint32Array(count);
    this.#recordedAt = new Float64Array(count);
    this.#observedAt = new Float64Array(count);
    this.#reach = new Float64Array(count);
    this.#availability = named.value.remaining === 0 ? noNumbers : new Float64Array(count);
    [this.#runSites, this.#runStarts, this.#runLinks] = readRuns(named, place);
    this.#readOffsets(named, place.entries);
    for (let at = 0; at < count; at++) {
      const offset = this.#offsets[at];
      const time = anchors.at(offset) + unfolded(named.recordedAt.varint());
      this.#recordedAt[at] = checked(time, timeMsMax, "a time");
    }
    this.#checkKinds();
    this.#readTimes(named.observedAt);
    this.#readReaches(named.reach);
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

  #readOffsets(named: Record<EntryColumn, ByteReader>, entries: number): void {
    const [firsts, steps] = [new ReadResiduals(named.first, 1), new ReadResiduals(named.step, 2)];
    const [offsets, starts] = [this.#offsets, this.#runStarts];
    let [priorStart, priorCount, firstOffset] = [0, 0, 0];
    for (let run = 0; run + 1 < starts.length; run++) {
      const [start, end] = [starts[run], starts[run + 1]];
      firstOffset += firsts.next();
      let offset = offsets[start] = checked(firstOffset, entries - 1, "an index");
      for (let at = start + 1; at < end; at++) {
        const position = at - start;
        const prior = priorStart + position;
        const isToldByPrior = steps.way === 1 && position < priorCount;
        offset += 1 + steps.next() + (isToldByPrior ? offsets[prior] - offsets[prior - 1] - 1 : 0);
        if (!(offset > offsets[at - 1])) throw new DecodeError("the entries of a site are not in order");
        offsets[at] = checked(offset, entries - 1, "an index");
      }
      priorStart = start;
      priorCount = end - start;
    }
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
      if (kind > entryKinds.redacted || (kind !== entryKinds.report && kinds[at] > 15) || (marks[at] & ~allowed) !== 0) {
        throw new DecodeError(`an entry begins with ${kinds[at]} and ${marks[at]}`);
      }
      checkUnit(kinds[at] >>> 6);
    }
  }

  /** Whether an entry is told in the column of times. */
  #isTold(at: number): boolean {
    const [kind, marks] = [this.#kinds[at] & 15, this.#marks[at]];
    if (kind === entryKinds.report) return (marks & entryMarks.told) !== 0;
    return kind === entryKinds.confirmed || (kind === entryKinds.documented && (marks & entryMarks.explicit) !== 0);
  }

  #readTimes(reader: ByteReader): void {
    const residuals = new ReadResiduals(reader, 3);
    const { way } = residuals;
    const [times, recordedAt, starts] = [this.#observedAt, this.#recordedAt, this.#runStarts];
    let [priorStart, priorCount, priorFirst] = [0, 0, -1];
    for (let run = 0; run + 1 < starts.length; run++) {
      const [start, end] = [starts[run], starts[run + 1]];
      let [inRun, first] = [-1, -1];
      for (let at = start; at < end; at++) {
        if (!this.#isTold(at)) {
          times[at] = isObserved(this.#kinds[at] & 15) ? recordedAt[at] : 0;
          continue;
        }
        let expected = recordedAt[at];
        if (way > 0) {
          const before = inRun >= 0 ? inRun : priorFirst;
          if (before >= 0) expected = before;
          const prior = priorStart + at - start;
          if (way === 2 && at - start < priorCount && this.#isTold(prior)) expected = times[prior];
        }
        inRun = times[at] = checked(expected + residuals.next(), timeMsMax, "a time");
        if (first < 0) first = inRun;
      }
      priorStart = start;
      priorCount = end - start;
      if (first >= 0) priorFirst = first;
    }
  }

  #readReaches(reader: ByteReader): void {
    const residuals = new ReadResiduals(reader, 2);
    const [reaches, times, kinds, starts] = [this.#reach, this.#observedAt, this.#kinds, this.#runStarts];
    let stored = -1;
    for (let run = 0; run + 1 < starts.length; run++) {
      const [start, end] = [starts[run], starts[run + 1]];
      const state = this.#runLinks[run] & beforeStates.mask;
      const kind = kinds[start] & 15;
      let reach = 0;
      if (state === beforeStates.raised) {
        if (kind !== entryKinds.report) throw new DecodeError("an entry that reports nothing is a newest observation");
        reach = times[start];
      } else if (state === beforeStates.stored) {
        const own = isObserved(kind) ? times[start] : this.#recordedAt[start];
        const expected = residuals.way === 0 ? own : stored < 0 ? this.#recordedAt[start] : stored;
        stored = reach = checked(expected - residuals.next(), timeMsMax, "a time");
      }
      reaches[start] = reach;
      for (let at = start + 1; at < end; at++) {
        if ((kinds[at] & 15) === entryKinds.report && times[at] > reach) reach = times[at];
        reaches[at] = reach;
      }
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
        this.#own[at] = checked(named.into.varint(), siteMax, "a site");
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

  /** How many runs it has. */
  get runs(): number {
    return this.#runSites.length;
  }

  /** A run, from 0 to {@link runs}. */
  run(number: number): Run {
    const starts = this.#runStarts;
    const link = this.#runLinks[number] >>> beforeStates.bits;
    return { site: this.#runSites[number], start: starts[number], end: starts[number + 1], link };
  }

  /** The run of a site; undefined: it has none here. */
  runOf(site: number): Run | undefined {
    const sites = this.#runSites;
    const number = countBefore(sites, (other) => other < site);
    return number < sites.length && sites[number] === site ? this.run(number) : undefined;
  }

  /** The index of the entry at a place of the block, from 0 to {@link count}. */
  indexAt(at: number): number {
    return this.#first + this.#offsets[at];
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
    entry.whoNumber = entry.sourceNumber = entry.productNumber = entry.byNumber = inlineText;
    entry.kind = kind;
    entry.site = this.#runSites[this.#runAt(at)];
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

  /** The number of the run that an entry is in. */
  #runAt(at: number): number {
    const starts = this.#runStarts;
    // Most entries are read one after the other.
    if (starts[this.#run] <= at && at < starts[this.#run + 1]) return this.#run;
    this.#run = countBefore(starts, (start) => start <= at) - 1;
    return this.#run;
  }
}

function readZip(reader: ByteReader): number {
  const zip = reader.varint();
  if (!isPackedZip(zip)) throw new DecodeError(`${zip} is not a ZIP code`);
  return zip;
}

/** The sites of the runs, where they begin, and what is said of what was before them. */
function readRuns(
  { site: sites, count: counts, before }: Record<EntryColumn, ByteReader>,
  { number, block, count }: BlockPlace,
): [Uint32Array, Uint32Array, Uint32Array] {
  const [runSites, starts, links] = [new Uint32Array(count), new Uint32Array(count + 1), new Uint32Array(count)];
  let [runs, site, at] = [0, 0, 0];
  for (; at < count; runs++) {
    const difference = sites.varint();
    if (runs > 0 && difference === 0) throw new DecodeError("a site has two runs in a block");
    site = runSites[runs] = checked(site + difference, siteMax, "a site");
    const told = links[runs] = checked(before.varint(), numberMax, "a link");
    const link = told >>> beforeStates.bits;
    // No link leads to where there is nothing.
    const leads = link !== segmentLinks.blockBefore || (runs === 0 && block > 0);
    if ((told & beforeStates.mask) > beforeStates.zero || !leads || link > number) {
      throw new DecodeError(`a link is ${told}`);
    }
    at = checked(at + 1 + counts.varint(), count, "the end of a run");
    starts[runs + 1] = at;
  }
  return [runSites.slice(0, runs), starts.slice(0, runs + 1), links.slice(0, runs)];
}
