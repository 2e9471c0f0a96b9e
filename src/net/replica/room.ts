/**
 * Whether the disk of a replica has room for changes (rule D9).
 *
 * A replica that waited until its disk is full would have to end, since it says only what is on its disk. So it takes
 * no changes from where little room is left. The rest is for all that it must write nevertheless: requests that are
 * under way, ends of views, and pages that move from the log into the file.
 *
 * @module
 */

import { amountOf } from "../../history_words.ts";
import type { DiskFigures } from "./history_turns.ts";

/** Room for what must be written, at most: far more than clients have under way. */
const spareBytesMax = 256 * 1024 * 1024;

/** Room for it on a small disk: a log of 4 MiB for each of a few replicas. */
const spareBytesMin = 16 * 1024 * 1024;

/** The share of a disk that is kept free for it between those two; and the largest share of a tiny one. */
const spareShare = 0.05;
const spareShareMax = 0.25;

/** There is enough again with this many times as much: what a moment frees must not let everybody in. */
const enoughAgain = 1.25;

/** Milliseconds between two looks at the disk: others may fill it with two gigabytes a second. */
const lookMs = 20;

/** Bytes of a disk of that size below which a replica takes no changes. */
export function spareBytes(diskBytes: number): number {
  const spare = Math.min(spareBytesMax, Math.max(spareBytesMin, spareShare * diskBytes));
  return Math.floor(Math.min(spare, spareShareMax * diskBytes));
}

/** Looks at the room of a disk. */
export class Room {
  readonly #figures: () => DiskFigures | undefined;
  #lookedAt = -Infinity;
  /** Whether there is too little for changes. */
  isShort = false;

  /** @param figures asks the disk; gives undefined if nobody says. */
  constructor(figures: () => DiskFigures | undefined) {
    this.#figures = figures;
  }

  /**
   * Looks, unless it has just done so; `now` is in milliseconds.
   *
   * @returns a sentence for the owner of the disk if there is too little now, or enough again; undefined: nothing has
   *   changed.
   */
  look(now: number): string | undefined {
    if (now - this.#lookedAt < lookMs) return undefined;
    this.#lookedAt = now;
    const figures = this.#figures();
    if (figures === undefined || figures.diskBytes === 0) return undefined;
    const { freeBytes, diskBytes } = figures;
    const spare = spareBytes(diskBytes);
    const isShort = freeBytes < (this.isShort ? enoughAgain * spare : spare);
    if (isShort === this.isShort) return undefined;
    this.isShort = isShort;
    return isShort
      ? `The disk has ${amountOf(freeBytes)} left, and below ${amountOf(spare)} this replica takes no changes. ` +
        "It answers reads, and continues when there is room again: make room"
      : `The disk has ${amountOf(freeBytes)} left again: this replica takes changes`;
  }
}
