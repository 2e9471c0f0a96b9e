/**
 * The runs of a block: the entries of a site that follow each other.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";
import { countBefore } from "../name_order.ts";
import { blockEntriesMax, links as segmentLinks } from "./block_writer.ts";
import { beforeStates, checked, type EntryColumn, numberMax } from "./columns.ts";

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

/** The place of a block in its segment, which it must fit. */
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

/** Runs, as they are read: only then is it known how many there are. A block is read at once, so all share these. */
const scratch = {
  sites: new Uint32Array(blockEntriesMax),
  starts: new Uint32Array(blockEntriesMax + 1),
  links: new Uint32Array(blockEntriesMax),
} as const;

/** The runs of a block. */
export class BlockRuns {
  /** How many there are. */
  readonly count: number;
  readonly #sites: Uint32Array;
  /** Where each run begins, and where the last one ends. */
  readonly starts: Uint32Array;
  readonly #links: Uint32Array;
  /** The run that was found last. */
  #last = 0;

  /** Reads them. @throws {DecodeError} if they are not those of such a block. */
  constructor(
    { site: sites, count: counts, before }: Record<EntryColumn, ByteReader>,
    { number, block, count }: BlockPlace,
  ) {
    const { sites: runSites, starts, links } = scratch;
    let [runs, site, at] = [0, 0, 0];
    for (; at < count; runs++) {
      const difference = sites.varint();
      if (runs > 0 && difference === 0) throw new DecodeError("a site has two runs in a block");
      site = runSites[runs] = checked(site + difference, numberMax, "a site");
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
    this.count = runs;
    this.#sites = runSites.slice(0, runs);
    this.starts = starts.slice(0, runs + 1);
    this.#links = links.slice(0, runs);
  }

  /** A run, from 0 to {@link count}. */
  run(number: number): Run {
    const { starts } = this;
    const link = this.#links[number] >>> beforeStates.bits;
    return { site: this.#sites[number], start: starts[number], end: starts[number + 1], link };
  }

  /** How the reach of the first entry of a run is told: one of `beforeStates`. */
  stateOf(number: number): number {
    return this.#links[number] & beforeStates.mask;
  }

  /** The run of a site; undefined: it has none here. */
  runOf(site: number): Run | undefined {
    const sites = this.#sites;
    const number = countBefore(sites, (other) => other < site);
    return number < sites.length && sites[number] === site ? this.run(number) : undefined;
  }

  /** The site of the entry at a place of the block. */
  siteAt(at: number): number {
    const { starts } = this;
    // Most entries are read one after the other.
    if (!(starts[this.#last] <= at && at < starts[this.#last + 1])) {
      this.#last = countBefore(starts, (start) => start <= at) - 1;
    }
    return this.#sites[this.#last];
  }
}
