/**
 * A log up to one of its entries, built from all entries in their order.
 *
 * Nothing of what came after that entry is left: a report that was taken back later is there again, and a site has the
 * name, the document and the sources that it had. Only a redaction is for ever. One that came later, of an entry that
 * stays, is added behind the last entry. So a note that was removed is nowhere, and every copy of the state says why.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";
import { entryKinds } from "../wire/entries.ts";
import { LogEntry } from "./log_entry.ts";
import type { SiteLog } from "./site_log.ts";

/** The clock of sealed history gains that much with each step, so what was read makes room for what is next. */
const stepMs = 1_000;

/** Entries that are read or made in one step. */
const entriesPerStep = 512;

/** The entries of a log in their order, however the log is kept. */
export interface EntriesInOrder {
  /** The index of the last one. */
  readonly last: number;
  /**
   * Reads the next one, of which there must be one; the first one first. Its texts are views, good for ever, and its
   * document is there.
   *
   * @returns false: something had to be read before it; ask once more.
   */
  read(entry: LogEntry): boolean;
}

/** Those of all sites, sealed or not. */
export class LogInOrder implements EntriesInOrder {
  readonly last: number;
  readonly #sites: SiteLog;
  #next = 1;
  #steps = 0;

  /** All entries that the log has now. */
  constructor(sites: SiteLog) {
    this.last = sites.log.last;
    this.#sites = sites;
    sites.history.beginReading();
  }

  read(entry: LogEntry): boolean {
    const { history, documents } = this.#sites;
    if (!history.readIndex(this.#next, entry)) {
      // Nobody else reads this log, so each step may come in a time of its own.
      history.readBlock(stepMs * ++this.#steps);
      history.beginReading();
      return false;
    }
    this.#next++;
    const { documentNumber } = entry;
    if (entry.kind === entryKinds.documented && documentNumber !== 0) {
      const document = documents.read(documentNumber, entry.documentLength);
      entry.document.set(document, 0, document.length);
      entry.documentNumber = 0;
    }
    return true;
  }
}

/** Where a log is to end: with an entry, or with the last one before the first that was recorded after a time. */
export type Until =
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "time"; readonly time: number };

/** An entry, by what tells when it was. */
export interface EntryTime {
  /** Its index. */
  readonly index: number;
  /** When it was recorded, in ms since 1970. */
  readonly recordedAt: number;
}

/** The end that was looked for. */
export interface LogEnd {
  /** The last entry. */
  readonly last: EntryTime;
  /** The one after it; absent: the log has no more. */
  readonly next?: EntryTime;
  /** How many entries after it were recorded no later than the time that was wanted; of an index, 0. */
  readonly earlierAfter: number;
}

/**
 * Finds the entry to end with, in short steps. An index beyond the log gives the end of the log, and one below 1 the
 * first entry. Each step gives the index that it has come to.
 */
export function* findEnd(entries: EntriesInOrder, until: Until): Generator<number, LogEnd> {
  const entry = new LogEntry();
  let last: EntryTime = { index: 0, recordedAt: 0 };
  let next: EntryTime | undefined;
  let earlierAfter = 0;
  for (let index = 1; index <= entries.last; index++) {
    while (!entries.read(entry)) yield index;
    const { recordedAt } = entry;
    const isWanted = until.kind === "index" ? index <= until.index : recordedAt <= until.time;
    if (next === undefined && (isWanted || index === 1)) last = { index, recordedAt };
    else {
      next ??= { index, recordedAt };
      if (until.kind === "index") break;
      if (isWanted) earlierAfter++;
    }
    if (index % entriesPerStep === 0) yield index;
  }
  return { last, ...next === undefined ? {} : { next }, earlierAfter };
}

/**
 * Builds the log up to an entry, in short steps. Each gives the index that it has come to.
 *
 * @param sites takes the entries; it has none yet.
 * @param last the index of the entry, from 1 to that of the last one.
 * @returns how many redactions were added behind it.
 * @throws {DecodeError} if the log is too full for it.
 */
export function* rewinding(entries: EntriesInOrder, sites: SiteLog, last: number): Generator<number, number> {
  const entry = new LogEntry();
  const record = () => {
    if (!sites.hasRoom(entry)) throw new DecodeError("the log has no room for what was redacted later");
    sites.recordInOrder(entry);
  };
  /** Redactions that were added: by the index that they had, the one that they have. */
  const added = new Map<number, number>();
  for (let index = 1; index <= entries.last; index++) {
    while (!entries.read(entry)) yield index;
    if (index <= last) record();
    else if (entry.kind === entryKinds.redacted) {
      const of = entry.of <= last ? entry.of : added.get(entry.of);
      if (of !== undefined) {
        entry.of = of;
        record();
        added.set(index, sites.log.last);
      }
    }
    if (index % entriesPerStep === 0) yield index;
  }
  return added.size;
}
