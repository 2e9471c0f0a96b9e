/**
 * Which entries of the log brought an arrival, in a byte for each entry.
 *
 * @module
 */

import { type Absence, absences } from "../alerts/arrivals.ts";

/** Entries that there is room for at first: the list grows twofold. */
const entriesMin = 1_024;

/** The list. */
export class ArrivalList {
  /** For each entry 0, or if it brought an arrival the place of what there was before in {@link absences}, from 1. */
  #bytes = new Uint8Array(entriesMin);

  /** Notes what there was before an entry; undefined: it brought no arrival. */
  note(index: number, was: Absence | undefined): void {
    if (was === undefined) return;
    if (index >= this.#bytes.length) {
      const grown = new Uint8Array(2 * index);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[index] = absences.indexOf(was) + 1;
  }

  /** What there was before an entry; undefined: it brought no arrival, or is not here yet. */
  at(index: number): Absence | undefined {
    return absences[(this.#bytes[index] ?? 0) - 1];
  }
}
