/**
 * Reads all sealed history again and again, since a disk tells of damage only when it is read.
 *
 * It has no clock and no timer: the caller says what time it is, and is told when the next step is due.
 *
 * @module
 */

import type { SegmentPlace } from "../history.ts";
import type { HistoryStore } from "./history_store.ts";

/** Milliseconds in which all history is read: one week. */
export const scrubMs: number = 7 * 24 * 60 * 60 * 1000;

/** Bytes that are read in a second, at most: a disk that turns gives fifty times as many. */
export const scrubBytesPerSecond = 2_000_000;

/** Milliseconds until it looks again whether there is any history. */
const emptyMs = 60_000;

/** Reads history in steps: a footer or a block each, so none takes longer than a read. */
export class Scrub {
  readonly #store: HistoryStore;
  #begunAt: number;
  /** Bytes that were read of those that are to be read in this round. */
  #read = 0;
  /** The segments that are left in this round, the next one last. */
  #left: SegmentPlace[] = [];
  #place: SegmentPlace | undefined;
  #digest = "";
  /** The next part of the segment. */
  #part: number | "file" = "file";
  #rounds = 0;

  /**
   * Begins a round.
   *
   * @param now the time, in ms, from any moment on.
   * @param from with which of the segments it begins, from 0 to 1: a process that is restarted every day would
   * otherwise never come to the last ones.
   */
  constructor(store: HistoryStore, now: number, from = 0) {
    this.#store = store;
    this.#begunAt = now;
    this.#fill(from);
  }

  /** How many rounds have ended. */
  get rounds(): number {
    return this.#rounds;
  }

  #fill(from: number): void {
    const { named } = this.#store;
    const first = Math.floor(from * named.length);
    this.#left = [...named.slice(first), ...named.slice(0, first)].reverse();
    this.#read = 0;
  }

  /**
   * Does the next step. Damage is noted in the store.
   *
   * @param now the time, in ms; later steps catch up with those that were called too late.
   * @returns when the next step is due.
   * @throws {StorageError} if the system refuses a read; the same step may be tried later.
   */
  step(now: number): number {
    if (this.#place === undefined && !this.#next()) return this.#endRound(now);
    const bytes = this.#check(this.#place!);
    this.#read += bytes;
    const all = Math.max(this.#store.bytes, this.#read);
    const evenly = all === 0 ? now : this.#begunAt + scrubMs * this.#read / all;
    return Math.max(evenly, now + 1000 * bytes / scrubBytesPerSecond);
  }

  /** Comes to the next segment. Returns whether there is one. */
  #next(): boolean {
    this.#place = this.#left.pop();
    this.#part = "file";
    return this.#place !== undefined;
  }

  #check(place: SegmentPlace): number {
    const found = this.#store.find(place);
    if (found === undefined) {
      // Another state has taken the place of the one that named it.
      this.#place = undefined;
      return 0;
    }
    const digest = found.digest.toHex();
    // It was redacted meanwhile: its blocks are other ones.
    if (this.#part !== "file" && digest !== this.#digest) this.#part = "file";
    const { bytes, blocks } = this.#store.check(place, this.#part);
    this.#digest = digest;
    this.#part = this.#part === "file" ? 0 : this.#part + 1;
    // Blocks behind a damaged one are read all the same. Without a footer, none can be.
    if (this.#part >= blocks) this.#place = undefined;
    return bytes;
  }

  #endRound(now: number): number {
    if (this.#store.named.length > 0) this.#rounds++;
    // The next round begins a week after this one did, or now.
    const due = this.#store.named.length === 0 ? now + emptyMs : Math.max(now, this.#begunAt + scrubMs);
    this.#begunAt = due;
    this.#fill(0);
    return due;
  }
}
