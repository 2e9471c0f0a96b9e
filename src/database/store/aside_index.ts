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
import { Slots } from "./slots.ts";

/** Explicit reports by what they say. */
export class AsideIndex {
  readonly #log: PackedLog;
  readonly #slots = new Slots((a, b) => this.#compare(a, b));
  readonly #entry = new LogEntry();
  readonly #other = new LogEntry();

  /** An index of the reports in `log`. */
  constructor(log: PackedLog) {
    this.#log = log;
  }

  /** Adds a report, which stands at `place`. */
  add(report: LogEntry, place: LogPlace): void {
    this.#slots.put(place, hashOfReport(report));
  }

  /** Where there is such a report of the same site that says the same, or {@link noEntry}. */
  find(report: LogEntry): LogPlace {
    return this.#slots.find(hashOfReport(report), (place) => this.#compareTo(place, report));
  }

  #compare(a: LogPlace, b: LogPlace): number {
    this.#log.read(b, this.#other);
    return this.#compareTo(a, this.#other);
  }

  #compareTo(place: LogPlace, report: LogEntry): number {
    this.#log.read(place, this.#entry);
    return compareReports(this.#entry, report);
  }
}

/** Whether two reports of a site say the same, whoever said it and whenever. */
export function saysTheSame(a: LogEntry, b: LogEntry): boolean {
  return a.observedAt === b.observedAt && a.availability === b.availability && a.unit === b.unit &&
    a.source.equals(b.source) && a.note.equals(b.note) && a.product.equals(b.product);
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
