/**
 * What holds of sealed segments in the order of the log, for several who read them at once.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { SegmentPlace } from "../../../src/history.ts";
import type { IndexOrders } from "../../../src/database/segments/index_orders.ts";
import { nothingSealed, type SegmentReader } from "../../../src/database/segments/segment_reader.ts";
import { SegmentEntry } from "../../../src/database/segments/segment_entry.ts";
import { setText } from "./entries.ts";
import { openFile, packedIn, sealAll, soundModules } from "./sealing.ts";

const perSegment = 600;
const note = new Uint8Array(280).fill(120);

/** Segments of three blocks. */
const files = sealAll(
  soundModules,
  Array.from({ length: 5 * perSegment }, (_, at) => {
    const entry = Object.assign(new SegmentEntry(), {
      kind: 3,
      site: at % 7,
      index: at + 1,
      recordedAt: at,
      marked: 32,
    });
    setText(entry.note, note);
    return entry;
  }),
  perSegment,
);
const blocks = openFile(soundModules, files[0]).blocks;

/** The index of the first entry of a segment. */
function firstOf(number: number): number {
  return (number - 1) * perSegment + 1;
}

/** Reads the segments, and notes which block of which one. */
class NotingReader implements SegmentReader {
  readonly read: string[] = [];
  /** The segments that cannot be read. */
  readonly damaged = new Set<number>();
  readonly entries = nothingSealed.entries;
  readonly documents = nothingSealed.documents;
  readonly documentSegment = nothingSealed.documentSegment;

  segment(number: number) {
    return openFile(soundModules, files[number - 1]);
  }

  packed({ number }: SegmentPlace, block: number) {
    this.read.push(`${number}/${block}`);
    if (this.damaged.has(number)) throw new Error(`segment ${number} is damaged`);
    return packedIn(this.segment(number), files[number - 1], block);
  }
}

/** The class, as it is or as a mutant has it. */
export type OrdersClass = new (reader: SegmentReader, bytes?: { whole: number; part: number }) => IndexOrders;

interface Stage {
  readonly reader: NotingReader;
  readonly orders: IndexOrders;
  /** Asks for segments; says which of them are there. */
  ask(...numbers: number[]): number[];
  /** Asks for segments in each turn, which takes a millisecond, until one is there. Returns the turns. */
  until(wanted: number, ...others: number[]): number;
  nowMs: number;
}

function stage(Orders: OrdersClass): Stage {
  const reader = new NotingReader();
  const orders = new Orders(reader);
  const it: Stage = {
    reader,
    orders,
    nowMs: 0,
    ask: (...numbers) => numbers.filter((number) => orders.find(number, firstOf(number)) !== undefined),
    until(wanted, ...others) {
      for (let turns = 0;; turns++) {
        if (it.ask(wanted, ...others).includes(wanted)) return turns;
        assert(turns < 20_000);
        orders.step(it.nowMs++);
      }
    },
  };
  return it;
}

/** Each by what holds. */
export const orderChecks: Readonly<Record<string, (Orders: OrdersClass) => void>> = {
  "a step reads one block, and all who read a segment share it": (Orders) => {
    const { orders, reader, ask } = stage(Orders);
    assert(blocks > 2);
    assertEquals(ask(2, 2, 2), []);
    for (let block = 0; block < blocks; block++) {
      assertEquals(ask(2, 2), []);
      assert(orders.step(block));
      assertEquals(reader.read.length, block + 1);
    }
    assertEquals(ask(2, 2), [2, 2]);
    assertEquals(orders.step(10), false);
    const entry = new SegmentEntry();
    const order = orders.find(2, firstOf(2))!;
    for (let index = perSegment + 1; index <= 2 * perSegment; index++) {
      order.entry(index, entry);
      assertEquals([entry.index, entry.site, entry.note.length], [index, (index - 1) % 7, note.length]);
    }
  },

  "two segments are held, and those that wait take turns in the order in which they were asked for": (Orders) => {
    const it = stage(Orders);
    const { reader, ask } = it;
    it.until(1, 2, 3, 4);
    it.until(2, 1, 3, 4);
    // Somebody reads both, so the third one waits for as long as a segment is held.
    const begun = it.nowMs;
    it.until(3, 1, 2, 4);
    assert(it.nowMs - begun >= 900 && it.nowMs - begun < 1_100, `${it.nowMs - begun}`);
    assertEquals(ask(1, 2, 3, 4), [2, 3]);
    it.until(4, 1, 2, 3);
    assertEquals(ask(1, 2, 3, 4), [3, 4]);
    it.until(1, 2, 3, 4);
    assertEquals(ask(1, 2, 3, 4), [4, 1].sort());
    assertEquals(reader.read.length, 5 * blocks);
  },

  "a segment that nobody asks for gives way soon": (Orders) => {
    const it = stage(Orders);
    for (const number of [1, 2]) it.until(number);
    const turns = it.until(3, 2);
    assert(turns >= 90 && turns < 110, `${turns}`);
    assertEquals(it.ask(1, 2, 3), [2, 3]);
  },

  "what was begun for somebody who has gone is left if others wait": (Orders) => {
    const it = stage(Orders);
    it.ask(1);
    it.orders.step(it.nowMs++);
    it.until(2);
    assertEquals(it.reader.read.slice(0, 3), ["1/0", "2/0", "2/1"]);
    assertEquals(it.ask(1), []);
  },

  "a segment that nobody waits for any more is not read": (Orders) => {
    const it = stage(Orders);
    it.ask(1, 2);
    it.orders.step(it.nowMs++);
    for (const number of [1, 3]) it.until(number);
    assertEquals(it.reader.read.filter((block) => block.startsWith("2/")), []);
  },

  "the next segment is read ahead, where nobody is in its way": (Orders) => {
    const { orders, reader, ask, ...it } = stage(Orders);
    it.until(1);
    orders.find(1, 1, 2);
    for (let ms = 0; ms < blocks; ms++) assert(orders.step(ms));
    assertEquals(ask(2), [2]);
    // Both are asked for, so neither gives way to what nobody waits for.
    for (let ms = 10; ms < 3_000; ms++) {
      orders.find(1, 1, 3);
      orders.find(2, firstOf(2), 3);
      assertEquals(orders.step(ms), false);
    }
    assertEquals(reader.read.length, 2 * blocks);
  },

  "a segment that cannot be read is an error once it is asked for, and others are read; then it is tried again": (
    Orders,
  ) => {
    const it = stage(Orders);
    it.reader.damaged.add(2);
    it.until(1);
    assertEquals(it.ask(2), []);
    assert(it.orders.step(it.nowMs));
    const error = assertThrows(() => it.orders.find(2, firstOf(2)), Error);
    assertEquals([error.name, error.message], ["UnreadableError", "segment 2 is damaged"]);
    it.reader.damaged.clear();
    assertEquals(it.until(2), blocks);
  },

  "a segment that has changed is read again": (Orders) => {
    const it = stage(Orders);
    it.until(1);
    it.orders.forget(1);
    assertEquals(it.until(1), blocks);
  },

  "a segment that is too large is read in parts, each with the entries from the one that somebody waits for": (
    Orders,
  ) => {
    const reader = new NotingReader();
    const orders = new Orders(reader, { whole: 100_000, part: 50_000 });
    const entry = new SegmentEntry();
    const read: number[] = [];
    let parts = 0;
    for (let [index, nowMs] = [firstOf(2) + 7, 0]; index < firstOf(3); index++) {
      let order = orders.find(2, index);
      if (order === undefined) parts++;
      for (; order === undefined; order = orders.find(2, index)) assert(orders.step(nowMs += 200));
      const found = order.entry(index, entry);
      assertEquals([found.index, found.site, found.note.length], [index, (index - 1) % 7, note.length]);
      read.push(index);
    }
    assertEquals(read.length, perSegment - 7);
    assert(parts > 2 && parts < 6, `${parts} parts`);
    assertEquals(reader.read.length, parts * blocks);
  },
};
