/**
 * When entries were recorded, about: so the entries themselves tell only how much earlier or later it was.
 *
 * The footer has the time of every 64th entry in the order of the log. Between two of them, time is taken to pass
 * evenly. Clocks of clients differ, so no order of the times is taken for granted.
 *
 * @module
 */

import { type ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { timeMsMax } from "../../limits.ts";
import { checked, folded, unfolded } from "./columns.ts";

/** Entries from one anchor to the next: a power of 2, so that the division is exact. */
const anchorEntries = 64;

/** The anchors of a segment. */
export class Anchors {
  readonly #times: Float64Array;

  /** Those of `count` entries, without times yet. */
  constructor(count: number) {
    this.#times = new Float64Array(Math.ceil(count / anchorEntries));
  }

  /**
   * Takes the time of an entry in, if it is an anchor.
   *
   * @param offset how many entries of the segment come before it.
   */
  take(offset: number, recordedAt: number): void {
    if (offset % anchorEntries === 0) this.#times[offset / anchorEntries] = recordedAt;
  }

  /** About when an entry was recorded, in ms since 1970: a whole number. */
  at(offset: number): number {
    const times = this.#times;
    const beyond = offset % anchorEntries;
    const anchor = (offset - beyond) / anchorEntries;
    const time = times[anchor];
    if (beyond === 0 || anchor + 1 === times.length) return time;
    return time + Math.floor((times[anchor + 1] - time) * beyond / anchorEntries);
  }

  /** Writes them: differences, each from the one before. */
  write(writer: ByteWriter): void {
    let before = 0;
    for (const time of this.#times) {
      writer.varint(folded(time - before));
      before = time;
    }
  }

  /** Reads those of as many entries. @throws {DecodeError} if there are none. */
  read(reader: ByteReader): void {
    const times = this.#times;
    if (times.length > reader.remaining) throw new DecodeError(`${times.length} anchors are not there`);
    let before = 0;
    for (let at = 0; at < times.length; at++) {
      before = times[at] = checked(before + unfolded(reader.varint()), timeMsMax, "an anchor");
    }
  }
}
