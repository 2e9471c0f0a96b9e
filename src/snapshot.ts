/**
 * Snapshots: a state of any size as bytes, without a turn in which all of it is copied, written or read.
 *
 * A snapshot holds references to what later commands never change, and copies of the small rest. It becomes bytes piece
 * by piece, when somebody takes them. A reader gets the pieces one after the other, and does bounded work for each.
 *
 * @module
 */

import { ByteReader, DecodeError } from "./bytes.ts";
import type { SegmentRef } from "./history.ts";

/** A state at one moment, as bytes that are taken from front to back. How many there are may show only at the end. */
export interface Snapshot {
  /** About how many bytes the whole state has: how far somebody is who takes them, and nothing else. */
  readonly estimate: number;
  /**
   * What follows: bytes that are ready, or the end, which shows when they are taken; bytes that are awaited, since they
   * still come from elsewhere; or nothing, since all were taken.
   */
  readonly next: "ready" | "awaited" | "nothing";
  /**
   * The next bytes, `bytesMax` at most; whoever takes them must not change them. None where none are ready; the last
   * may be none as well.
   */
  take(bytesMax: number): Uint8Array;
}

/** Bytes that are there, or that are made when they are taken: always the same ones. */
export type Part = Uint8Array | { readonly length: number; bytes(): Uint8Array };

/** A snapshot that is made of parts. Some may still have to come from elsewhere. */
export class Parts implements Snapshot {
  readonly #parts: Part[] = [];
  readonly #awaited: number | undefined;
  #available = 0;
  #put = 0;
  #hasEnded: boolean;

  /**
   * @param parts nothing in them may change any more.
   * @param estimate about how many bytes these have and those that will come, until {@link end}; absent: none come.
   */
  constructor(parts: readonly Part[], estimate?: number) {
    this.#awaited = estimate;
    this.#hasEnded = estimate === undefined;
    for (const part of parts) this.#add(part);
  }

  get estimate(): number {
    return this.#hasEnded ? this.#put : Math.max(this.#put, this.#awaited ?? 0);
  }

  get next(): "ready" | "awaited" | "nothing" {
    if (this.#available > 0) return "ready";
    return this.#hasEnded ? "nothing" : "awaited";
  }

  /** Puts in what comes next; it must not be changed after that. */
  put(part: Part): void {
    this.#add(part);
  }

  /** Nothing more comes. */
  end(): void {
    this.#hasEnded = true;
  }

  #add(part: Part): void {
    this.#parts.push(part);
    this.#available += part.length;
    this.#put += part.length;
  }

  take(bytesMax: number): Uint8Array {
    const taken = new Uint8Array(Math.min(bytesMax, this.#available));
    let count = 0;
    for (let fill = 0; fill < taken.length; count++) {
      const bytes = bytesOf(this.#parts[count]);
      const some = bytes.subarray(0, taken.length - fill);
      taken.set(some, fill);
      fill += some.length;
      if (some.length === bytes.length) continue;
      this.#parts[count] = bytes.subarray(some.length);
      break;
    }
    this.#parts.splice(0, count);
    this.#available -= taken.length;
    return taken;
  }
}

function bytesOf(part: Part): Uint8Array {
  return part instanceof Uint8Array ? part : part.bytes();
}

/** A snapshot whose bytes are made when they are taken: nobody knows before how many they are. */
export class Made implements Snapshot {
  readonly estimate: number;
  readonly #pieces: Iterator<Uint8Array, void>;
  readonly #ended: () => void;
  #rest: Uint8Array = new Uint8Array(0);
  #hasEnded = false;

  /**
   * @param estimate about how many bytes come.
   * @param pieces makes them; each piece in a few microseconds, and a few KiB long.
   * @param ended is called when all were made.
   */
  constructor(estimate: number, pieces: Iterator<Uint8Array, void>, ended: () => void = () => {}) {
    this.estimate = estimate;
    this.#pieces = pieces;
    this.#ended = ended;
  }

  get next(): "ready" | "nothing" {
    return this.#hasEnded && this.#rest.length === 0 ? "nothing" : "ready";
  }

  take(bytesMax: number): Uint8Array {
    const some: Uint8Array[] = [];
    let left = bytesMax;
    while (left > 0) {
      if (this.#rest.length === 0 && !this.#make()) break;
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      some.push(piece);
      left -= piece.length;
    }
    return joined(some);
  }

  #make(): boolean {
    if (this.#hasEnded) return false;
    const { done, value } = this.#pieces.next();
    if (done) {
      this.#hasEnded = true;
      this.#ended();
      return false;
    }
    this.#rest = value;
    return true;
  }
}

/** Copies of pieces one after the other, as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let fill = 0;
  for (const piece of pieces) {
    all.set(piece, fill);
    fill += piece.length;
  }
  return all;
}

/** Snapshots one after the other, as one. */
export class Sequence implements Snapshot {
  readonly #snapshots: Snapshot[];
  /** Bytes of those that were taken whole. */
  #taken = 0;

  /** @param snapshots taken by nobody else. */
  constructor(snapshots: readonly Snapshot[]) {
    this.#snapshots = [...snapshots];
  }

  get estimate(): number {
    return this.#snapshots.reduce((sum, { estimate }) => sum + estimate, this.#taken);
  }

  get next(): "ready" | "awaited" | "nothing" {
    return this.#snapshots.find(({ next }) => next !== "nothing")?.next ?? "nothing";
  }

  take(bytesMax: number): Uint8Array {
    const some: Uint8Array[] = [];
    let left = bytesMax;
    for (let [first] = this.#snapshots; first !== undefined && left > 0; [first] = this.#snapshots) {
      if (first.next === "ready") {
        const bytes = first.take(left);
        some.push(bytes);
        left -= bytes.length;
      }
      if (first.next === "awaited") break;
      if (first.next === "nothing") {
        this.#taken += first.estimate;
        this.#snapshots.shift();
      }
    }
    return joined(some);
  }
}

/** Bytes that {@link allOf} takes at a time. */
const takenAtOnce = 1024 * 1024;

/** All of a snapshot that is ready and was not taken yet, in one piece. */
export function allOf(snapshot: Snapshot): Uint8Array {
  const pieces: Uint8Array[] = [];
  while (snapshot.next === "ready") pieces.push(snapshot.take(takenAtOnce));
  return joined(pieces);
}

/** A state that is being read. The former state stays until {@link Restoring.finish}, which need not ever be called. */
export interface Restoring {
  /**
   * Takes the next bytes; the work is bounded by how many they are.
   *
   * @throws {DecodeError} if they cannot be those of a state.
   */
  push(bytes: Uint8Array): void;

  /**
   * All bytes have come; the former state still stays.
   *
   * @returns the segments of the sealed history that the state names: all must be here before it is taken.
   * @throws {DecodeError} if the bytes are not a state.
   */
  whole(): readonly SegmentRef[];

  /**
   * All bytes have come: the state takes the place of the former one, at once.
   *
   * @throws {DecodeError} if the bytes are not a state; the former state then stays.
   */
  finish(): void;
}

/** Reads a state that is at hand in one piece. */
export function restoreAll(restoring: Restoring, bytes: Uint8Array): void {
  restoring.push(bytes);
  restoring.finish();
}

/** Reads a small state: it is gathered, and read whole at the end. */
export class Gathering implements Restoring {
  readonly #pieces: Uint8Array[] = [];
  readonly #restore: (bytes: Uint8Array) => void;
  readonly #named: (bytes: Uint8Array) => readonly SegmentRef[];

  /**
   * @param restore replaces the state by what the bytes say.
   * @param named reads which segments the bytes name; absent: none.
   */
  constructor(restore: (bytes: Uint8Array) => void, named: (bytes: Uint8Array) => readonly SegmentRef[] = () => []) {
    this.#restore = restore;
    this.#named = named;
  }

  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes.slice());
  }

  whole(): readonly SegmentRef[] {
    return this.#named(allOf(new Parts(this.#pieces)));
  }

  finish(): void {
    this.#restore(allOf(new Parts(this.#pieces)));
  }
}

/**
 * The length of a state that is all that follows, since it is written before anybody knows how long it is. States of
 * earlier versions say their length there, which is never 0.
 */
export const toTheEnd = 0;

/** Bytes that come piece by piece, for a generator that reads them and yields where it needs more. */
export class Feed {
  /** Reads what has come. */
  readonly reader: ByteReader = new ByteReader(new Uint8Array(0));
  #hasEnded = false;

  /** Whether nothing more comes. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** More has come. */
  push(bytes: Uint8Array): void {
    const { remaining } = this.reader;
    if (remaining === 0) return this.reader.begin(bytes, 0, bytes.length);
    const all = new Uint8Array(remaining + bytes.length);
    all.set(this.reader.view(remaining));
    all.set(bytes, remaining);
    this.reader.begin(all, 0, all.length);
  }

  /** Nothing more comes. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Yields until that many bytes are there, or all that come. */
  *need(count: number): Generator<void, void> {
    while (this.reader.remaining < count && !this.#hasEnded) yield;
  }

  /** What `read` reads; yields while that needs more bytes. It is tried again when there are twice as many. */
  *attempt<T>(read: (reader: ByteReader) => T): Generator<void, T> {
    for (let tried = 0;; tried = this.reader.remaining) {
      yield* this.need(2 * tried + 1);
      const bytes = this.reader.view(this.reader.remaining);
      const reader = new ByteReader(bytes);
      try {
        const value = read(reader);
        this.reader.begin(bytes, reader.position, bytes.length);
        return value;
      } catch (error) {
        if (this.#hasEnded || !(error instanceof DecodeError)) throw error;
        this.reader.begin(bytes, 0, bytes.length);
      }
    }
  }

  /**
   * Passes the next bytes on to another state.
   *
   * @param length how many: {@link toTheEnd}, or as many as it says.
   */
  *pass(length: number, state: Restoring): Generator<void, void> {
    for (let left = length === toTheEnd ? Infinity : length; left > 0;) {
      yield* this.need(1);
      if (left === Infinity && this.reader.remaining === 0) return;
      const some = yield* this.some(left);
      state.push(some);
      left -= some.length;
    }
  }

  /** The next bytes that are there, `bytesMax` at most and one at least; yields while there are none. */
  *some(bytesMax: number): Generator<void, Uint8Array> {
    yield* this.need(1);
    if (this.reader.remaining === 0) throw new DecodeError("the bytes end too early");
    return this.reader.view(Math.min(bytesMax, this.reader.remaining));
  }
}

/** A state that is read by a generator. */
export class Reading<T> implements Restoring {
  readonly #feed = new Feed();
  readonly #steps: Generator<void, T>;
  readonly #finish: (read: T) => void;
  readonly #named: (read: T) => readonly SegmentRef[];
  #result: IteratorResult<void, T> = { done: false, value: undefined };

  /**
   * @param steps reads, and yields where it needs more bytes.
   * @param finish is given what was read, and replaces the state by it.
   * @param named says which segments it names; absent: none.
   */
  constructor(
    steps: (feed: Feed) => Generator<void, T>,
    finish: (read: T) => void,
    named: (read: T) => readonly SegmentRef[] = () => [],
  ) {
    this.#steps = steps(this.#feed);
    this.#finish = finish;
    this.#named = named;
  }

  push(bytes: Uint8Array): void {
    this.#feed.push(bytes);
    this.#go();
  }

  whole(): readonly SegmentRef[] {
    return this.#named(this.#all());
  }

  finish(): void {
    this.#finish(this.#all());
  }

  #all(): T {
    this.#feed.end();
    this.#go();
    if (!this.#result.done) throw new DecodeError("the bytes end too early");
    this.#feed.reader.end();
    return this.#result.value;
  }

  #go(): void {
    if (!this.#result.done) this.#result = this.#steps.next();
  }
}
