/**
 * The reads of a client: commands that change nothing. A node may answer them any number of times, so the client sends
 * each again until a node has answered it.
 *
 * @module
 */

import type { NodeMessageOf } from "../wire/node_messages.ts";
import { Backlog, batchOf, type Item } from "./backlog.ts";

/** Reads under way at a time; what is asked meanwhile travels together in the next ones. */
const readsUnderWayMax = 16;

/** Reads that travel together. */
interface ReadsUnderWay<T> {
  readonly items: readonly Item<T>[];
  readonly sentMs: number;
}

/** The reads of one client. */
export class CallerReads<T> {
  readonly #waiting = new Backlog<T>();
  // In the order in which they were sent.
  readonly #asked = new Map<number, ReadsUnderWay<T>>();
  #rid = 0;

  /** Whether each read has an outcome. */
  get isEmpty(): boolean {
    return this.#waiting.isEmpty && this.#asked.size === 0;
  }

  /** All that have no outcome. */
  get items(): readonly Item<T>[] {
    return [...this.#asked.values().flatMap(({ items }) => items), ...this.#waiting.items];
  }

  /** When the first was sent of those under way. */
  get oldestMs(): number {
    const [first] = this.#asked.values();
    return first?.sentMs ?? Infinity;
  }

  /** Takes a read in. */
  add(item: Item<T>): void {
    this.#waiting.push(item);
  }

  /** C11: what is to be sent now. @param firstUntold the first command that may change something and has no outcome. */
  *toSend(firstUntold: number, nowMs: number): Generator<NodeMessageOf<"ASK">> {
    while (this.#asked.size < readsUnderWayMax) {
      const items = this.#waiting.take(({ ordinal }) => ordinal <= firstUntold);
      if (items.length === 0) return;
      const rid = ++this.#rid;
      this.#asked.set(rid, { items, sentMs: nowMs });
      yield { kind: "ASK", rid, commands: batchOf(items) };
    }
  }

  /** The read of this number, if it is under way. */
  underWay(rid: number): readonly Item<T>[] | undefined {
    return this.#asked.get(rid)?.items;
  }

  /** It has an outcome. */
  settle(rid: number): void {
    this.#asked.delete(rid);
  }

  /** It is to be asked again. */
  again(rid: number): void {
    const items = this.#asked.get(rid)?.items ?? [];
    this.#asked.delete(rid);
    this.#waiting.putBack(items);
  }

  /** The link is lost: all are to be asked again. */
  unlinked(): void {
    for (const rid of [...this.#asked.keys()].toReversed()) this.again(rid);
  }

  /** Those of which `isMeant` is true have an outcome; those that wait are taken out. */
  remove(isMeant: (item: Item<T>) => boolean): readonly Item<T>[] {
    return [...this.#asked.values().flatMap(({ items }) => items).filter(isMeant), ...this.#waiting.remove(isMeant)];
  }

  /** Takes out all. */
  abandon(): readonly Item<T>[] {
    this.unlinked();
    return this.#waiting.remove(() => true);
  }
}
