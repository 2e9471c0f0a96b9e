/**
 * A sealed segment of the log: what its footer says, and its blocks, one by one.
 *
 * It reads no file. It names the bytes that it needs, is given them, and checks them before it uses them.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";
import { timeMsMax } from "../../limits.ts";
import { segmentKinds } from "../../history.ts";
import type { Packing } from "../../packing.ts";
import { countBefore } from "../name_order.ts";
import { Anchors } from "./anchors.ts";
import { AsideFilter, type AsideKey } from "./aside_filter.ts";
import { blockEntriesMax } from "./block_writer.ts";
import { checked, entryColumns } from "./columns.ts";
import { Container, type ReplacedBlock } from "./container.ts";
import { DamageError, readPart } from "./damage.ts";
import type { EntryBlock } from "./entry_block.ts";
import { erase } from "./erasing.ts";
import { SealedBlock } from "./sealed_block.ts";

const known: readonly string[] = entryColumns;

/** A segment whose footer was read. */
export class SealedSegment extends Container {
  readonly #anchors: Anchors;
  readonly #firstSites: Float64Array;
  readonly #firstOffsets: Uint32Array;
  readonly #reachMin: Float64Array;
  readonly #reachMax: Float64Array;
  readonly #aside: AsideFilter;

  /**
   * Opens a segment.
   *
   * @param tail the bytes of its file from `footerStart` on.
   * @param fileBytes bytes of the file.
   * @param number the number of the segment.
   * @param digest the digest of the segment.
   * @throws {DamageError} if the file is damaged, or another one.
   */
  constructor(tail: Uint8Array, fileBytes: number, number: number, digest: Uint8Array, packing: Packing) {
    super(tail, fileBytes, { kind: segmentKinds.entries, number }, digest, packing);
    const { head, blocks, rest, what } = this;
    this.#firstSites = new Float64Array(blocks);
    this.#firstOffsets = new Uint32Array(blocks);
    this.#reachMin = new Float64Array(blocks);
    this.#reachMax = new Float64Array(blocks);
    this.#anchors = new Anchors(head.count);
    this.#aside = readPart(what, "footer", () => this.#readRest(rest));
  }

  #readRest(rest: ByteReader): AsideFilter {
    const { columns, count } = this.head;
    const strange = columns.find((name) => !known.includes(name));
    if (strange !== undefined) throw new DecodeError(`it has a column "${strange}", which a later version knows`);
    if (new Set(columns).size !== columns.length) throw new DecodeError("it has a column twice");
    let site = 0;
    for (let block = 0; block < this.blocks; block++) {
      const entries = this.countOf(block);
      if (entries > blockEntriesMax) throw new DecodeError(`block ${block} has ${entries} entries`);
      site = this.#firstSites[block] = checked(site + rest.varint(), 2 ** 32 - 1, "a site");
      this.#firstOffsets[block] = checked(rest.varint(), count - 1, "the offset of an entry");
      const least = this.#reachMin[block] = checked(rest.varint(), timeMsMax, "a time");
      this.#reachMax[block] = checked(least + rest.varint(), timeMsMax, "a time");
    }
    this.#anchors.read(rest);
    const filter = new AsideFilter(rest, count);
    rest.end();
    return filter;
  }

  /** The newest observations with the entries of a block: the least and the largest. */
  describe(block: number): { readonly reachMin: number; readonly reachMax: number } {
    return { reachMin: this.#reachMin[block], reachMax: this.#reachMax[block] };
  }

  /**
   * The last block that may have entries of a site; undefined: none has. Runs say whether there are more before it.
   */
  lastBlockOf(site: number): number | undefined {
    const block = countBefore(this.#firstSites, (first) => first <= site) - 1;
    return block < 0 ? undefined : block;
  }

  /** The first block that begins with entries of a site, or of one after it; the count of blocks if none does. */
  firstBlockOf(site: number): number {
    return countBefore(this.#firstSites, (first) => first < site);
  }

  /** The index of the first entry of a block. */
  firstIndexIn(block: number): number {
    return this.first + this.#firstOffsets[block];
  }

  /** Whether there may be such an explicit report, of those that brought no newer observation; false: there is none. */
  mayHaveAside(key: AsideKey): boolean {
    return this.#aside.mayHave(key);
  }

  /**
   * Reads a block, with all of its entries.
   *
   * @param packed its bytes in the file; they are not kept.
   * @throws {DamageError} if they are not those that were sealed.
   */
  open(block: number, packed: Uint8Array): EntryBlock {
    return this.block(block, packed).all();
  }

  /**
   * Reads a block, whose entries are read when they are asked for.
   *
   * @param packed its bytes in the file; they are not kept.
   * @param damaged is told if entries then turn out to contradict each other.
   * @throws {DamageError} if they are not those that were sealed.
   */
  block(block: number, packed: Uint8Array, damaged?: (damage: DamageError) => void): SealedBlock {
    return this.#read(block, this.unpack(block, packed), damaged);
  }

  #read(block: number, bytes: Uint8Array, damaged?: (damage: DamageError) => void): SealedBlock {
    const { head: { number, columns, first, count: entries }, what } = this;
    const place = { number, block, first, entries, count: this.countOf(block) };
    const read = new SealedBlock(bytes, { what, columns, place, anchors: this.#anchors, damaged });
    const { site } = read.runs.run(0);
    if (site === this.#firstSites[block] && read.firstIndex === this.firstIndexIn(block)) return read;
    throw new DamageError(what, block, "it begins with another entry than the footer says");
  }

  /**
   * The segment without what entries of a block say of people, as the redaction of these entries leaves it. Nothing in
   * the block moves: what is overwritten keeps its length.
   *
   * @param packed the block's bytes in the file.
   * @param isRedacted whether the entry with an index was redacted.
   * @returns undefined: nothing is to be overwritten.
   * @throws {DamageError} if the block is damaged.
   */
  erased(block: number, packed: Uint8Array, isRedacted: (index: number) => boolean): ReplacedBlock | undefined {
    const bytes = this.unpack(block, packed);
    const copy = bytes.slice();
    const hasChanged = erase(this.#read(block, bytes).all(), copy, isRedacted);
    return hasChanged ? this.replaced(block, copy, packed) : undefined;
  }
}
