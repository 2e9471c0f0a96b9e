/**
 * The entries of a site from the newest to the oldest, block by block and segment by segment.
 *
 * Each run says where the one before it is. So no block is read that has nothing of the site, except where the walk
 * begins: there it looks at one block in each segment until it finds the site.
 *
 * @module
 */

import { DamageError } from "./damage.ts";
import { links } from "./block_writer.ts";
import type { SealedBlock } from "./sealed_block.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import { SegmentEntry } from "./segment_entry.ts";

/** Walks back along the entries of a site. */
export class SiteWalk {
  readonly #site: number;
  readonly #entry = new SegmentEntry();
  #before: number;
  #segment: number;
  #block: number | undefined;
  /** Whether a run has said that the block has entries of the site. */
  #isTold = false;

  /**
   * Begins a walk.
   *
   * @param segment the number of the last segment that may have such entries; 0: there is none.
   * @param before only entries before this index are visited.
   */
  constructor(site: number, segment: number, before = Infinity) {
    this.#site = site;
    this.#segment = segment;
    this.#before = before;
  }

  /** The segment that the walk is in; 0: it has ended. */
  get segment(): number {
    return this.#segment;
  }

  /** The block that {@link visit} must be given next. @param segment the one with the number {@link segment}. */
  blockIn(segment: SealedSegment): number {
    this.#block ??= segment.lastBlockOf(this.#site) ?? 0;
    return this.#block;
  }

  /**
   * Visits the entries of the site in a block, from the newest to the oldest.
   *
   * @param visit is given an entry, which is good until it returns; it returns whether the walk is to continue.
   * @returns whether it always did.
   */
  visit(block: SealedBlock, visit: (entry: SegmentEntry) => boolean): boolean {
    const run = block.runs.runOf(this.#site);
    if (run === undefined) {
      if (this.#isTold) {
        const what = `segment ${this.#segment}`;
        throw new DamageError(what, this.#block!, `it has no entries of the site at ${this.#site}`);
      }
      this.#segment--;
      this.#block = undefined;
      return true;
    }
    this.#isTold = true;
    const [entries, entry] = [block.of(run), this.#entry];
    for (let at = run.end - 1; at >= run.start; at--) {
      if (entries.indexAt(at) >= this.#before) continue;
      entries.read(at, entry);
      this.#before = entry.index;
      if (!visit(entry)) return false;
    }
    if (run.link === links.blockBefore) this.#block = this.#block! - 1;
    else {
      this.#segment = run.link === links.none ? 0 : this.#segment - run.link + 1;
      this.#block = undefined;
    }
    return true;
  }
}
