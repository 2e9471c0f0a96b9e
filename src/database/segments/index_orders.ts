/**
 * Sealed segments in the order of the log, for all who watch the old history.
 *
 * Two segments are held at a time, and all who read the same one share it. A segment is read block by block, one in
 * each step; who wants an entry of it asks again after each. So a turn is short, and memory has a bound, however many
 * watchers there are.
 *
 * Segments are read in the order in which somebody has asked for them. One that is held gives way to another one that
 * somebody waits for, but not at once: it is read for as long as a segment takes to send. So watchers at many places
 * take turns, and each gets ahead by about a segment whenever it has read one.
 *
 * @module
 */

import { segmentKinds, UnreadableError } from "../../history.ts";
import { reasonOf } from "../../reason.ts";
import { IndexOrder } from "./index_order.ts";
import type { SegmentReader } from "./segment_reader.ts";

/** Segments that are held: one that is given to watchers, and the next one. */
const heldMax = 2;

/** Milliseconds for which a segment that was read is held, although others wait: a watcher gets most of it in less. */
const heldMs = 1_000;

/** Milliseconds after which it gives way because nobody has asked for it. A watcher asks again in less. */
const idleMs = 100;

/** A segment that is held. */
interface Held {
  readonly number: number;
  readonly order: IndexOrder;
  /** When its last block was read; undefined: more are to be read. */
  readAt: number | undefined;
  /** When somebody asked for it last. */
  askedAt: number;
}

/** Segments in the order of the log. */
export class IndexOrders {
  readonly #reader: SegmentReader;
  #held: readonly Held[] = [];
  /** Segments that are waited for, in the order in which somebody first asked. */
  readonly #waiting = new Set<number>();
  /** Those that somebody has asked for since the last step. */
  readonly #asked = new Set<number>();
  /** A segment that nobody has asked for, but soon may. */
  #next: number | undefined;
  /** Why a segment cannot be read, until somebody hears of it. */
  readonly #failed = new Map<number, UnreadableError>();

  /** Nothing is held. @param reader gives footers and packed blocks. */
  constructor(reader: SegmentReader) {
    this.#reader = reader;
  }

  /**
   * A segment in the order of the log; undefined: it is not read yet, and {@link step} reads it.
   *
   * @param next the segment that may be wanted after it, if there is one.
   * @throws {UnreadableError} if it cannot be read; it is tried again when somebody asks again.
   */
  find(number: number, next?: number): IndexOrder | undefined {
    const failure = this.#failed.get(number);
    if (failure !== undefined) {
      this.#failed.delete(number);
      throw failure;
    }
    this.#asked.add(number);
    const held = this.#held.find((each) => each.number === number);
    if (held?.readAt !== undefined) {
      this.#next = next;
      return held.order;
    }
    if (held === undefined) this.#waiting.add(number);
    return undefined;
  }

  /** A segment that is held and read; undefined: it is not, and nobody has asked for it. */
  held(number: number): IndexOrder | undefined {
    const held = this.#held.find((each) => each.number === number);
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
    for (const held of this.#held) if (asked.has(held.number)) held.askedAt = nowMs;
    for (const number of waiting) if (!asked.has(number)) waiting.delete(number);
    if (waiting.size > 0) this.#held = this.#held.filter((each) => each.readAt !== undefined || asked.has(each.number));
    asked.clear();
  }

  /** Begins with the next segment, if there is one, and room for it. */
  #begin(nowMs: number): Held | undefined {
    const [waited] = this.#waiting;
    const number = waited ?? this.#next;
    if (number === undefined || this.#held.some((held) => held.number === number)) return undefined;
    if (this.#held.length === heldMax) {
      const given = this.#leastWanted(nowMs, waited !== undefined);
      if (given === undefined) return undefined;
      this.#held = this.#held.filter((held) => held !== given);
    }
    this.#waiting.delete(number);
    this.#next = undefined;
    try {
      const held = { number, order: new IndexOrder(this.#reader.segment(number)), readAt: undefined, askedAt: nowMs };
      this.#held = [...this.#held, held];
      return held;
    } catch (error) {
      this.#fail(number, error);
      return this.#begin(nowMs);
    }
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
