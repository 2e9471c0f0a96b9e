/**
 * All entries of each site, over the segments that are in memory and those that were sealed.
 *
 * @module
 */

import type { LogOrder } from "../segments/index_order.ts";
import { IndexOrders } from "../segments/index_orders.ts";
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
  /** The sealed segments that are read in the order of the log. */
  readonly #orders: IndexOrders;
  /** The one that a reader is in. */
  #order: LogOrder | undefined;
  #ordered = 0;
  /** How often a reader has looked into a sealed segment for a single entry, since {@link beginReading}. */
  looks = 0;
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
    this.#orders = new IndexOrders(reader);
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

  /** A reader of entries begins, outside of the order of commands. */
  beginReading(): void {
    this.#ordered = 0;
    this.looks = 0;
  }

  /**
   * Reads any entry by its index, after {@link beginReading} if it may be an old one.
   *
   * @returns false: it is in a sealed segment that is not read yet. {@link readBlock} does that.
   * @throws {UnreadableError} if that segment cannot be read.
   */
  readIndex(index: number, entry: LogEntry): boolean {
    const log = this.#log;
    const segment = log.segmentOf(index);
    if (segment < log.firstOpen) {
      if (segment !== this.#ordered || this.#order?.has(index) === false) {
        this.#order = this.#orders.find(segment, index, segment + 1 < log.firstOpen ? segment + 1 : undefined);
        this.#ordered = segment;
      }
      if (this.#order === undefined) return false;
      this.#readHeld(this.#order, index, entry);
      return true;
    }
    log.read(index === this.#nextIndex ? this.#nextPlace : log.placeOf(index), entry);
    // After the last entry, the place of the next one is not known yet.
    this.#nextIndex = index < log.last ? index + 1 : 0;
    this.#nextPlace = entry.end;
    return true;
  }

  #readHeld(order: LogOrder, index: number, entry: LogEntry): void {
    putEntry(order.entry(index, this.#sealed), entry, this.#log.texts);
  }

  /** Reads a block for readers that wait for it; as `StateMachine.readHistory`. */
  readBlock(nowMs: number): boolean {
    return this.#orders.step(nowMs);
  }

  /** A sealed segment has changed. */
  forget(segment: number): void {
    this.#orders.forget(segment);
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
    const segment = this.#log.segmentOf(index);
    const order = this.#orders.held(segment, index);
    if (order !== undefined) {
      this.#readHeld(order, index, entry);
      return entry.site === site;
    }
    if (segment < this.#log.firstOpen) this.looks++;
    const run = this.#runIn(site, segment);
    if (run === undefined) return false;
    const place = run.before(index + 1);
    if (place === noPlace) return false;
    run.glance(place, entry);
    if (entry.index !== index) return false;
    run.read(place, entry);
    return true;
  }
}
