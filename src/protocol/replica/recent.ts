/**
 * The last executed requests, for replicas that have missed them: newcomers that take a snapshot meanwhile, and
 * replicas that come back with their own data.
 *
 * @module
 */

import { followedBytesMax, recentBytesMax } from "../../limits.ts";
import type { ClientId } from "../../uid.ts";
import type { CarriedRequest, Position } from "../wire/records.ts";

/** What happened: a request was executed, or a view was installed. */
export type Happening =
  /** Its position is where it led to. */
  | Position & { readonly kind: "executed"; readonly request: CarriedRequest }
  | { readonly kind: "viewed"; readonly v: number; readonly expired: readonly ClientId[] };

/** Bytes that a request is counted with, besides its commands. */
export const requestBytes = 128;

/** The last happenings, each known by its number. */
export class Recent {
  readonly #isKept: boolean;
  #happenings: Happening[] = [];
  /** The number of the first one that is kept. */
  #first = 0;
  /** Where they begin. */
  #start: Position;
  #bytes = 0;
  /** Bytes of all that ever happened. */
  #allBytes = 0;
  /** Followers, each at the number of what it needs next. */
  readonly #cursors = new Set<Cursor>();

  /**
   * @param isKept whether to keep them for replicas that may come back; otherwise only while somebody follows.
   */
  constructor(start: Position, isKept: boolean) {
    this.#start = start;
    this.#isKept = isKept;
  }

  /** Whether anybody may want to know what happens. */
  get isWanted(): boolean {
    return this.#isKept || this.#cursors.size > 0;
  }

  /** The number of what happens next. */
  get end(): number {
    return this.#first + this.#happenings.length;
  }

  /** Begins again: the state was replaced. */
  restart(start: Position): void {
    this.#first = this.end;
    this.#happenings = [];
    this.#bytes = 0;
    this.#start = start;
  }

  /** Something happened; only to be told while {@link isWanted}. */
  add(happening: Happening): void {
    this.#happenings.push(happening);
    const bytes = bytesOf(happening);
    this.#bytes += bytes;
    this.#allBytes += bytes;
    const bytesMax = this.#cursors.size > 0 ? followedBytesMax : recentBytesMax;
    if (this.#bytes > bytesMax) this.#trim(bytesMax / 2);
  }

  /**
   * Drops halves, so that every event moves at most once. It keeps what a follower needs that clients wait for; the
   * credit of clients bounds that.
   */
  #trim(bytesLeft: number): void {
    let end = this.end;
    for (const { at, isKept } of this.#cursors) if (isKept) end = Math.min(end, at);
    const countMax = end - this.#first;
    if (countMax < this.#happenings.length / 2) return;
    let count = 0;
    while (this.#bytes > bytesLeft && count < countMax) {
      const happening = this.#happenings[count++];
      this.#bytes -= bytesOf(happening);
      this.#start = happening.kind === "executed" ? happening : { ...this.#start, v: happening.v };
    }
    this.#happenings.splice(0, count);
    this.#first += count;
  }

  /** Somebody follows from `at` on. `now`: where the replica is. */
  follow(at: number, now: Position): Cursor {
    // What happened while nobody wanted to know it is not kept: nobody can follow from a place before it.
    if (!this.isWanted) this.restart(now);
    let passedBytes = this.#allBytes;
    for (let number = at; number < this.end; number++) passedBytes -= bytesOf(this.#happenings[number - this.#first]);
    const cursor = { at, passedBytes, isKept: true };
    this.#cursors.add(cursor);
    return cursor;
  }

  /** A follower was sent what it needs next; returns the bytes of that. */
  advance(cursor: Cursor, happenings: readonly Happening[]): number {
    const bytes = happenings.reduce((sum, happening) => sum + bytesOf(happening), 0);
    cursor.at += happenings.length;
    cursor.passedBytes += bytes;
    return bytes;
  }

  /** Bytes of what happened that a follower was not sent. */
  bytesAfter({ passedBytes }: Cursor): number {
    return this.#allBytes - passedBytes;
  }

  /** Somebody follows no more. `now`: where the replica is. */
  leave(cursor: Cursor, now: Position): void {
    this.#cursors.delete(cursor);
    if (!this.isWanted) this.restart(now);
  }

  /**
   * The number of the first event that a replica at `position` needs; undefined if that is not kept any more. If the
   * other replica has executed something else there, this replica's own position at that place.
   */
  after({ v, requests, digest }: Position): number | Position | undefined {
    let reached = this.#start;
    if (!this.isWanted || requests < reached.requests || (requests === reached.requests && v < reached.v)) {
      return undefined;
    }
    let at = 0;
    for (; at < this.#happenings.length; at++) {
      const happening = this.#happenings[at];
      if (happening.kind === "viewed" ? happening.v > v : reached.requests === requests) break;
      reached = happening.kind === "executed" ? happening : { ...reached, v: happening.v };
    }
    if (reached.requests !== requests) return undefined;
    return reached.digest === digest ? this.#first + at : reached;
  }

  /** Whether all that happened from number `at` on is kept. */
  has(at: number): boolean {
    return at >= this.#first;
  }

  /** The events from number `at` on, up to this many bytes, or one if it is larger; undefined if it is not kept. */
  from(at: number, bytesMax: number): readonly Happening[] | undefined {
    if (!this.has(at)) return undefined;
    const start = at - this.#first;
    let end = start;
    for (let bytes = 0; end < this.#happenings.length && (bytes === 0 || bytes < bytesMax); end++) {
      bytes += bytesOf(this.#happenings[end]);
    }
    return this.#happenings.slice(start, end);
  }
}

/** Where a follower is. */
export interface Cursor {
  /** The number of what it needs next. */
  at: number;
  /** Bytes of all that is before it. */
  passedBytes: number;
  /** Whether that is kept, however much it becomes. */
  isKept: boolean;
}

function bytesOf(happening: Happening): number {
  return happening.kind === "executed" ? requestBytes + happening.request.commands.length : requestBytes;
}
