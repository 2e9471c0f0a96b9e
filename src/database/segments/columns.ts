/**
 * The columns of a block of entries: what all of them have of one kind, side by side.
 *
 * A block, unpacked, is the bytes of each column: varints, in the order in which the footer names the columns, and then
 * the columns. One that nothing is in has no bytes. All numbers are varints.
 *
 * @module
 */

import { ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";

/**
 * The columns, in their order. The entries of a site that follow each other in a block are a run. Columns that look
 * alike stand together, as they are packed together ({@link pieceStarts}).
 *
 * | column        | of each        | what it has                                                                    |
 * |---------------|----------------|--------------------------------------------------------------------------------|
 * | `site`        | run            | the site, less that of the run before                                          |
 * | `count`       | run            | how many entries it has, less 1                                                |
 * | `before`      | run            | where the entries of the site before it are, see {@link beforeStates}          |
 * | `kind`        | entry          | a byte: its kind; in a report the tag of its value times 16, the unit times 64 |
 * | `marks`       | entry          | a byte: {@link entryMarks}                                                     |
 * | `value`       | count          | the count of a report (residuals)                                              |
 * | `who` to `by` | text           | 0: the number of the one before in its column; else its number and 1           |
 * | `zip`         | some entries   | of `added`, and of an `edited` that changes it                                 |
 * | `edits`       | `edited`       | a byte: `editMarks`                                                            |
 * | `into`        | merges         | the other site                                                                 |
 * | `of`, `shows` | marks          | of `retracted` and `redacted`: what the log has                                |
 * | `document`    | `documented`   | 0: it is among the texts; else 1 and the difference from the number before     |
 * | `length`      | text, document | bytes of each text that stands in its entry, and of each document              |
 * | `text`        | text           | the bytes of these texts                                                       |
 * | `reach`       | some runs      | the reach of the first entry (residuals)                                       |
 * | `first`       | run            | the index of the first entry (residuals)                                       |
 * | `step`        | other entry    | its index, less that of the entry before, less 1 (residuals)                   |
 * | `recordedAt`  | entry          | less what the anchors say (`anchors.ts`): a difference                         |
 * | `observedAt`  | some entries   | the time of what says it (residuals)                                           |
 * | `low`         | step           | where `step` is wide: its two lower bytes, the lowest first                    |
 *
 * A difference is a varint: twice its value, or if the value is below 0, twice its amount less 1.
 */
export const entryColumns = [
  "site",
  "count",
  "before",
  "kind",
  "marks",
  "value",
  "who",
  "source",
  "product",
  "by",
  "zip",
  "edits",
  "into",
  "of",
  "shows",
  "document",
  "length",
  "text",
  "reach",
  "first",
  "step",
  "recordedAt",
  "observedAt",
  "low",
] as const;

/** The columns that are packed together begin with these, and with the first one. */
export const pieceStarts: readonly EntryColumn[] = ["reach", "low"];

/** The name of a column. */
export type EntryColumn = typeof entryColumns[number];

/**
 * The bits of an entry in `marks`. In a report, `told` says that it is in `observedAt`: one that is not was observed
 * when it was recorded. In `documented`, the same bit says that it is extra.
 */
export const entryMarks = {
  who: 1,
  source: 2,
  note: 4,
  product: 8,
  by: 16,
  told: 32,
  extra: 32,
  outOfDate: 64,
  explicit: 128,
} as const;

/**
 * What `before` says in its lowest bits of the reach of the first entry of a run: it is its own observation; it is in
 * the column; or there is none yet. The bits above them are a link: 0: the run is the first one of its site; 1: the run
 * before ends the block before; d + 1: it is in the segment d before this one.
 */
export const beforeStates = { raised: 0, stored: 1, zero: 2, bits: 2, mask: 3 } as const;

/** A difference as a number from 0 on. */
export function folded(difference: number): number {
  return difference < 0 ? -2 * difference - 1 : 2 * difference;
}

/** Undoes {@link folded}. */
export function unfolded(value: number): number {
  // Most are small: then whole numbers do, in a fraction of the time.
  if (value < 2 ** 31) return (value & 1) === 0 ? value >>> 1 : ~(value >>> 1);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** The largest difference that can be folded. */
const differenceMax = 2 ** 52 - 1;

/** Times of feeds are often whole seconds. */
const scale = 1000;

/**
 * A column of differences from what is expected, by the way of expecting that takes the fewest bytes in this block.
 *
 * Its first byte is the number of the way times 2, and 1 if all differences were divided by 1,000. Each difference
 * follows. The first way of a plain column has no values below 0, and its values are not folded. They may be wide: then
 * the byte is 1, and the two lower bytes of each are in a column of their own. Bytes that are all different are not
 * packed into fewer, and would spoil those among which they stand.
 */
export class Residuals {
  readonly #ways: Float64Array[];
  readonly #isPlain: boolean;
  #count = 0;

  /**
   * @param ways how many ways there are.
   * @param countMax how many differences there may be.
   */
  constructor(ways: number, countMax: number, isPlain = false) {
    this.#ways = Array.from({ length: ways }, () => new Float64Array(countMax));
    this.#isPlain = isPlain;
  }

  /** Adds a difference by each way. */
  add(first: number, second: number, third = second): void {
    const ways = this.#ways;
    ways[0][this.#count] = first;
    if (ways.length > 1) ways[1][this.#count] = second;
    if (ways.length > 2) ways[2][this.#count] = third;
    this.#count++;
  }

  /** Writes what was added, and forgets it. @param low for the lower bytes, if the column may be wide. */
  write(writer: ByteWriter, low?: ByteWriter): void {
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return;
    let [best, bestDivisor, bestCost] = [-1, 1, Infinity];
    for (let way = 0; way < this.#ways.length; way++) {
      const values = this.#ways[way];
      const isFolded = !this.#isPlain || way > 0;
      const divisor = isFolded && areScaled(values, count) ? scale : 1;
      const cost = costOf(values, count, divisor, isFolded);
      if (cost < bestCost) [best, bestDivisor, bestCost] = [way, divisor, cost];
    }
    if (best < 0) throw new RangeError("Cannot seal entries whose numbers are further apart than 2^52");
    if (low !== undefined && bestCost > wideBytes * count) return writeWide(this.#ways[0], count, writer, low);
    writer.byte(2 * best + (bestDivisor === scale ? 1 : 0));
    const values = this.#ways[best];
    if (this.#isPlain && best === 0) {
      for (let at = 0; at < count; at++) writer.varint(values[at]);
    } else {
      for (let at = 0; at < count; at++) writer.varint(folded(values[at] / bestDivisor));
    }
  }
}

/** Bytes of a number of a wide column, about: two, and a high part that is 0 to 3 in most segments. */
const wideBytes = 2.25;

function writeWide(values: Float64Array, count: number, writer: ByteWriter, low: ByteWriter): void {
  writer.byte(1);
  for (let at = 0; at < count; at++) {
    const value = values[at];
    low.byte(value & 0xff);
    low.byte(value >>> 8 & 0xff);
    writer.varint(value >>> 16);
  }
}

function areScaled(values: Float64Array, count: number): boolean {
  for (let at = 0; at < count; at++) {
    if (values[at] % scale !== 0) return false;
  }
  return true;
}

/** About how many bytes differences take, packed: those that repeat the one before take none. */
function costOf(values: Float64Array, count: number, divisor: number, isFolded: boolean): number {
  let cost = 0;
  let before = NaN;
  for (let at = 0; at < count; at++) {
    const difference = values[at];
    if (difference === before) continue;
    before = difference;
    if (isFolded && Math.abs(difference) > differenceMax) return Infinity;
    const value = isFolded ? folded(difference / divisor) : difference;
    cost += value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 2 ** 28 ? 4 : 6;
  }
  return cost;
}

/** Reads a column that {@link Residuals} has written. */
export class ReadResiduals {
  readonly #reader: ByteReader;
  readonly #divisor: number;
  readonly #isFolded: boolean;
  readonly #low: ByteReader | undefined;
  /** The way of expecting that its differences belong to. */
  readonly way: number;

  /**
   * @param ways how many ways there are.
   * @param isPlain as in {@link Residuals}.
   * @param low the lower bytes, if the column may be wide.
   */
  constructor(reader: ByteReader, ways: number, isPlain: boolean, low?: ByteReader) {
    this.#reader = reader;
    const mode = reader.remaining === 0 ? 0 : reader.byte();
    this.way = mode >>> 1;
    this.#isFolded = !isPlain || this.way > 0;
    this.#low = mode === 1 ? low : undefined;
    this.#divisor = (mode & 1) === 0 || this.#low !== undefined ? 1 : scale;
    if (this.way >= ways || (this.#divisor === scale && !this.#isFolded)) {
      throw new DecodeError(`a column is of mode ${mode}`);
    }
  }

  /** The next difference. */
  next(): number {
    const value = this.#reader.varint();
    if (this.#low !== undefined) return this.#low.byte() + 2 ** 8 * this.#low.byte() + 2 ** 16 * value;
    return this.#isFolded ? unfolded(value) * this.#divisor : value;
  }
}

/** Numbers of texts and places of sites have 32 bits. */
export const numberMax: number = 2 ** 32 - 1;

/** A number from a block that must be from 0 to `max`. */
export function checked(value: number, max: number, what: string): number {
  if (value >= 0 && value <= max) return value;
  throw new DecodeError(`${what} is ${value}, and not from 0 to ${max}`);
}

const noBytes = new Uint8Array(0);

/** Readers of columns, used again and again: a block is read at once. */
const readers = Object.fromEntries(entryColumns.map((name) => [name, new ByteReader(noBytes)])) as Record<
  EntryColumn,
  ByteReader
>;

/**
 * Readers of the columns of a block, good until the next call; of one that the footer does not name, a reader of
 * nothing.
 */
export function readColumns(bytes: Uint8Array, names: readonly string[]): Record<EntryColumn, ByteReader> {
  for (const name of entryColumns) readers[name].begin(noBytes, 0, 0);
  const lengths = new ByteReader(bytes);
  let start = 0;
  for (let left = names.length; left > 0; left--) lengths.varint();
  const all = new ByteReader(bytes, lengths.position);
  lengths.begin(bytes, 0, lengths.position);
  for (const name of names as readonly EntryColumn[]) {
    start = all.position;
    all.skip(lengths.varint());
    readers[name].begin(bytes, start, all.position);
  }
  all.end();
  return readers;
}

/** Writes the columns of a block one after the other. Returns where its pieces begin, but the first. */
export function writeColumns(columns: readonly ByteWriter[], block: ByteWriter): number[] {
  block.clear();
  for (const { length } of columns) block.varint(length);
  const borders: number[] = [];
  for (const [at, column] of columns.entries()) {
    if (pieceStarts.includes(entryColumns[at])) borders.push(block.length);
    block.raw(column.view());
    column.clear();
  }
  return borders;
}
