/**
 * Seals a segment of the log in steps, each of which takes about half a millisecond.
 *
 * Blocks and digest are functions of the log alone: the same entries make the same blocks and the same digest, whenever
 * and in however many turns they are sealed.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { segmentKinds } from "../../history.ts";
import type { Packing } from "../../packing.ts";
import { entryKinds } from "../wire/entries.ts";
import { Anchors } from "./anchors.ts";
import { AsideHashes } from "./aside_filter.ts";
import { blockEntriesMax, BlockWriter, links } from "./block_writer.ts";
import { entryColumns } from "./columns.ts";
import { ContainerWriter, segmentItemsMax } from "./container.ts";
import { SegmentEntry } from "./segment_entry.ts";
import { SiteOrder } from "./site_order.ts";

/** Where a segment comes from. */
export interface SegmentSource {
  /** Reads an entry of the segment. @param offset how many entries of the segment come before it in the log. */
  read(offset: number, entry: SegmentEntry): void;
  /**
   * The last segment before this one that has entries of a site; 0: there is none. It is asked for when the first entry
   * of the site was read.
   */
  segmentBefore(site: number): number;
  /** The newest observation of a site in the segments before this one; 0: there is none. Asked for as that. */
  reachBefore(site: number): number;
}

/** The number of the segment that an entry is in, where each has `entries` of them: entries 1 to N are in segment 1. */
export function segmentOf(index: number, entries: number): number {
  return Math.floor((index - 1) / entries) + 1;
}

/** The index of the first entry of a segment. */
export function firstIndexOf(number: number, entries: number): number {
  return (number - 1) * entries + 1;
}

/** Seals a segment. */
export class SegmentWriter {
  readonly #number: number;
  readonly #first: number;
  readonly #count: number;
  readonly #source: SegmentSource;
  readonly #container: ContainerWriter;
  readonly #order: SiteOrder;
  readonly #anchors: Anchors;
  readonly #aside = new AsideHashes();
  readonly #heads = new ByteWriter();
  readonly #block: BlockWriter;
  readonly #entry = new SegmentEntry();
  #scanned = 0;
  #isSorted = false;
  #sealed = 0;
  #isWhole = false;
  #site = -1;
  #reach = 0;
  #firstSite = 0;

  /**
   * Begins to seal.
   *
   * @param number the number of the segment, from 1.
   * @param first the index of its first entry.
   * @param count how many entries it has, from 1 to `segmentItemsMax`.
   * @throws {RangeError} if they are fewer or more.
   */
  constructor(number: number, first: number, count: number, source: SegmentSource, packing: Packing) {
    if (!(count >= 1 && count <= segmentItemsMax)) {
      throw new RangeError(`Cannot seal ${count} entries in a segment: it has 1 to ${segmentItemsMax}`);
    }
    this.#number = number;
    this.#first = first;
    this.#count = count;
    this.#source = source;
    this.#container = new ContainerWriter(packing);
    this.#order = new SiteOrder(count);
    this.#anchors = new Anchors(count);
    this.#block = new BlockWriter(first, this.#anchors, count);
  }

  /** The digest of the segment, once {@link step} has returned undefined. */
  get digest(): Uint8Array {
    return this.#container.digest;
  }

  /**
   * Does the next step.
   *
   * @returns the next bytes of the file, none where the step makes none; undefined: the file is whole.
   */
  step(): Uint8Array | undefined {
    if (this.#isWhole) return undefined;
    if (this.#scanned < this.#count) return this.#scan();
    if (!this.#isSorted) {
      this.#isSorted = !this.#order.step();
      if (!this.#isSorted) return nothing;
    }
    if (this.#sealed < this.#count) return this.#seal();
    return this.#aside.step() ? nothing : this.#end();
  }

  /** Looks at the next entries, as many as a block has. */
  #scan(): Uint8Array {
    const entry = this.#entry;
    const end = Math.min(this.#count, this.#scanned + blockEntriesMax);
    for (; this.#scanned < end; this.#scanned++) {
      this.#source.read(this.#scanned, entry);
      this.#order.set(this.#scanned, entry.site);
      this.#anchors.take(this.#scanned, entry.recordedAt);
    }
    return nothing;
  }

  /** Seals the next block. */
  #seal(): Uint8Array {
    const [block, entry] = [this.#block, this.#entry];
    let [reachMin, reachMax] = [Infinity, 0];
    let [firstSite, firstOffset] = [0, 0];
    while (this.#sealed < this.#count && !block.isFull) {
      const offset = this.#order.at(this.#sealed);
      this.#source.read(offset, entry);
      if (block.count === 0) [firstSite, firstOffset] = [entry.site, offset];
      const link = entry.site === this.#site ? links.blockBefore : this.#begin(entry.site);
      this.#checkReach(entry);
      block.add(entry, link);
      if (entry.reach < reachMin) reachMin = entry.reach;
      if (entry.reach > reachMax) reachMax = entry.reach;
      this.#sealed++;
    }
    const heads = this.#heads;
    heads.varint(firstSite - this.#firstSite);
    heads.varint(firstOffset);
    heads.varint(reachMin);
    heads.varint(reachMax - reachMin);
    this.#firstSite = firstSite;
    const { count } = block;
    const { bytes, borders } = block.end();
    return this.#container.block(bytes, count, borders);
  }

  /** Comes to the next site. Returns the link of its first run. */
  #begin(site: number): number {
    this.#site = site;
    this.#reach = this.#source.reachBefore(site);
    const before = this.#source.segmentBefore(site);
    return before === 0 ? links.none : this.#number - before + 1;
  }

  /** The reach of an entry follows from those before it, so a block says it once for each run. */
  #checkReach(entry: SegmentEntry): void {
    const { kind, index, observedAt, reach } = entry;
    const isReport = kind === entryKinds.report;
    if (isReport && entry.isExplicit && observedAt <= this.#reach) this.#aside.add(entry);
    const expected = isReport && observedAt > this.#reach ? observedAt : this.#reach;
    if (reach !== expected) {
      throw new Error(`Cannot seal entry ${index}: its reach is ${reach}, and not ${expected}`);
    }
    this.#reach = reach;
  }

  #end(): Uint8Array {
    this.#isWhole = true;
    const writer = new ByteWriter();
    writer.raw(this.#heads.view());
    this.#anchors.write(writer);
    this.#aside.write(writer);
    const head = {
      kind: segmentKinds.entries,
      number: this.#number,
      first: this.#first,
      count: this.#count,
      columns: entryColumns,
    };
    return this.#container.end(head, writer.view());
  }
}

const nothing = new Uint8Array(0);
