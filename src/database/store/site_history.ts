/**
 * All entries of each site, over the segments that are in memory and those that were sealed.
 *
 * @module
 */

import { IndexOrder } from "../segments/index_order.ts";
import { SegmentEntry } from "../segments/segment_entry.ts";
import type { SegmentReader } from "../segments/segment_reader.ts";
import type { BlockBudget } from "./block_budget.ts";
import type { PackedLog } from "./entry_log.ts";
import { type LogEntry, type LogPlace, noEntry } from "./log_entry.ts";
import { OpenRun } from "./open_run.ts";
import { noPlace, type SiteRun } from "./site_run.ts";
import { putEntry, SealedRun } from "./sealed_run.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";

/** The entries of the sites. */
export class SiteHistory {
  readonly #table: SiteTable;
  readonly #log: PackedLog;
  readonly #reader: SegmentReader;
  readonly #sealed = new SegmentEntry();
  /** The segment that was read last in the order of the log. */
  #order: IndexOrder | undefined;
  /** The entry after the one that was read last by its index. */
  #nextIndex = 0;
  #nextPlace: LogPlace = noEntry;
  /** What the request may still read. */
  readonly budget: BlockBudget;

  /** Those in `log`, and in the segments before it that `reader` reads, as far as the budget reaches. */
  constructor(table: SiteTable, log: PackedLog, reader: SegmentReader, budget: BlockBudget) {
    this.budget = budget;
    this.#table = table;
    this.#log = log;
    this.#reader = reader;
  }

  /** Whether an entry is in an old segment. */
  isOld(index: number): boolean {
    return index <= this.#log.lastOldEntry;
  }

  /** The last entries of a site in the tail; undefined: it has none there. */
  lastInTail(site: SitePlace): OpenRun | undefined {
    const segment = this.#table.lastSegment(site);
    return segment > this.#log.lastOld ? new OpenRun(this.#log, segment, this.#table.head(site)) : undefined;
  }

  /** The entries in the tail before those of a run in the tail; undefined: it has none there. */
  beforeInTail(run: OpenRun): OpenRun | undefined {
    const { segmentBefore } = run;
    return segmentBefore > this.#log.lastOld ? new OpenRun(this.#log, segmentBefore, run.placeBefore) : undefined;
  }

  /** The last old segment with entries of a site; 0: there is none. */
  lastOldSegment(site: SitePlace): number {
    let run = this.lastInTail(site);
    if (run === undefined) return this.#table.lastSegment(site);
    for (let before = this.beforeInTail(run); before !== undefined; before = this.beforeInTail(run)) run = before;
    return run.segmentBefore;
  }

  /**
   * The entries of a site in a segment; undefined: it has none there. To look into an old one is counted.
   *
   * @throws {crowdedHistory} @throws {endOfPage} if that is too much.
   */
  runIn(site: SitePlace, segment: number): SiteRun | undefined {
    if (segment <= this.#log.lastOld) this.budget.spend();
    return this.#runIn(site, segment);
  }

  #runIn(site: SitePlace, segment: number): SiteRun | undefined {
    const log = this.#log;
    if (segment < log.firstOpen) return SealedRun.find(this.#reader, log.texts, site, segment);
    let last = this.#table.lastSegment(site);
    let place = this.#table.head(site);
    while (last > segment) {
      const run = new OpenRun(log, last, place);
      last = run.segmentBefore;
      place = run.placeBefore;
    }
    return last === segment ? new OpenRun(log, last, place) : undefined;
  }

  /** The runs of a site from the newest one on. To look into an old one is counted. */
  *runs(site: SitePlace): Generator<SiteRun, void, void> {
    for (let segment = this.#table.lastSegment(site); segment > 0;) {
      const run = this.runIn(site, segment);
      if (run === undefined) throw new Error(`segment ${segment} has no entries of the site at ${site}`);
      yield run;
      segment = run.segmentBefore;
    }
  }

  /** Reads any entry by its index. Of a sealed segment, that reads all blocks: it is not for the order of commands. */
  readIndex(index: number, entry: LogEntry): void {
    const log = this.#log;
    const segment = log.segmentOf(index);
    if (segment < log.firstOpen) {
      this.#orderOf(segment).entry(index, this.#sealed);
      return putEntry(this.#sealed, entry, log.texts);
    }
    log.read(index === this.#nextIndex ? this.#nextPlace : log.placeOf(index), entry);
    // After the last entry, the place of the next one is not known yet.
    this.#nextIndex = index < log.last ? index + 1 : 0;
    this.#nextPlace = entry.end;
  }

  #orderOf(segment: number): IndexOrder {
    const sealed = this.#reader.segment(segment);
    if (this.#order?.segment === sealed) return this.#order;
    const order = new IndexOrder(sealed);
    for (let block = 0; block < sealed.blocks; block++) order.add(this.#reader.entries(segment, block));
    return this.#order = order;
  }

  /**
   * Reads the entry of a site with an index. To look into an old segment is counted.
   *
   * @returns whether that is an entry of the site.
   */
  find(site: SitePlace, index: number, entry: LogEntry): boolean {
    if (this.isOld(index)) this.budget.spend();
    return this.findAgain(site, index, entry);
  }

  /** The same for an entry that was found before in the same command: it is not counted again. */
  findAgain(site: SitePlace, index: number, entry: LogEntry): boolean {
    const run = this.#runIn(site, this.#log.segmentOf(index));
    if (run === undefined) return false;
    const place = run.before(index + 1);
    if (place === noPlace) return false;
    run.glance(place, entry);
    if (entry.index !== index) return false;
    run.read(place, entry);
    return true;
  }
}
