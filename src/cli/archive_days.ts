/**
 * Which entries of the log stand in one file of an archive: a rule that depends on nothing but the log.
 *
 * A file has entries that follow each other. It has the day of its first entry, in UTC, and the entries of that day.
 * But clocks differ, so the times of recording do not only grow. An entry of the day before stays in the file, as
 * around midnight. An entry of another day stays, too, if the next one is again of the day of the file or the day
 * before: one clock that is wrong by a year makes no file. Otherwise, the entry begins the next file.
 *
 * So an entry has its place when the next one is known.
 *
 * @module
 */

const dayMs = 86_400_000;

/** When an entry was recorded, and what else its user wants to keep of it. */
interface Recorded {
  /** Milliseconds since 1970; 0: it is what a new database has, and has no day of its own. */
  readonly recordedAt: number;
}

/** An entry that has its place. */
export interface Placed<E> {
  readonly entry: E;
  /** Its day, if it begins a file; absent: it stands in the one of the entry before. */
  readonly begins?: string;
}

/** Puts entries into files. */
export class ArchiveDays<E extends Recorded> {
  /** The entry that has no place yet. */
  #pending: E | undefined;
  /** The number of the day of the file, from 1970. */
  #day: number | undefined;

  /** The day of the file that the last entry stands in, or will stand in; absent: there is none. */
  get day(): string | undefined {
    if (this.#day !== undefined) return dayText(this.#day);
    return this.#pending && dayText(numberOf(this.#pending));
  }

  /** Takes the next entry. Returns the one before, in its place; undefined: this is the first one. */
  take(next: E): Placed<E> | undefined {
    const pending = this.#pending;
    this.#pending = next;
    return pending && this.#place(pending, next);
  }

  /** No more entries come for now: the last one begins a file unless it stands in that of the one before. */
  end(): Placed<E> | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    const placed = pending && this.#place(pending, undefined);
    this.#day = undefined;
    return placed;
  }

  #place(entry: E, next: E | undefined): Placed<E> {
    if (this.#belongs(entry) || (next !== undefined && this.#day !== undefined && this.#belongs(next))) {
      return { entry };
    }
    this.#day = numberOf(entry.recordedAt === 0 && next !== undefined ? next : entry);
    return { entry, begins: dayText(this.#day) };
  }

  #belongs(entry: E): boolean {
    if (this.#day === undefined) return false;
    const day = numberOf(entry);
    return entry.recordedAt === 0 || day === this.#day || day === this.#day - 1;
  }
}

function numberOf({ recordedAt }: Recorded): number {
  return Math.floor(recordedAt / dayMs);
}

function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
