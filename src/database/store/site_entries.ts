/**
 * The entries of one or several sites, in the order of the log or against it, over all segments.
 *
 * It puts the entries of a segment together, of all sites, and then continues with the next segment. So a page that may
 * read only a few blocks gets ahead by a segment at least, however rare the entries are.
 *
 * @module
 */

import { entriesPerBlock } from "./block_budget.ts";
import type { PackedLog } from "./entry_log.ts";
import { LogEntry } from "./log_entry.ts";
import { noPlace, type RunPlace, type SiteRun } from "./site_run.ts";
import type { SiteHistory } from "./site_history.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";

/** Where an entry is. */
export interface FoundEntry {
  readonly run: SiteRun;
  readonly place: RunPlace;
}

/** A site on the way. */
interface WalkedSite {
  readonly site: SitePlace;
  /** The next segment that may have entries of it; 0, or more than all: none has. */
  next: number;
  /** The last segment that may have. */
  readonly last: number;
  /** The last old one that has. */
  readonly lastOld: number;
}

/** The next entry of a run, of several. */
interface Head {
  readonly run: SiteRun;
  place: RunPlace;
  index: number;
  /** The entries that follow, from the last one on, in the order of the log. */
  readonly places: RunPlace[];
}

/** Puts entries together. */
export class SiteEntries {
  readonly #table: SiteTable;
  readonly #log: PackedLog;
  readonly #history: SiteHistory;
  readonly #entry = new LogEntry();
  /**
   * How far it has come before the first entry: there is none up to this index. Against the order of the log: from this
   * index on.
   */
  reached = 0;

  /** Those of `history`, of the sites of `table`. */
  constructor(table: SiteTable, log: PackedLog, history: SiteHistory) {
    this.#table = table;
    this.#log = log;
    this.#history = history;
  }

  /**
   * The entries of sites before an index, the newest first.
   *
   * @param before 0: all.
   * @throws {endOfPage} @throws {crowdedHistory} if that needs too much of the old history.
   */
  *newestFirst(sites: readonly SitePlace[], before: number): Generator<FoundEntry, void, void> {
    const [log, history, table] = [this.#log, this.#history, this.#table];
    const bound = before === 0 ? log.last + 1 : Math.min(before, log.last + 1);
    this.reached = bound;
    const start = log.segmentOf(bound - 1);
    const members = sites.map((site) => this.#member(site));
    for (const member of members) {
      const { site, last, lastOld } = member;
      member.next = Math.min(last, start);
      // What the tail tells is for nothing: entries in it, or where those before it are.
      if (member.next <= log.lastOld) member.next = Math.min(lastOld, start);
      if (member.next < log.segmentOf(table.id(site))) member.next = 0;
    }
    for (;;) {
      const segment = members.reduce((most, { next }) => Math.max(most, next), 0);
      if (segment === 0) return;
      const heads: Head[] = [];
      for (const member of members) {
        if (member.next !== segment) continue;
        const run = history.runIn(member.site, segment);
        member.next = run?.segmentBefore ?? this.#below(member, segment);
        if (run === undefined) continue;
        const place = run.before(bound);
        if (place !== noPlace) heads.push({ run, place, index: this.#indexOf(run, place), places: [] });
      }
      yield* this.#merged(heads, segment, -1);
      this.reached = Math.min(bound, (segment - 1) * log.segmentEntries + 1);
    }
  }

  /**
   * The entries of sites after an index, the oldest first.
   *
   * @param most no more of them are needed.
   * @throws {endOfPage} @throws {crowdedHistory} if that needs too much of the old history.
   */
  *oldestFirst(sites: readonly SitePlace[], after: number, most: number): Generator<FoundEntry, void, void> {
    const [log, history, table] = [this.#log, this.#history, this.#table];
    this.reached = after;
    if (after >= log.last) return;
    const members = sites.map((site) => this.#member(site));
    for (const member of members) {
      member.next = Math.max(log.segmentOf(after + 1), log.segmentOf(table.id(member.site)));
    }
    for (;;) {
      let segment = Infinity;
      for (const member of members) {
        // After the last old segment that has the site, the tail is next.
        if (member.next > member.lastOld) member.next = Math.max(member.next, log.lastOld + 1);
        if (member.next <= member.last) segment = Math.min(segment, member.next);
      }
      if (segment === Infinity) return;
      const heads: Head[] = [];
      for (const member of members) {
        if (member.next !== segment) continue;
        const run = history.runIn(member.site, segment);
        member.next++;
        const places = run?.after(after, most) ?? [];
        const place = places.pop();
        if (run !== undefined && place !== undefined) {
          heads.push({ run, place, index: this.#indexOf(run, place), places });
        }
      }
      yield* this.#merged(heads, segment, 1);
      this.reached = Math.max(after, segment * log.segmentEntries);
    }
  }

  #member(site: SitePlace): WalkedSite {
    return { site, next: 0, last: this.#table.lastSegment(site), lastOld: this.#history.lastOldSegment(site) };
  }

  /** The next segment below one without entries of a site that may have some. */
  #below({ site, lastOld }: WalkedSite, segment: number): number {
    const { lastOld: end } = this.#log;
    const below = segment - 1 > end ? segment - 1 : Math.min(segment - 1, lastOld);
    return below < this.#log.segmentOf(this.#table.id(site)) ? 0 : below;
  }

  #indexOf(run: SiteRun, place: RunPlace): number {
    run.glance(place, this.#entry);
    return this.#entry.index;
  }

  /** Entries of a segment, from several runs. @param direction 1: in the order of the log; -1: against it. */
  *#merged(heads: Head[], segment: number, direction: number): Generator<FoundEntry, void, void> {
    const isOld = segment <= this.#log.lastOld;
    for (let count = 1; heads.length > 0; count++) {
      let first = heads[0];
      for (const head of heads) if (direction * (head.index - first.index) < 0) first = head;
      if (isOld && count % entriesPerBlock === 0) this.#history.budget.spend();
      yield first;
      first.place = direction < 0 ? first.run.previous(first.place) : first.places.pop() ?? noPlace;
      if (first.place === noPlace) heads = heads.filter((head) => head !== first);
      else if (heads.length > 1) first.index = this.#indexOf(first.run, first.place);
    }
  }
}
