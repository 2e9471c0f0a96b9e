/**
 * The entries of a site in a sealed segment.
 *
 * They follow each other, in one block or in several. So a search reads a block or two, however many there are.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { blockEntriesMax, links } from "../segments/block_writer.ts";
import type { Run as BlockRun } from "../segments/block_runs.ts";
import type { EntryBlock } from "../segments/entry_block.ts";
import type { SealedBlock } from "../segments/sealed_block.ts";
import type { SealedSegment } from "../segments/sealed_segment.ts";
import { inlineText, SegmentEntry } from "../segments/segment_entry.ts";
import type { SegmentReader } from "../segments/segment_reader.ts";
import { allTextMarks, moreMarks } from "../wire/entry_fields.ts";
import type { TextRange } from "../wire/text_range.ts";
import { type LogEntry, noEntry } from "./log_entry.ts";
import { noPlace, type RunPlace, type SiteRun } from "./site_run.ts";
import type { SharedTexts } from "./shared_texts.ts";
import type { SitePlace } from "./site_record.ts";

/** What a run reads on its way to another entry. */
const scratch = new SegmentEntry();

/** A run. The place of an entry is the number of its block times {@link blockEntriesMax}, and where it is in that. */
export class SealedRun implements SiteRun {
  readonly #reader: SegmentReader;
  readonly #texts: SharedTexts;
  readonly #site: SitePlace;
  readonly #sealed: SealedSegment;
  readonly segment: number;
  readonly newest: RunPlace;
  /** The block that was read last, and the part of the run in it. */
  #number: number;
  #block: SealedBlock;
  #part: BlockRun;
  #read: EntryBlock | undefined;
  /** The first block that has nothing before the run's entries. */
  readonly #firstWhole: number;
  readonly #lastBlock: number;

  private constructor(
    reader: SegmentReader,
    texts: SharedTexts,
    site: SitePlace,
    sealed: SealedSegment,
    number: number,
    block: SealedBlock,
    part: BlockRun,
  ) {
    this.#reader = reader;
    this.#texts = texts;
    this.#site = site;
    this.#sealed = sealed;
    this.segment = sealed.number;
    this.#number = this.#lastBlock = number;
    this.#block = block;
    this.#part = part;
    this.#firstWhole = sealed.firstBlockOf(site);
    this.newest = blockEntriesMax * number + part.end - 1;
  }

  /** The run of a site in a segment; undefined: it has none there. */
  static find(reader: SegmentReader, texts: SharedTexts, site: SitePlace, segment: number): SealedRun | undefined {
    const sealed = reader.segment(segment);
    const number = sealed.lastBlockOf(site);
    if (number === undefined) return undefined;
    const block = reader.entries(segment, number);
    const part = block.runs.runOf(site);
    return part === undefined ? undefined : new SealedRun(reader, texts, site, sealed, number, block, part);
  }

  /** Whether the segment may have such an explicit report that brought no newer observation; false: it has none. */
  mayHaveAside(report: LogEntry): boolean {
    return this.#sealed.mayHaveAside(report);
  }

  get segmentBefore(): number {
    // A run begins in the first block that it is alone at the beginning of, or in the one before that.
    if (this.#part.link === links.blockBefore) this.#to(this.#firstWhole);
    if (this.#part.link === links.blockBefore) this.#to(this.#firstWhole - 1);
    const { link } = this.#part;
    return link === links.none ? 0 : this.segment - link + 1;
  }

  /** Comes to a block that has a part of the run. */
  #to(number: number): void {
    if (number === this.#number) return;
    const block = this.#reader.entries(this.segment, number);
    const part = block.runs.runOf(this.#site);
    if (part === undefined) throw new DecodeError(`block ${number} of segment ${this.segment} has no part of a run`);
    [this.#number, this.#block, this.#part, this.#read] = [number, block, part, undefined];
  }

  /** The entries of that part. */
  get #entries(): EntryBlock {
    return this.#read ??= this.#block.of(this.#part);
  }

  /** Whether the block before the one that the search has come to has a part of the run. */
  get #hasBefore(): boolean {
    return this.#part.link === links.blockBefore;
  }

  #placeAt(at: number): RunPlace {
    return blockEntriesMax * this.#number + at;
  }

  previous(place: RunPlace): RunPlace {
    this.#to(Math.floor(place / blockEntriesMax));
    const at = place % blockEntriesMax;
    if (at > this.#part.start) return this.#placeAt(at - 1);
    if (!this.#hasBefore) return noPlace;
    this.#to(this.#number - 1);
    return this.#placeAt(this.#part.end - 1);
  }

  before(index: number): RunPlace {
    const first = this.#firstWhole;
    // The last one of the blocks that begin with the site, and before the index.
    const whole = this.#lastBlock + 1 - first;
    const number = first - 1 + countTo(whole, (at) => this.#sealed.firstIndexIn(first + at) < index);
    if (number < first && !this.#toFirstPart()) return noPlace;
    if (number >= first) this.#to(number);
    const { start, end } = this.#part;
    const at = start + countTo(end - start, (k) => this.#entries.indexAt(start + k) < index) - 1;
    return at < start ? noPlace : this.#placeAt(at);
  }

  /** Comes to the part of the run behind entries of other sites. Returns whether there is one. */
  #toFirstPart(): boolean {
    const first = this.#firstWhole;
    if (first <= this.#lastBlock) {
      this.#to(first);
      if (!this.#hasBefore) return false;
    }
    this.#to(first - 1);
    return true;
  }

  after(index: number, most: number): RunPlace[] {
    const last = this.before(index + 1);
    let [number, at] = [this.#number, 0];
    if (last === noPlace) {
      if (!this.#toFirstPart()) this.#to(this.#firstWhole);
      [number, at] = [this.#number, this.#part.start];
    } else {
      this.#to(Math.floor(last / blockEntriesMax));
      [number, at] = [this.#number, last % blockEntriesMax + 1];
    }
    const places: RunPlace[] = [];
    while (places.length < most) {
      this.#to(number);
      if (at >= this.#part.end) {
        if (number === this.#lastBlock) break;
        [number, at] = [number + 1, 0];
        continue;
      }
      places.push(this.#placeAt(at++));
    }
    return places.reverse();
  }

  reaching(reach: number): RunPlace {
    const first = this.#firstWhole;
    // In a block between the first and the last one, the footer speaks of this site alone.
    const between = Math.max(0, this.#lastBlock - first);
    let number = first + countTo(between, (at) => this.#sealed.describe(first + at).reachMax < reach);
    if (number === first || number > this.#lastBlock) {
      if (this.#toFirstPart() && this.#entries.reachAt(this.#part.end - 1) >= reach) number = first - 1;
      if (number > this.#lastBlock) return noPlace;
    }
    this.#to(number);
    const { start, end } = this.#part;
    const at = start + countTo(end - start, (k) => this.#entries.reachAt(start + k) < reach);
    return at === end ? noPlace : this.#placeAt(at);
  }

  read(place: RunPlace, entry: LogEntry): void {
    this.#to(Math.floor(place / blockEntriesMax));
    this.#entries.read(place % blockEntriesMax, scratch);
    putEntry(scratch, entry, this.#texts);
  }

  glance(place: RunPlace, entry: LogEntry): void {
    this.read(place, entry);
  }
}

/** Makes an entry of a log of one that was sealed, with the texts that its numbers stand for. */
export function putEntry(sealed: SegmentEntry, entry: LogEntry, texts: SharedTexts): void {
  entry.copyButTexts(sealed);
  entry.previous =
    entry.skip =
    entry.jump =
    entry.end =
      noEntry;
  entry.isSkip = false;
  entry.marked = sealed.marked & allTextMarks;
  entry.more = sealed.more & (moreMarks.product | moreMarks.by | moreMarks.extra);
  putText(sealed.who, sealed.whoNumber, entry.who, texts);
  putText(sealed.source, sealed.sourceNumber, entry.source, texts);
  entry.note.copy(sealed.note);
  putText(sealed.product, sealed.productNumber, entry.product, texts);
  putText(sealed.by, sealed.byNumber, entry.by, texts);
}

function putText(sealed: TextRange, number: number, text: TextRange, texts: SharedTexts): void {
  if (number === inlineText) return text.copy(sealed);
  if (number > texts.size) throw new DecodeError(`there is no text ${number}`);
  text.copy(texts.get(number));
}

/** How many of `count` things, in their order, are before the first that is not small. */
function countTo(count: number, isSmall: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = low + high >>> 1;
    if (isSmall(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
