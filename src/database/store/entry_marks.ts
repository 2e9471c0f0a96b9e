/**
 * Entries that later entries say something of: that they were taken back, or that they were redacted.
 *
 * @module
 */

import type { PackedLog } from "./entry_log.ts";
import { hashOfNumber } from "./hash.ts";
import { IndexSet } from "./index_set.ts";
import { LogEntry, type LogPlace } from "./log_entry.ts";
import { Slots } from "./slots.ts";

/** Which entries are marked, each by one other entry. */
export class EntryMarks {
  readonly #log: PackedLog;
  /** The places of the entries that mark others. */
  readonly #slots: Slots;
  readonly #marked = new IndexSet();
  readonly #one = new LogEntry();
  readonly #other = new LogEntry();
  #size = 0;

  /** Those of entries of `log`. */
  constructor(log: PackedLog) {
    this.#log = log;
    this.#slots = new Slots((a, b) => this.#markedBy(a, this.#one) - this.#markedBy(b, this.#other));
  }

  /** How many entries are marked. */
  get size(): number {
    return this.#size;
  }

  /** The entry at `place` marks the one with the index `of`, which is not marked yet. */
  add(of: number, place: LogPlace): void {
    this.#size++;
    this.#marked.add(of);
    this.#slots.put(place, hashOfNumber(of));
  }

  /** Whether the entry with this index is marked. */
  has(of: number): boolean {
    return this.#marked.has(of);
  }

  /** The entry that marks the one with this index, or `noEntry`. */
  find(of: number): LogPlace {
    return this.#slots.find(hashOfNumber(of), (place) => this.#markedBy(place, this.#one) - of);
  }

  #markedBy(place: LogPlace, entry: LogEntry): number {
    this.#log.read(place, entry);
    return entry.of;
  }
}
