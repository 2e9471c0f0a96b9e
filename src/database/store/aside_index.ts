/**
 * The explicit reports that brought no newer observation than the site had, found by what they say.
 *
 * They are in the chain of their site where they came, not where their observation belongs, so that no order leads to
 * them. A feed that is imported in the order of its observations has none.
 *
 * @module
 */

import type { PackedLog } from "./entry_log.ts";
import { hashOf, hashOfNumber, mixed } from "./hash.ts";
import { LogEntry, type LogPlace } from "./log_entry.ts";
import type { Retractions } from "./retractions.ts";
import { Slots } from "./slots.ts";

/** Explicit reports by what they say. */
export class AsideIndex {
  readonly #log: PackedLog;
  readonly #retractions: Retractions;
  readonly #slots = new Slots((a, b) => this.#compare(a, b));
  readonly #entry = new LogEntry();
  readonly #other = new LogEntry();

  /** An index of the reports in `log`, of which some were taken back. */
  constructor(log: PackedLog, retractions: Retractions) {
    this.#log = log;
    this.#retractions = retractions;
  }

  /** Adds a report, which stands at `place`. */
  add(report: LogEntry, place: LogPlace): void {
    this.#slots.put(place, hashOfReport(report));
  }

  /** The entry at `place` will say something else, which nobody reports. */
  forget(place: LogPlace): void {
    this.#slots.forget(place);
  }

  /** Where there is such a report of the same site that says the same and was not taken back, or {@link noEntry}. */
  find(report: LogEntry): LogPlace {
    return this.#slots.find(hashOfReport(report), (place) => this.#compareTo(place, report));
  }

  /** Those that say the same are in the order in which they came: each but the last one was taken back. */
  #compare(a: LogPlace, b: LogPlace): number {
    this.#log.read(a, this.#entry);
    this.#log.read(b, this.#other);
    return compareReports(this.#entry, this.#other) || this.#entry.index - this.#other.index;
  }

  #compareTo(place: LogPlace, report: LogEntry): number {
    const entry = this.#entry;
    this.#log.read(place, entry);
    return compareReports(entry, report) || (this.#retractions.has(entry.index) ? -1 : 0);
  }
}

/** Whether two reports say the same, except their texts. */
export function saysTheSameNumbers(a: LogEntry, b: LogEntry): boolean {
  return a.observedAt === b.observedAt && a.availability === b.availability && a.unit === b.unit;
}

/** Whether two reports of a site say the same, whoever said it and whenever. */
export function saysTheSame(a: LogEntry, b: LogEntry): boolean {
  return saysTheSameNumbers(a, b) && a.source.equals(b.source) && a.note.equals(b.note) && a.product.equals(b.product);
}

/** An order of reports in which two are the same only if they are of one site and say the same. */
function compareReports(a: LogEntry, b: LogEntry): number {
  return a.site - b.site || a.observedAt - b.observedAt || a.availability - b.availability || a.unit - b.unit ||
    a.source.compare(b.source) || a.note.compare(b.note) || a.product.compare(b.product);
}

function hashOfReport({ site, observedAt, availability, unit, source, note }: LogEntry): number {
  let hash = mixed(hashOfNumber(observedAt), site);
  hash = mixed(hash, mixed(hashOfNumber(availability), unit));
  hash = mixed(hash, hashOf(source.bytes, source.start, source.end));
  return mixed(hash, hashOf(note.bytes, note.start, note.end));
}
