/**
 * Sealed segments in the order of the log, for all who watch the old history.
 *
 * Two segments are held at a time, and all who read the same one share it. A segment is read block by block, one in
 * each step; who wants an entry of it asks again after each. So a turn is short, and memory has a bound, however many
 * watchers there are. A segment of very long texts is read in parts, each of which takes the place of a segment.
 *
 * Segments are read in the order in which somebody has asked for them. One that is held gives way to another one that
 * somebody waits for, but not at once: it is read for as long as a segment takes to send. So watchers at many places
 * take turns, and each gets ahead by about a segment whenever it has read one.
 *
 * @module
 */

import { segmentKinds, UnreadableError } from "../../history.ts";
import { reasonOf } from "../../reason.ts";
import { IndexOrder, type LogOrder } from "./index_order.ts";
import { IndexWindow } from "./index_window.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import type { SegmentReader } from "./segment_reader.ts";

/** Segments that are held: one that is given to watchers, and the next one. */
const heldMax = 2;

/** Milliseconds for which a segment that was read is held, although others wait: a watcher gets most of it in less. */
const heldMs = 1_000;

/** Milliseconds after which it gives way because nobody has asked for it. A watcher asks again in less. */
const idleMs = 100;

/** Unpacked bytes of a segment that is held as a whole, at most: usual ones have about 10 MiB. */
const wholeBytesMax = 64 * 2 ** 20;

/** Unpacked bytes of the entries that are held of a larger one, about. */
const partBytes = 8 * 2 ** 20;

/** A segment, or a part of one, that is held. */
interface Held {
  readonly number: number;
  readonly order: LogOrder;
  /** Whether somebody has asked for it since the last step. */
  isAsked: boolean;
  /** When its last block was read; undefined: more are to be read. */
  readAt: number | undefined;
  /** When somebody asked for it last. */
  askedAt: number;
}

/** Segments in the order of the log. */
export class IndexOrders {
  readonly #reader: SegmentReader;
  readonly #wholeBytesMax: number;
  readonly #partBytes: number;
  #held: readonly Held[] = [];
  /** Segments that are waited for, in the order in which somebody first asked: for which entry. */
  readonly #waiting = new Map<number, number>();
  /** Those that somebody has asked for since the last step. */
  readonly #asked = new Set<number>();
  /** A segment that nobody has asked for, but soon may; and only if that can be held as a whole. */
  #next: number | undefined;
  /** Why a segment cannot be read, until somebody hears of it. */
  readonly #failed = new Map<number, UnreadableError>();

  /**
   * Nothing is held.
   *
   * @param reader gives footers and packed blocks.
   * @param bytes what is held, at most; less only in tests.
   */
  constructor(reader: SegmentReader, bytes = { whole: wholeBytesMax, part: partBytes }) {
    this.#reader = reader;
    this.#wholeBytesMax = bytes.whole;
    this.#partBytes = bytes.part;
  }

  /**
   * A segment in the order of the log, or a part of it that has an entry; undefined: it is not read yet, and
   * {@link step} reads it.
   *
   * @param index that of the entry.
   * @param next the segment that may be wanted after it, if there is one.
   * @throws {UnreadableError} if it cannot be read; it is tried again when somebody asks again.
   */
  find(number: number, index: number, next?: number): LogOrder | undefined {
    const failure = this.#failed.get(number);
    if (failure !== undefined) {
      this.#failed.delete(number);
      throw failure;
    }
    this.#asked.add(number);
    const held = this.#heldWith(number, index);
    if (held !== undefined) held.isAsked = true;
    if (held?.readAt !== undefined) {
      this.#next = next;
      return held.order;
    }
    if (held === undefined && !this.#waiting.has(number)) this.#waiting.set(number, index);
    return undefined;
  }

  #heldWith(number: number, index: number): Held | undefined {
    return this.#held.find((each) => each.number === number && each.order.has(index));
  }

  /** The same of what is held and read already. Nobody has asked for it. */
  held(number: number, index: number): LogOrder | undefined {
    const held = this.#heldWith(number, index);
    return held?.readAt === undefined ? undefined : held.order;
  }

  /** Forgets a segment that has changed. */
  forget(number: number): void {
    this.#held = this.#held.filter((each) => each.number !== number);
  }

  /**
   * Reads a block, if somebody waits for one.
   *
   * @param nowMs what time it is, by a clock that only goes forward.
   * @returns whether it has; if not, there is nothing to do before somebody asks, or time passes.
   */
  step(nowMs: number): boolean {
    this.#note(nowMs);
    const held = this.#held.find(({ readAt }) => readAt === undefined) ?? this.#begin(nowMs);
    if (held === undefined) return false;
    const { number, order } = held;
    try {
      order.take(this.#reader.packed({ kind: segmentKinds.entries, number }, order.needs!));
    } catch (error) {
      this.#fail(number, error);
      return true;
    }
    if (order.needs === undefined) held.readAt = nowMs;
    return true;
  }

  /** Notes what was asked for since the last step. A watcher that has gone does not wait any more. */
  #note(nowMs: number): void {
    const [asked, waiting] = [this.#asked, this.#waiting];
    if (asked.size === 0) return;
    for (const number of waiting.keys()) if (!asked.has(number)) waiting.delete(number);
    if (waiting.size > 0) this.#held = this.#held.filter((each) => each.readAt !== undefined || each.isAsked);
    for (const held of this.#held) {
      if (held.isAsked) held.askedAt = nowMs;
      held.isAsked = false;
    }
    asked.clear();
  }

  /** Begins with the next segment, if there is one, and room for it. */
  #begin(nowMs: number): Held | undefined {
    const [waited] = this.#waiting;
    const number = waited?.[0] ?? this.#next;
    if (number === undefined) return undefined;
    const given = this.#held.length < heldMax ? undefined : this.#leastWanted(nowMs, waited !== undefined);
    if (given === undefined && this.#held.length === heldMax) return undefined;
    this.#waiting.delete(number);
    this.#next = undefined;
    try {
      const segment = this.#reader.segment(number);
      const index = waited?.[1] ?? segment.first;
      if (this.#heldWith(number, index) !== undefined) return undefined;
      const order = this.#orderOf(segment, index);
      const held = { number, order, isAsked: false, readAt: undefined, askedAt: nowMs };
      this.#held = [...this.#held.filter((each) => each !== given), held];
      return held;
    } catch (error) {
      this.#fail(number, error);
      return this.#begin(nowMs);
    }
  }

  #orderOf(segment: SealedSegment, index: number): LogOrder {
    let bytes = 0;
    for (let block = 0; block < segment.blocks; block++) bytes += segment.bytesOf(block);
    if (bytes <= this.#wholeBytesMax) return new IndexOrder(segment);
    return new IndexWindow(segment, index, Math.ceil(segment.count * this.#partBytes / bytes));
  }

  /** The segment that gives way. @param isWaitedFor whether somebody waits for the one that takes its place. */
  #leastWanted(nowMs: number, isWaitedFor: boolean): Held | undefined {
    const mayGo = this.#held.filter(({ readAt, askedAt }) =>
      readAt !== undefined && (nowMs - askedAt >= idleMs || (isWaitedFor && nowMs - readAt >= heldMs))
    );
    return mayGo.sort((a, b) => a.askedAt - b.askedAt || a.readAt! - b.readAt!)[0];
  }

  #fail(number: number, error: unknown): void {
    this.forget(number);
    this.#waiting.delete(number);
    this.#failed.set(number, new UnreadableError(reasonOf(error), { cause: error }));
  }
}
